"""Finance's books: any moment's balance down to its entries, a month that two people close, a week for the accounting."""

import csv
import io
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.journeys.busy_week import BusyWeek, in_a_quiet_week, is_engaged
from tests.journeys.coming_in import comes_by_invitation, joins
from tests.journeys.house import Person

PATIENCE_S = 120
BOOKS, MONTHS, JOURNALS, NAMES = "/books/", "/books/months/", "/books/journals/", "/books/names/"
SIGNERS, NO_LIMIT = "/pay/payday/signers/", {"limit_minor": None, "reason": "They know the house."}
INVOICES = "/invoices/"


@pytest.fixture(scope="module")
def quiet() -> Iterator[BusyWeek]:
    with in_a_quiet_week() as found:
        yield found


def finance(quiet: BusyWeek) -> tuple[Person, Person]:
    one, other = (quiet.comes_in(f"Finance, who {does}") for does in ("freezes", "approves"))
    return one, other


@pytest.mark.long_journey
def test_a_balance_is_followed_down_to_what_was_paid_for(quiet: BusyWeek) -> None:
    one, _ = finance(quiet)
    page = one.opens(BOOKS)
    assert "It agrees" in page.text
    said = one.does("GET", "books/trial-balance")
    (usd,) = said["currencies"]
    assert (said["differs"], usd["difference"]["amount_minor"]) == ([], 0)
    lines = rows(one.gets("/books/trial-balance.csv"))
    fees = next(line for line in lines if line["Account"] == "Platform fees")
    assert fees["Credit balance"] in page.text.replace(",", "")

    behind = one.opens(page.link("/books/accounts/usd/performer_payable/"))
    account = one.opens(behind.link(r"/performer_payable/prf_"))
    assert "Hours approved" in account.text
    line = one.opens(account.link("/lines/|/week/|/time"))
    assert line.status == 200
    whose = one.does("GET", "books/accounts/usd/performer_payable")["data"][0]["owner"]
    entries = one.does("GET", f"books/accounts/usd/performer_payable/{whose}")["data"]
    assert all(sum(side["amount"]["amount_minor"] for side in entry["sides"]) == 0 for entry in entries)
    (paid_for,) = [entry for entry in entries if entry["event"] == "Hours approved"][:1]
    assert one.does("GET", f"explain/{paid_for['cause']}")["data"]

    before = one.opens(f"{BOOKS}?at=2026-01-01T00:00")
    assert "Nothing was posted before that" in before.text


@pytest.mark.long_journey
def test_a_week_is_invoiced_and_everybody_has_it_on_paper(quiet: BusyWeek) -> None:
    one, _ = finance(quiet)
    waits_long(one, INVOICES, "INV-")
    (owner, company), (other, others) = next_to_each_other(quiet, one)
    mine = f"/company/{company}/invoices/"
    page = owner.opens(owner.opens(f"/company/{company}/wallet/").link(mine))
    weeks = [row for row in owner.does("GET", f"companies/{company}/invoices")["data"] if row["week"]]
    invoice = next(row for row in weeks if row["kind"] == "invoice")
    owner.reads_in_mail(invoice["number"])
    shown = owner.opens(page.link(invoice["id"]))
    assert invoice["number"] in shown.text
    assert owner.gets(shown.link(r"document\.pdf")).startswith(b"%PDF-")
    *lines, total = rows(owner.gets(shown.link(r"document\.csv")))
    assert (
        sum(cents(line["Cost"]) for line in lines) == cents(total["Cost"]) == invoice["total"]["amount_minor"]
    )
    read = owner.does("GET", f"invoices/{invoice['id']}/lines?limit=100")["data"]
    assert [cents(line["Pay"]) for line in lines] == [line["pay"]["amount_minor"] for line in read]
    assert owner.does("GET", f"invoices/{invoice['id']}")["total"] == invoice["total"]

    # What came in less what was charged is what the wallet says there is: no other week has been charged yet.
    kept = owner.does("GET", f"companies/{company}/invoices?limit=100")["data"]
    came, charged = (
        sum(row["total"]["amount_minor"] for row in kept if (row["week"] is None) == is_payment)
        for is_payment in (True, False)
    )
    wallet = owner.does("GET", f"companies/{company}/wallet")
    has, owes = (
        sum(wallet[name]["amount_minor"] for name in names)
        for names in (("available", "set_aside", "withdrawing"), ("owed",))
    )
    assert came - charged == has - owes

    found = one.opens(f"{INVOICES}?q={invoice['number']}")
    assert invoice["number"] in one.opens(found.link(invoice["id"])).text
    assert [row["id"] for row in one.does("GET", f"invoices?q={invoice['number']}")["data"]] == [
        invoice["id"]
    ]
    assert other.opens(f"{mine}{invoice['id']}/").status == 404
    assert other.opens(f"/company/{others}/invoices/{invoice['id']}/document.pdf").status == 404
    other.is_refused("GET", f"invoices/{invoice['id']}", "not_found")
    other.is_refused("GET", f"invoices/{invoice['id']}/lines", "not_found")
    assert owner.opens(f"{mine}{invoice['id']}/document.csv").status == 200


UBL = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
BASIC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"


@pytest.mark.long_journey
def test_a_week_is_an_e_invoice_once_the_company_has_said_how_it_is_billed(quiet: BusyWeek) -> None:
    one, _ = finance(quiet)
    waits_long(one, INVOICES, "INV-")
    (owner, company), (other, _) = next_to_each_other(quiet, one)
    kept = owner.does("GET", f"companies/{company}/invoices?limit=100")["data"]
    invoice, receipt = (next(row for row in kept if row["kind"] == kind) for kind in ("invoice", "receipt"))
    path, ubl = f"/company/{company}/invoices/{invoice['id']}/", f"invoices/{invoice['id']}/ubl"
    details, billing = f"companies/{company}/billing-details", f"/company/{company}/billing/"
    assert owner.does("GET", details)["said_at"] is None
    owner.is_refused("GET", ubl, "billing_details_missing")
    shown = owner.opens(path)
    assert "Say first under which name and at which address" in shown.text
    says = {"name": "Kettle & <Sons>", "street": "Gasse 1", "city": "Berlin", "country": "DE"}
    peppol = {"address_scheme": "0088", "address_id": "7300010000002", "reference": "Cost centre 7"}
    form = owner.opens(shown.link(billing))
    refused = owner.sends(form, billing, **says, **peppol)
    assert "This is no number of that kind" in refused.text
    peppol["address_id"] = "7300010000001"
    assert "Saved." in owner.sends(refused, billing, **says, **peppol).text
    assert owner.opens(owner.opens(f"/company/{company}/invoices/").link(billing)).status == 200

    taken = owner.gets(owner.opens(path).link(r"document\.xml"))
    assert_it_adds_up(taken, invoice, owner.does("GET", f"invoices/{invoice['id']}/lines?limit=100")["data"])
    by_program = owner.asks("GET", ubl)
    assert (by_program.headers["Content-Type"], by_program.content) == ("application/xml", taken)
    # What is said later stands on what is issued later.
    said = owner.does("PUT", details, **says | {"name": "Another name"})
    assert (said["name"], said["address_id"]) == ("Another name", "")
    assert owner.asks("GET", ubl).content == one.asks("GET", ubl).content == taken
    owner.is_refused("PUT", details, "invalid", **says | {"vat_number": "123456788"})
    owner.is_refused("GET", f"invoices/{receipt['id']}/ubl", "no_e_invoice")
    other.is_refused("GET", ubl, "not_found")
    other.is_refused("GET", details, "not_found")
    assert other.opens(f"{path}document.xml").status == 404
    assert "Another name" in one.opens(billing).text


def assert_it_adds_up(taken: bytes, invoice: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """The XML says what the API says: each line with its net amount, their sum, what was paid and what is payable."""
    found = ElementTree.fromstring(taken)  # noqa: S314 -- of our own house
    assert found.findtext(f"{BASIC}ID") == invoice["number"]
    name = f"{UBL}AccountingCustomerParty/{UBL}Party/{UBL}PartyLegalEntity/{BASIC}RegistrationName"
    assert found.findtext(name) == "Kettle & <Sons>"
    told = found.findall(f"{UBL}InvoiceLine")
    ids = [each.findtext(f"{UBL}Item/{UBL}SellersItemIdentification/{BASIC}ID") for each in told]
    assert ids == [line["line"] for line in lines]
    nets = [cents(each.findtext(f"{BASIC}LineExtensionAmount") or "") for each in told]
    assert nets == [line["pay"]["amount_minor"] + line["fee"]["amount_minor"] for line in lines]
    totals = found.find(f"{UBL}LegalMonetaryTotal")
    assert totals is not None
    sums = {each.tag.removeprefix(BASIC): cents(each.text or "") for each in totals}
    assert sum(nets) == sums["LineExtensionAmount"] == sums["TaxInclusiveAmount"]
    assert sums["TaxInclusiveAmount"] == invoice["total"]["amount_minor"]
    assert sums["PrepaidAmount"] == invoice["paid"]["amount_minor"]
    assert sums["PayableAmount"] == sums["TaxInclusiveAmount"] - sums["PrepaidAmount"]


@pytest.mark.long_journey
def test_a_month_is_closed_by_two_and_opened_again_by_two(quiet: BusyWeek) -> None:
    one, other = finance(quiet)
    quiet.house.passes_to(a_day_after_this_month(quiet.house.now()))
    waits_long(one, MONTHS, "Propose to close")
    proposed = one.sends(one.opens(MONTHS), f"{MONTHS}propose/")
    assert "is proposed" in proposed.text
    other.reads_in_mail("Read its trial balance before you sign.")
    month = newest(one)
    seen = month["content_hash"]
    one.proves()
    one.is_refused("POST", f"books/months/{month['id']}/approve", "approver_is_proposer", content_hash=seen)
    closes = f"{MONTHS}{month['id']}"
    assert "Nothing" not in other.sends(other.opens(MONTHS), f"{closes}/decline/", answer="Look again.").text
    month = one.does("POST", "books/months", month=month["month"])
    gone = other.does("POST", f"books/months/{month['id']}/decline", answer="Once more.")
    assert gone["state"] == "declined"

    month = one.does("POST", "books/months", month=month["month"])
    closes = f"{MONTHS}{month['id']}"
    other.proves()
    assert "is closed" in other.sends(other.opens(MONTHS), f"{closes}/approve/").text
    one.is_refused("POST", "books/months", "month_closed", month=month["month"])

    asks = one.sends(one.opens(MONTHS), f"{closes}/reopen/", reason="A repair of the database.")
    assert "Somebody else in finance was told" in asks.text
    assert "stays closed" in other.sends(other.opens(MONTHS), f"{closes}/keep/", answer="Not needed.").text
    api = f"books/months/{month['id']}"
    assert one.does("POST", f"{api}/reopen", reason="It is.")["state"] == "reopening"
    assert other.does("POST", f"{api}/keep", answer="It is not.")["state"] == "closed"
    one.does("POST", f"{api}/reopen", reason="It is.")
    other.proves()
    assert "is open again" in other.sends(other.opens(MONTHS), f"{closes}/open/").text

    anew = one.does("POST", "books/months", month=month["month"])
    path = f"books/months/{anew['id']}"
    other.proves()
    assert other.does("POST", f"{path}/approve", content_hash=anew["content_hash"])["state"] == "closed"
    assert anew["content_hash"] == seen
    one.does("POST", f"{path}/reopen", reason="And over the API.")
    assert other.does("POST", f"{path}/open")["state"] == "reopened"


@pytest.mark.long_journey
def test_a_week_goes_into_the_accounting(quiet: BusyWeek) -> None:
    one, _ = finance(quiet)
    waits_long(one, JOURNALS, "Week of")
    week = next(
        row["week"]
        for row in one.does("GET", "books/journals")["data"]
        if len(one.does("GET", f"books/journals/{row['week']}")["data"]) > 2
    )
    path = f"{JOURNALS}{week}/"
    assert "cannot be exported yet" in one.opens(path).text
    for number, row in enumerate(one.does("GET", "books/names")["data"]):
        said = {"code": f"{200 + number}", "name": f"Callboard:{row['account']}", "tax_rate": "Tax Exempt"}
        one.does("PUT", f"books/names/{row['account']}", **said)
    kept = one.sends(one.opens(NAMES), NAMES, **{"performer_payable-role": "payable"})
    assert "Kept." in kept.text
    page = one.opens(path)
    assert "whom its lines name" in page.text
    fields = {"performer_payable-role": "payable", "performer_payable-party": "Performers"}
    one.sends(one.opens(NAMES), NAMES, **fields)
    page = one.opens(path)

    xero = rows(one.gets(page.link("xero-usd-1")))
    sums: dict[str, int] = defaultdict(int)
    for line in xero:
        sums[line["*Narration"]] += cents(line["*Amount"])
    assert set(sums.values()) == {0}
    assert len(xero) <= 300
    books = rows(one.gets(page.link("quickbooks-usd-1")))
    assert sum(cents(line["Debits"]) for line in books) == sum(cents(line["Credits"]) for line in books) > 0
    assert {line["Name"] for line in books if "payable" in line["AccountName"]} == {"Performers"}

    first = date.fromisoformat(week)
    days = f"first={first}&last={first + timedelta(days=6)}&currency=usd"
    ledger = rows(one.gets(f"/books/general-ledger.csv?{days}"))
    assert sum(cents(line["Debit"]) for line in ledger) == sum(cents(line["Credit"]) for line in ledger) > 0


@pytest.mark.long_journey
def test_the_register_of_a_payday_ties_to_its_run(quiet: BusyWeek) -> None:
    one, _ = finance(quiet)
    run = next(row for row in one.does("GET", "pay-runs")["data"] if row["state"] == "paid")
    page = one.opens(one.opens("/books/register/").link(run["id"]))
    assert "It ties to the run, to the cent" in page.text
    total = one.does("GET", f"pay-runs/{run['id']}/register/totals")
    assert (total["ties"], total["amount"]) == (True, run["total"])
    payees = one.does("GET", f"pay-runs/{run['id']}/register?limit=100")["data"]
    assert sum(row["amount"]["amount_minor"] for row in payees) == run["total"]["amount_minor"]
    lines = rows(one.gets(page.link(r"register\.csv")))
    assert len(lines) == len(payees) + 1
    assert cents(lines[-1]["To send"]) == run["total"]["amount_minor"]


@pytest.mark.long_journey
def test_a_performer_keeps_their_statements(quiet: BusyWeek) -> None:
    run = next(row for row in finance(quiet)[0].does("GET", "pay-runs")["data"] if row["state"] == "paid")
    me = next(
        each for each in map(quiet.performer, range(1, 17)) if each.does("GET", "me/statements")["data"]
    )
    item = me.does("GET", "me/statements")["data"][0]
    page = me.opens(f"/pay/statements/{item['id']}/")
    assert me.gets(page.link(r"statement\.pdf")).startswith(b"%PDF-")
    lines = rows(me.gets(page.link(r"statement\.csv")))
    sent = [line for line in lines if line["What"] == "Sent"]
    assert [cents(line["Amount"]) for line in sent] == [item["amount"]["amount_minor"]]
    sessions = [line for line in lines if line["Session"]]
    assert all(line["Seconds"] and line["Rate an hour"] and line["Transfer"] for line in sessions)
    year = me.opens(f"/pay/years/{run['paid_at'][:4]}/")
    assert me.gets(year.link(r"statement\.pdf")).startswith(b"%PDF-")
    whole = rows(me.gets(year.link(r"statement\.csv")))
    assert {line["Line"] for line in lines} <= {line["Line"] for line in whole}


def next_to_each_other(quiet: BusyWeek, one: Person) -> tuple[tuple[Person, str], tuple[Person, str]]:
    """The owner of a company that was invoiced a week, and another's."""
    invoiced = {row["company"] for row in one.does("GET", "invoices?limit=100")["data"] if row["week"]}
    owners = [quiet.owner(number) for number in range(1, 5)]
    first = next(each for each in owners if each[1] in invoiced)
    return first, next(each for each in owners if each[1] != first[1])


@pytest.mark.long_journey
def test_a_year_is_told_to_who_was_paid_and_to_who_files(quiet: BusyWeek) -> None:
    one, _ = finance(quiet)
    run = next(row for row in one.does("GET", "pay-runs")["data"] if row["state"] == "paid")
    year = run["paid_at"][:4]
    assert one.opens("/books/years/").status == 200
    page = one.opens(f"/books/years/{year}/")
    assert "The house files" in page.text
    payees = one.does("GET", f"books/years/{year}?limit=100")["data"]
    paid = rows(one.gets(page.link(r"paid\.csv")))
    boxes = {line["Payee id"]: cents(line["1099-NEC box 1a"]) for line in paid}
    assert boxes == {row["performer"]: row["compensation"]["amount_minor"] for row in payees}
    header = one.gets(page.link("1099-NEC/iris-1")).decode().splitlines()[0]
    assert "Box 1a - Nonemployee Compensation" in header

    me = next(
        each for each in map(quiet.performer, range(1, 17)) if each.does("GET", "me")["performer"] in boxes
    )
    said = {row["counts_as"]: row["amount"] for row in me.does("GET", f"me/years/{year}")["totals"]}
    assert said["compensation"]["amount_minor"] == boxes[me.does("GET", "me")["performer"]]
    assert "No form is due so far" in me.opens(f"/pay/years/{year}/").text
    assert me.opens(me.opens("/pay/").link("/pay/years/")).status == 200


@pytest.mark.long_journey
def test_a_large_run_takes_two_signatures_each_up_to_its_limit(quiet: BusyWeek) -> None:
    one, other = finance(quiet)
    admin, third = quiet.comes_in("The administrator"), Person(quiet.house, "Tertius Third")
    admin.proves()
    admin.does("POST", "staff/invitations", email=third.email, role="finance")
    comes_by_invitation(third)
    run = a_large_run(quiet, one)
    sign, back = f"pay-runs/{run['id']}/approve", f"pay-runs/{run['id']}/take-back"
    seen, shown = {"content_hash": run["content_hash"]}, f"/pay/payday/{run['id']}/"
    assert run["signatures_needed"] == 2

    signs_for(admin, other, "100.00")
    other.proves()
    assert "at most 100.00 USD" in other.opens(shown).text
    other.is_refused("POST", sign, "above_your_limit", **seen)
    admin.is_refused("POST", f"signers/{admin.does('GET', 'me')['id']}/limit", "own_limit", **NO_LIMIT)
    admin.does("POST", f"signers/{other.does('GET', 'me')['id']}/limit", **NO_LIMIT)

    other.proves()
    other.is_refused("POST", back, "not_signed")
    assert "You have signed" in other.sends(other.opens(shown), f"{shown}approve/").text
    third.waits_for("/notifications/", "needs one more signature")
    assert "is taken back" in other.sends(other.opens(shown), f"{shown}take-back/").text
    assert [row["name"] for row in other.does("POST", sign, **seen)["signatures"]] == [other.name]
    assert other.does("POST", back)["signatures"] == []
    assert other.does("POST", sign, **seen)["state"] == "frozen"
    assert other.name in third.opens(shown).text
    third.proves()
    assert "Approved." in third.sends(third.opens(shown), f"{shown}approve/").text
    third.waits_for(shown, "The run Paid")


def a_large_run(quiet: BusyWeek, one: Person) -> dict[str, Any]:
    """A bonus of 4,000.00 USD by two of a company, paid beside the weeks; frozen."""
    owner, company = quiet.owner(2)
    person, producer = quiet.performer(9), Person(quiet.house, "Prudence Second")
    owner.proves()
    owner.does("POST", f"companies/{company}/invitations", email=producer.email, role="producer")
    joins(producer)
    engagement = is_engaged(owner, person, quiet.posts_a_gig(owner, company, "A prize"))
    prize = {"amount_minor": 400_000, "currency": "usd"}
    bonus = {"engagement": engagement, "amount": prize, "reason": "The prize."}
    line = producer.does("POST", f"companies/{company}/bonuses", **bonus)["id"]
    owner.does("POST", f"pay-lines/{line}/approve")
    quiet.house.passes_to(quiet.house.now() + timedelta(minutes=2))
    chosen = {"performers": [person.does("GET", "me")["performer"]], "reason": "The prize."}
    run = one.does("POST", "pay-runs/off-cycle", **chosen)["id"]
    return one.does("POST", f"pay-runs/{run}/freeze")


def signs_for(admin: Person, signer: Person, limit: str) -> None:
    """Administration says for how much they sign; they are told. Each in finance reads it of each."""
    assert signer.name in signer.opens(SIGNERS).text
    admin.proves()
    path = f"{SIGNERS}{signer.does('GET', 'me')['id']}/"
    shown = admin.opens(admin.opens("/staff/").link(f"^{SIGNERS}$"))
    assert "Write" in admin.sends(shown, path, limit="a lot", reason="New here.").text
    assert "They were told." in admin.sends(admin.opens(SIGNERS), path, limit=limit, reason="New here.").text
    signer.waits_for("/notifications/", "How much you sign for has changed")
    said = {row["name"]: row["limit"] for row in admin.does("GET", "signers")["data"]}
    assert said[signer.name] == {"amount_minor": cents(limit), "currency": "usd"}


def a_day_after_this_month(now: datetime) -> datetime:
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=12, minute=0)
    return first.astimezone(UTC) + timedelta(days=1)


def newest(person: Person) -> dict[str, str]:
    row: dict[str, str] = person.does("GET", "books/months")["data"][0]
    return row


def waits_long(person: Person, path: str, words: str) -> None:
    """Days and weeks are summed once a minute."""
    deadline = time.monotonic() + PATIENCE_S
    while words not in (page := person.opens(path)).text:
        assert time.monotonic() < deadline, f"{words!r} never stands on {path}: {page.text[:2000]}"
        time.sleep(2)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def cents(text: str) -> int:
    return int(re.sub(r"\.", "", text) or 0)
