"""The pages that Stripe hosts: onboarding behind an account link, checkout, and the proof of an identity."""

import secrets
from dataclasses import dataclass

from payments.sandbox import books
from payments.sandbox.accounts import onboarding
from payments.sandbox.errors import ApiError
from payments.sandbox.money import checkout, invoice_collection
from payments.sandbox.pages import verify
from payments.sandbox.pages.html import Safe, field, fill, join, money, page, redirect, style
from payments.sandbox.test_values import GOOD_BANK, method_name
from payments.sandbox.wire import Json, Reply, Request, read_form
from payments.sandbox.world import World

_METHODS = (
    ("pm_card_visa", "Card 4242 4242 4242 4242: succeeds, available in two days"),
    ("pm_card_bypassPending", "Card 4000 0000 0000 0077: succeeds, available at once"),
    ("pm_card_chargeDeclinedInsufficientFunds", "Card 4000 0000 0000 9995: declined, insufficient funds"),
    ("pm_card_createDispute", "Card 4000 0000 0000 0259: succeeds, then disputed"),
    ("pm_card_createDisputeInquiry", "Card 4000 0000 0000 1976: succeeds, then the bank asks about it"),
    ("pm_usBankAccount_success", "Bank account 000123456789: clears in four days"),
    ("pm_usBankAccount_insufficientFunds", "Bank account 000222222227: fails, insufficient funds"),
    ("pm_usBankAccount_accountClosed", "Bank account 000111111113: fails, account closed"),
    ("pm_usBankAccount_dispute", "Bank account: clears, then disputed"),
)


def answer(world: World, request: Request) -> Reply | None:
    """A hosted page, or None when the path is none of theirs."""
    parts = request.path.strip("/").split("/")
    if parts[0] != "hosted":
        return None
    if parts[1:] == ["style.css"]:
        return style()
    # A preview that only asks for the head must not use up a link.
    if request.method not in ("GET", "POST"):
        return page("Not allowed", Safe("<h1>This page is read or sent.</h1>"), status=405)
    if len(parts) == 3 and parts[1] == "onboarding":
        return _onboarding(world, request, parts[2])
    if len(parts) == 3 and parts[1] == "checkout":
        return _checkout(world, request, parts[2])
    if len(parts) == 3 and parts[1] == "invoice":
        return _invoice(world, request, parts[2])
    if len(parts) == 3 and parts[1] == "verify":
        return verify.answer(world, request, parts[2])
    if len(parts) == 3 and parts[1] == "express":
        return _express(world, parts[2])
    return page("Not found", Safe("<h1>There is no such page here.</h1>"), status=404)


def _express(world: World, link_id: str) -> Reply:
    """What a performer sees of the own Stripe account: the balance and the payouts."""
    link = world.store.find(link_id, kind="sandbox.login_link")
    if link is None:
        return page("Not found", Safe("<h1>This link does not exist.</h1>"), status=404)
    held = books.held(world, account=link["account"], state="available")
    lines = [
        fill("<p class='total'>{amount}</p>", amount=money(sum(by_type.values()), currency))
        for currency, by_type in held.items()
    ]
    payouts = world.store.select(
        "account = ? AND kind = 'payout'", (link["account"],), tail="ORDER BY seq DESC LIMIT 20"
    )
    rows = [
        fill(
            "<li>{amount}: {status}{why}</li>",
            amount=money(payout["amount"], payout["currency"]),
            status=payout["status"].replace("_", " "),
            why=f", {payout['failure_message']}" if payout["failure_message"] else "",
        )
        for payout in payouts
    ]
    body = fill(
        "<h1>Your Stripe balance</h1>{lines}<h2>Payouts to your bank</h2>{rows}",
        lines=join(lines) if lines else Safe("<p>Nothing yet.</p>"),
        rows=fill("<ul>{rows}</ul>", rows=join(rows)) if rows else Safe("<p>None yet.</p>"),
    )
    return page("Your Stripe balance", body)


def _onboarding(world: World, request: Request, link_id: str) -> Reply:
    link = world.store.find(link_id, kind="sandbox.account_link")
    if link is None:
        return page("Not found", Safe("<h1>This link does not exist.</h1>"), status=404)
    account = world.store.find(link["account"], kind="account")
    if account is None or account["closed"]:
        return redirect(link["refresh_url"])
    if request.method == "POST":
        return _submit_onboarding(world, link, account, read_form(request.body.decode()))
    # A link opens once; who comes back to it is sent to where a new one is made.
    if link["state"] != "fresh" or link["expires_at"] <= world.clock.now():
        return redirect(link["refresh_url"])
    link |= {"state": "open", "token": secrets.token_urlsafe(16)}
    world.store.save(link)
    return _onboarding_form(link, account, {}, problem=None)


def _submit_onboarding(world: World, link: Json, account: Json, form: Json) -> Reply:
    if link["state"] != "open" or not secrets.compare_digest(str(form.pop("token", "")), link["token"]):
        return redirect(link["refresh_url"])
    values = {name: value for name, value in form.items() if value != ""}
    try:
        with world.store.transaction():
            onboarding.complete_onboarding(world, account, {**values, "complete": False})
    except ApiError as refusal:
        fresh = world.store.find(account["id"]) or account
        return _onboarding_form(link, fresh, form, problem=refusal.message)
    world.store.save({**link, "state": "done"})
    onboarding.tell_returned(world, account)
    if link["return_url"]:
        return redirect(link["return_url"])
    return page("Thank you", Safe("<h1>Thank you. You can close this window.</h1>"))


def _onboarding_form(link: Json, account: Json, form: Json, *, problem: str | None) -> Reply:
    person = account["individual"]
    bank = GOOD_BANK.get(account["country"], GOOD_BANK["us"])
    name = " ".join(part for part in (person.get("given_name"), person.get("surname")) if part)
    dob = person.get("dob") or {}
    fields = [
        field("Legal name", "legal_name", form.get("legal_name", name)),
        field("Date of birth", "dob", form.get("dob", _date(dob)), kind="date"),
        field(
            "Address",
            "address_line1",
            form.get("address_line1", person.get("address", {}).get("line1", "")),
            hint="Test values: address_full_match, address_no_match",
        ),
        field(
            "Social security or other identity number",
            "id_number",
            form.get("id_number", ""),
            hint="Test values: 000000000 matches, 111111111 does not",
        ),
    ]
    if account["country"] in ("us", "gb"):
        label, key = (
            ("Routing number", "routing_number") if account["country"] == "us" else ("Sort code", "sort_code")
        )
        fields += [
            field(label, key, form.get(key, ""), hint=f"Test value: {bank['routing_number']}"),
            field("Account number", "account_number", form.get("account_number", ""),
                  hint=f"Test value: {bank['account_number']}"),
        ]  # fmt: skip
    else:
        fields.append(
            field("IBAN", "iban", form.get("iban", ""), hint=f"Test value: {bank['account_number']}")
        )
    if any("documents" in name for name in account["owed"]):
        hint = "Test values: file_identity_document_success, file_identity_document_failure"
        fields.append(field("Identity document", "document", hint=hint))
    body = fill(
        "<h1>Get set up to be paid</h1><p>{who}To pay you, Stripe needs to know who you are and where your money "
        "should go.</p>{still}{problem}<form method='post'><input type='hidden' name='token' value='{token}'>"
        "{fields}<button>Agree and submit</button></form>",
        who=f"Hello {account['display_name']}. " if account["display_name"] else "",
        still=_still_owed(account),
        problem=fill("<p class='problem' role='alert'>{problem}</p>", problem=problem)
        if problem
        else Safe(""),
        token=link["token"],
        fields=join(fields),
    )
    return page("Get set up to be paid", body, status=400 if problem else 200)


def _still_owed(account: Json) -> Safe:
    """What a person who comes back is asked for; a first visit asks for everything anyway."""
    if not account["details_submitted"] or not account["owed"]:
        return Safe("")
    items = [
        fill("<li>{name}</li>", name=name.rpartition(".")[2].replace("_", " ")) for name in account["owed"]
    ]
    return fill(
        "<p>What is still missing; what you gave before stays:</p><ul>{items}</ul>", items=join(items)
    )


def _date(dob: Json) -> str:
    return f"{dob['year']:04d}-{dob['month']:02d}-{dob['day']:02d}" if dob else ""


def _checkout(world: World, request: Request, session_id: str) -> Reply:
    session = world.store.find(session_id, kind="checkout.session")
    if session is None:
        return page("Not found", Safe("<h1>This page does not exist.</h1>"), status=404)
    if session["status"] != "open":
        return page(
            "Checkout", fill("<h1>This checkout is {status}.</h1>", status=session["status"]), status=410
        )
    bill = Bill(
        what=", ".join(item["description"] for item in session["_items"]),
        amount=money(session["amount_total"], session["currency"]),
        methods=session["_methods"],
        email=session["customer_email"] or "",
        cancel_url=session["cancel_url"],
    )
    if request.method != "POST":
        return _pay_form(bill, problem=None)
    form = read_form(request.body.decode())
    email = str(form.get("email") or "") or None
    try:
        checkout.pay_session(world, session, named=_chosen(form), email=email)
    except ApiError as refusal:
        return _pay_form(bill, problem=refusal.message)
    return redirect((session["success_url"] or "/").replace("{CHECKOUT_SESSION_ID}", session["id"]))


def _invoice(world: World, request: Request, invoice_id: str) -> Reply:
    invoice = world.store.find(invoice_id, kind="invoice")
    if invoice is None or invoice["status"] == "draft":
        return page("Not found", Safe("<h1>This page does not exist.</h1>"), status=404)
    if invoice["status"] != "open":
        return page("Invoice", fill("<h1>This invoice is {status}.</h1>", status=invoice["status"]))
    bill = Bill(
        what=f"invoice {invoice['number']}",
        amount=money(invoice["amount_remaining"], invoice["currency"]),
        methods=invoice["payment_settings"]["payment_method_types"] or ["card", "us_bank_account"],
        email=invoice["customer_email"] or "",
        cancel_url=None,
    )
    if request.method != "POST":
        return _pay_form(bill, problem=None)
    try:
        invoice_collection.pay_invoice(world, invoice, named=_chosen(read_form(request.body.decode())))
    except ApiError as refusal:
        return _pay_form(bill, problem=refusal.message)
    return redirect(request.path)


def _chosen(form: Json) -> str:
    """The payment method that was chosen: a typed number goes before a pressed button."""
    typed = method_name(number=str(form["number"])) if form.get("number") else None
    return typed or str(form.get("payment_method", ""))


@dataclass(frozen=True, slots=True)
class Bill:
    """What a page asks to be paid, and how it may be."""

    what: str
    amount: str
    methods: list[str]
    email: str
    cancel_url: str | None


def _pay_form(bill: Bill, *, problem: str | None) -> Reply:
    offered = [(name, text) for name, text in _METHODS if _kind(name) in bill.methods]
    choices = [
        fill(
            "<label class='choice'><input type='radio' name='payment_method' value='{name}'{checked}>{text}</label>",
            name=name,
            text=text,
            checked=Safe(" checked") if index == 0 else Safe(""),
        )
        for index, (name, text) in enumerate(offered)
    ]
    cancel = (
        fill("<p><a href='{url}'>Go back without paying</a></p>", url=bill.cancel_url)
        if (bill.cancel_url or "").startswith(("http://", "https://"))
        else Safe("")
    )
    body = fill(
        "<h1>Pay: {what}</h1><p class='total'>{amount}</p>{problem}<form method='post'>"
        "<fieldset><legend>Pay with</legend>{choices}</fieldset>{number}{email}<button>Pay {amount}</button></form>"
        "{cancel}",
        what=bill.what,
        amount=bill.amount,
        problem=fill("<p class='problem' role='alert'>{problem}</p>", problem=problem)
        if problem
        else Safe(""),
        choices=join(choices),
        number=field("Or a test card or account number", "number"),
        email=field("Email for the receipt", "email", bill.email, kind="email"),
        cancel=cancel,
    )
    return page("Pay", body, status=402 if problem else 200)


def _kind(name: str) -> str:
    return "card" if name.startswith("pm_card") else "us_bank_account"
