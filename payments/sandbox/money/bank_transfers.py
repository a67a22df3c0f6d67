"""Bank transfers from customers: where they are sent, and what happens when one arrives."""

from payments.sandbox import errors
from payments.sandbox.money.amounts import check_amount, check_currency
from payments.sandbox.money.cash import move_cash
from payments.sandbox.money.invoice_collection import reconcile_cash
from payments.sandbox.router import Room
from payments.sandbox.wire import Json
from payments.sandbox.world import Call

room = Room()


@room.post("/v1/customers/{customer}/funding_instructions", "CustomerFundingInstructionsCreateParams")
def create_funding_instructions(call: Call) -> Json:
    """The bank account that belongs to this customer alone, to which it sends its bank transfers."""
    customer, params = call.own("customer", call.path["customer"]), call.params
    if params["bank_transfer"]["type"] != "us_bank_transfer":
        raise errors.refused(
            "This sandbox takes bank transfers in the United States only.", param="bank_transfer[type]"
        )
    address = {"city": "San Francisco", "country": "US", "line1": "1 Test Street", "line2": None,
               "postal_code": "94103", "state": "CA"}  # fmt: skip
    record: Json = {
        "account_holder_address": address,
        "account_holder_name": "Sandbox platform",
        "account_number": f"1{int.from_bytes(customer['id'].encode()) % 10**11:011d}",
        "account_type": "checking",
        "bank_address": address,
        "bank_name": "STRIPE TEST BANK",
        "routing_number": "110000000",
    }
    return {
        "object": "funding_instructions",
        "bank_transfer": {
            "country": "US",
            "financial_addresses": [
                {"aba": record, "supported_networks": ["ach", "domestic_wire_us"], "type": "aba"}
            ],
            "type": "us_bank_transfer",
        },
        "currency": check_currency(params["currency"]),
        "funding_type": "bank_transfer",
        "livemode": False,
    }


@room.post(
    "/v1/test_helpers/customers/{customer}/fund_cash_balance", "test_helpers.CustomerFundCashBalanceParams"
)
def fund_cash_balance(call: Call) -> Json:
    """A bank transfer from the customer arrives; open invoices that take bank transfers are paid from it."""
    customer, params = call.own("customer", call.path["customer"]), call.params
    amount, currency = check_amount(params["amount"]), check_currency(params["currency"])
    bank_transfer: Json = {
        "reference": params.get("reference"),
        "type": "us_bank_transfer",
        "us_bank_transfer": {"network": "ach", "sender_name": customer["name"]},
    }
    transaction = move_cash(
        call.world,
        customer,
        amount=amount,
        currency=currency,
        kind="funded",
        details={"bank_transfer": bank_transfer},
    )
    reconcile_cash(call.world, customer["id"], currency=currency)
    return transaction
