"""Automatic payouts: carrying out what an account's schedule says."""

from payments.sandbox import books
from payments.sandbox.accounts import capabilities
from payments.sandbox.money import payouts, schedules
from payments.sandbox.world import World


def run_automatic_payout(world: World, account_id: str) -> None:
    """The clock's work: pay out what is available above the minimum, in every currency the bank takes."""
    account = world.store.find(account_id)
    if account is None or account["closed"]:
        return
    schedules.plan_next_payout(world, account)
    bank = capabilities.bank_of(world, account)
    if bank is None or bank["status"] == "errored" or not schedules.may_pay_out(world, account):
        return
    currency = bank["currency"]
    amount = books.available(world, account=account_id, currency=currency)
    amount -= account["minimum_balance"].get(currency, 0)
    if amount > 0:
        payouts.pay_out(world, account, bank=bank, amount=amount, currency=currency, automatic=True)


DUE = {"automatic_payout": run_automatic_payout}
