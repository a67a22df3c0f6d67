"""Checkout sessions of mode `payment`, and paying them on the hosted page or by a control."""

from payments.sandbox import errors
from payments.sandbox.lists import embedded_list, list_objects
from payments.sandbox.metadata import merge_metadata
from payments.sandbox.money import payment_intents
from payments.sandbox.money.amounts import check_currency
from payments.sandbox.money.payment_methods import use_method
from payments.sandbox.router import Room
from payments.sandbox.webhooks import events
from payments.sandbox.wire import Json
from payments.sandbox.world import DAY_S, Call, World

room = Room()


@room.post("/v1/checkout/sessions", "checkout.SessionCreateParams")
def create_session(call: Call) -> Json:
    """A page on which a company pays; the PaymentIntent is made when it pays, as Stripe does."""
    params, world = call.params, call.world
    if params.get("mode") != "payment":
        raise errors.invalid("This sandbox keeps Checkout sessions of mode payment only.", param="mode")
    if not params.get("line_items"):
        raise errors.invalid(
            "Missing required param: line_items.", param="line_items", code="parameter_missing"
        )
    items, currency = _line_items(call)
    total = sum(item["amount_total"] for item in items)
    session_id = f"cs_test_{world.ids.new('cs')[3:]}"
    session = _new_session(call, session_id, currency=currency, total=total)
    session |= {"_items": items, "_intent": _intent_data(params), "_methods": session["payment_method_types"]}
    world.store.add(session, account=call.account)
    world.store.schedule(at=session["expires_at"], what="checkout_expires", ref=session_id)
    return session


def _line_items(call: Call) -> tuple[list[Json], str]:
    items, currencies = [], set()
    for given in call.params["line_items"]:
        price = given.get("price_data")
        if price is None or "unit_amount" not in price:
            raise errors.invalid(
                "This sandbox needs `price_data` with `unit_amount` on each line item.", param="line_items"
            )
        currencies.add(check_currency(price["currency"], param="line_items[0][price_data][currency]"))
        quantity, name = given.get("quantity", 1), (price.get("product_data") or {}).get("name", "Payment")
        amount = price["unit_amount"] * quantity
        items.append(_line_item(call.world, price, name=name, quantity=quantity, amount=amount))
    if len(currencies) != 1:
        raise errors.invalid(
            "All prices on a Checkout Session must use the same currency.", param="line_items"
        )
    return items, currencies.pop()


def _line_item(world: World, price: Json, *, name: str, quantity: int, amount: int) -> Json:
    currency = price["currency"].lower()
    return {
        "id": world.ids.new("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": currency,
        "description": name,
        "metadata": None,
        "price": {
            "id": world.ids.new("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": world.now(),
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": price.get("product") or world.ids.new("prod"),
            "recurring": None,
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": price["unit_amount"],
            "unit_amount_decimal": str(price["unit_amount"]),
        },
        "quantity": quantity,
    }


def _intent_data(params: Json) -> Json:
    data = params.get("payment_intent_data") or {}
    return {
        "metadata": merge_metadata({}, data.get("metadata")),
        "transfer_group": data.get("transfer_group"),
        "fields": {
            name: data[name]
            for name in (
                "description",
                "receipt_email",
                "statement_descriptor",
                "statement_descriptor_suffix",
            )
            if name in data
        },
    }


def _new_session(call: Call, session_id: str, *, currency: str, total: int) -> Json:
    params, world = call.params, call.world
    methods = [
        name
        for name in params.get("allowed_payment_method_types", ["card", "us_bank_account"])
        if name not in params.get("excluded_payment_method_types", [])
    ]
    return {
        "id": session_id,
        "object": "checkout.session",
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": world.now(),
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer": params.get("customer"),
        "customer_account": None,
        "customer_creation": params.get("customer_creation", "if_required"),
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "discounts": None,
        "expires_at": params.get("expires_at", world.now() + DAY_S),
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": None,
        "metadata": merge_metadata({}, params.get("metadata")),
        "mode": "payment",
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": methods,
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": params.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{world.options.base_url}/hosted/checkout/{session_id}",
        "wallet_options": None,
    }


def pay_session(world: World, session: Json, *, named: str, email: str | None = None) -> Json:
    """Pay an open session with a test payment method.

    A card completes and pays it; a bank debit completes it unpaid until the debit clears. Raises card_error when
    the card is declined: the session stays open, so that another card can be tried.
    """
    account = world.store.owner(session["id"]) or ""
    if session["status"] != "open":
        raise errors.refused(
            f"This Checkout Session is {session['status']}.", code="checkout_session_not_open"
        )
    intent = world.store.find(session["payment_intent"] or "", kind="payment_intent")
    if intent is None:
        intent = payment_intents.new_intent(
            world,
            account=account,
            amount=session["amount_total"],
            currency=session["currency"],
            methods=session["_methods"],
            customer=session["customer"],
            **session["_intent"],
        )
        session["payment_intent"] = intent["id"]
        world.store.db.execute("UPDATE object SET ref = ? WHERE id = ?", (intent["id"], session["id"]))
        world.store.save(session)
    document, _ = use_method(world, account=account, named=named)
    intent = payment_intents.confirm(world, intent, account=account, named=document["id"])
    session |= {
        "status": "complete",
        "payment_status": "paid" if intent["status"] == "succeeded" else "unpaid",
        "url": None,
        "customer_details": {
            "address": None,
            "business_name": None,
            "email": email or session["customer_email"] or "payer@example.com",
            "individual_name": None,
            "name": None,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    }
    world.store.save(session)
    events.record(world, "checkout.session.completed", session, account=account)
    return session


def expire(world: World, session_id: str) -> None:
    """The clock's work: an open session is over."""
    session = world.store.find(session_id, kind="checkout.session")
    if session is not None and session["status"] == "open":
        session |= {"status": "expired", "url": None}
        world.store.save(session)
        events.record(world, "checkout.session.expired", session, account=world.store.owner(session_id) or "")


@room.get("/v1/checkout/sessions", "checkout.SessionListParams")
def list_sessions(call: Call) -> Json:
    params = call.params
    return list_objects(
        call,
        kind="checkout.session",
        url="/v1/checkout/sessions",
        ref=params.get("payment_intent"),
        status=params.get("status"),
        customer=params.get("customer"),
    )


@room.get("/v1/checkout/sessions/{session}", "checkout.SessionRetrieveParams")
def retrieve_session(call: Call) -> Json:
    session = call.own("checkout.session", call.path["session"])
    if "line_items" in call.params.get("expand", []):
        session["line_items"] = embedded_list(
            session["_items"], url=f"/v1/checkout/sessions/{session['id']}/line_items"
        )
    return session


@room.get("/v1/checkout/sessions/{session}/line_items", "checkout.SessionLineItemListParams")
def list_line_items(call: Call) -> Json:
    session = call.own("checkout.session", call.path["session"])
    return embedded_list(session["_items"], url=f"/v1/checkout/sessions/{session['id']}/line_items")


@room.post("/v1/checkout/sessions/{session}/expire", "checkout.SessionExpireParams")
def expire_session(call: Call) -> Json:
    session = call.own("checkout.session", call.path["session"])
    if session["status"] != "open":
        raise errors.refused(
            f'Only Checkout Sessions with a status in ["open"] can be expired; this one is {session["status"]}.'
        )
    expire(call.world, session["id"])
    return call.own("checkout.session", session["id"])


DUE = {"checkout_expires": expire}
