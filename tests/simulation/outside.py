"""What happens outside while the house works: time goes by, Stripe and performers act, money leaves, events lie."""

from collections.abc import Callable
from random import Random

import stripe

from payments.gateway import balance
from payments.gateway.client import client, speaking_through
from payments.sandbox.inprocess import InProcessClient
from tests.simulation.points import Leaning
from tests.simulation.stage import Stage

GOOD_ACCOUNTS = {"Ada": "000123456781", "Ben": "000123456782"}
# How far the clock jumps: a little; to about the day that Stripe remembers a key; past the weekend.
SOON_H = (0.02, 0.05, 0.2, 0.6, 2.0, 9.0)
BRINK_H = (22.7, 22.98, 23.05, 23.9, 24.1, 25.05, 26.5)
DAYS_H = (40.0, 66.0, 70.0)
# What leaves the balance: most of it, or all but what nobody's pay fits into.
MOST = (-85_000, -95_000)
NEARLY_ALL = (-99_500, -99_900)


class Outside:
    """Everything that is not the house, thrown with the story's dice. `gone` is what left the balance and is not back."""

    def __init__(self, stage: Stage, *, rng: Random, leaning: Leaning, note: Callable[[str], None]) -> None:
        self.stage, self.world = stage, stage.world
        self.rng, self.leaning, self.note = rng, leaning, note
        self.gone = 0

    def pass_time(self, *, seconds: float) -> None:
        """Time goes by, and what is late arrives in its time."""
        while seconds:
            step = min(seconds, self.stage.wire.next_arrival_s())
            self.world.wait(seconds=step)
            self.stage.wire.carry_out_late()
            seconds -= step

    def something_happens(self) -> None:
        happens = {
            "jump": (6, self.time_jumps),
            "restrict": (2, self._stripe_restricts),
            "bank": (1, self._bank_changes),
            "money": (1, self.money_goes),
            "reversal": (1, self._transfer_is_reversed),
            "payout": (1, self._payout_fails),
            "untrue": (2, self._untrue_event),
        }
        weights = [weight + self.leaning.events.get(name, 0) for name, (weight, _) in happens.items()]
        self.rng.choices([do for _, do in happens.values()], weights=weights)[0]()

    def time_jumps(self) -> None:
        dice = self.rng.random()
        far = DAYS_H if dice < self.leaning.days else SOON_H
        hours = self.rng.choice(BRINK_H if dice < self.leaning.brink else far)
        self.note(f"{hours} hours pass")
        self.pass_time(seconds=hours * 3600)

    def _stripe_restricts(self) -> None:
        name = self.rng.choice(["Ada", "Ben"])
        verb = self.rng.choice(["restrict", "restrict", "enable"])
        self.note(f"Stripe: {verb} {name}")
        self.stripe_does(verb, name)

    def _bank_changes(self) -> None:
        name = self.rng.choice(["Ada", "Ben"])
        self.note(f"{name} has another bank account")
        path = f"accounts/{self._account(name)}/onboard"
        self.world.control(path, routing_number="110000000", account_number=GOOD_ACCOUNTS[name])

    def money_goes(self) -> None:
        """Money leaves the platform's balance, or comes back: refusals for want of money."""
        leaves = NEARLY_ALL if self.leaning.poor else MOST
        amount = -self.gone if self.gone else self.rng.choice(leaves)
        self.note(f"{amount} on the balance")
        with speaking_through(InProcessClient(self.world.sandbox)):
            platform = balance.platform_account_id()
        self.world.control("balance", account=platform, amount=amount, currency="usd")
        self.gone += amount
        self.world.ahead_minor += amount

    def _transfer_is_reversed(self) -> None:
        made = [transfer for transfer in self.world.books()["transfers"] if not transfer["reversed"]]
        if made:
            transfer = self.rng.choice(made)
            amount = self.rng.choice([transfer["amount"], transfer["amount"] // 2])
            self.note(f"{amount} of {transfer['id']} is reversed")
            with speaking_through(InProcessClient(self.world.sandbox)):
                try:
                    client().v1.transfers.reversals.create(transfer["id"], {"amount": amount})
                except stripe.StripeError as refusal:
                    self.note(f"refused: {refusal.code}")

    def _payout_fails(self) -> None:
        out = [
            payout
            for payout in self.world.books()["payouts"]
            if payout["status"] in ("pending", "in_transit", "paid")
        ]
        if out:
            self.note("a payout fails")
            self.world.control(f"payouts/{self.rng.choice(out)['id']}/fail", code="account_frozen")

    def _untrue_event(self) -> None:
        """Signed by the right secret, and not so."""
        made = self.world.books()["transfers"] or [{"id": "tr_nowhere", "amount": 1}]
        transfer = self.rng.choice(made)
        told = {"id": transfer["id"], "object": "transfer", "reversed": True, "amount": transfer["amount"] + 1,
                "amount_reversed": transfer["amount"], "currency": "usd", "destination": "acct_1",
                "transfer_group": transfer.get("transfer_group", ""), "metadata": {}, "created": 1,
                "livemode": False}  # fmt: skip
        kind = self.rng.choice(["transfer.reversed", "transfer.updated"])
        self.note(f"an untrue {kind} of {transfer['id']}")
        self.world.deliver_event(kind, told, event_id=f"evt_untrue_{self.rng.random()}")

    def stripe_does(self, verb: str, name: str) -> None:
        self.world.control(f"accounts/{self._account(name)}/{verb}")

    def _account(self, name: str) -> str:
        return self.world.account_of(self.stage.people[name]).stripe_id
