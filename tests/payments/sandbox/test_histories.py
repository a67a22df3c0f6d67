"""Whatever is asked, in whatever order and with whatever faults: the books balance and a key pays once."""

import contextlib

import stripe
from hypothesis import given, settings
from hypothesis import strategies as st

from payments.sandbox.faults import AFTER, BEFORE
from payments.sandbox.sandbox import Sandbox
from tests.payments.sandbox.conftest import Stage

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), st.integers(1, 20_000), st.integers(0, 5)),
        st.tuples(st.just("reverse"), st.integers(1, 20_000), st.integers(0, 5)),
        st.tuples(st.just("pay_out"), st.integers(1, 20_000), st.integers(0, 1)),
        st.tuples(st.just("refund"), st.integers(1, 20_000), st.integers(0, 5)),
        st.tuples(st.just("fault"), st.integers(0, 8), st.integers(0, 3)),
        st.tuples(st.just("wait"), st.integers(0, 5 * 86_400), st.just(0)),
        st.tuples(st.just("dispute"), st.integers(0, 5), st.just(0)),
    ),
    max_size=25,
)
_KEY_LIVES_S = 23 * 3_600
FAULTS = sorted((BEFORE | AFTER) - {"refuse"})
ON = ("POST /v1/transfers", "POST /v1/transfers/*", "POST /v1/payouts", "POST /v1/refunds")


class History:
    """A platform, one good account and one whose bank bounces, and the steps that befall them."""

    def __init__(self) -> None:
        self.stage = Stage(Sandbox(seed="history"))
        self.stage.fund(50_000)
        bouncing = {"routing_number": "110000000", "account_number": "000111111113"}
        self.accounts = [self.stage.performer(), self.stage.performer(bouncing)]
        self.meant: dict[str, tuple[int, str]] = {}
        self.sent_at: dict[str, float] = {}

    def pay(self, amount: int, key: int) -> None:
        """Always the same amount and account for a key, as a payroll would; tried again as often as it comes up,
        but not once a day has passed, when Stripe forgets keys."""
        name, now = f"k{key}", self.stage.sandbox.world.clock.now()
        if now - self.sent_at.setdefault(name, now) > _KEY_LIVES_S:
            return
        amount, account = self.meant.setdefault(name, (amount, self.accounts[key % 2]))
        self.stage.pay(account, amount, key=name, transfer_group=name)

    def reverse(self, amount: int, index: int) -> None:
        made = self.stage.books()["transfers"]
        if made:
            self.stage.client.v1.transfers.reversals.create(made[index % len(made)]["id"], {"amount": amount})

    def pay_out(self, amount: int, index: int) -> None:
        options: stripe.RequestOptions = {"stripe_account": self.accounts[index]}
        self.stage.client.v1.payouts.create({"amount": amount, "currency": "usd"}, options)

    def refund(self, amount: int, _: int) -> None:
        charge = self.stage.books()["charges"][0]["id"]
        self.stage.client.v1.refunds.create({"charge": charge, "amount": amount})

    def fault(self, kind: int, on: int) -> None:
        self.stage.control("faults", {"on": ON[on], "do": FAULTS[kind % len(FAULTS)], "hang_s": 0})

    def wait(self, seconds: int, _: int) -> None:
        self.stage.later(seconds=seconds)

    def dispute(self, _: int, __: int) -> None:
        charge = self.stage.books()["charges"][0]
        if not self.stage.client.v1.charges.retrieve(charge["id"]).disputed:
            self.stage.control(f"charges/{charge['id']}/dispute")


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_the_books_balance_and_a_key_pays_once(steps: list[tuple[str, int, int]]) -> None:
    history = History()
    for verb, first, second in steps:
        # Refused or broken on order: what counts is what the books say afterwards.
        with contextlib.suppress(stripe.StripeError):
            getattr(history, verb)(first, second)
        books = history.stage.books()
        assert books["problems"] == []
    groups = [transfer["transfer_group"] for transfer in books["transfers"]] if steps else []
    assert len(groups) == len(set(groups))
    for transfer in history.stage.books()["transfers"]:
        assert (transfer["amount"], transfer["destination"]) == history.meant[transfer["transfer_group"]]
    for account in history.accounts:
        assert history.stage.available(account) >= 0
    history.stage.sandbox.close()
