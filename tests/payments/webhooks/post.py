"""The post: true webhooks caught on their way out of the sandbox, and everything that a forger makes of them."""

import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.test import Client

from payments.gateway.webhooks import TOLERANCE_S
from payments.webhooks.doors import LARGEST
from tests.payments.world import World

HOUSE = "http://house.test/webhooks/stripe/"
DOORS = ("platform", "connect", "thin")


@dataclass(frozen=True)
class Letter:
    """One delivery as it reaches a door. `kind` is what was done to it; `answer` what the house must say."""

    kind: str
    door: str
    body: bytes
    signature: str
    answer: int = 400

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def deliver(self, client: Client) -> int:
        headers = {"Stripe-Signature": self.signature} if self.signature else {}
        path = f"/webhooks/stripe/{self.door}"
        sent = client.post(path, self.body, content_type="application/json", headers=headers)
        return sent.status_code


def listen(world: World) -> None:
    """Let the sandbox send every event to the house's three doors."""
    for door in DOORS:
        secret = settings.STRIPE_WEBHOOK_SECRETS[door]
        world.control("webhooks/endpoints", url=HOUSE + door, secret=secret, kind=door, enabled_events=["*"])


def caught(world: World) -> list[Letter]:
    """What the sandbox has sent since, taken out of the post."""
    letters: list[Letter] = []

    def take(url: str, headers: dict[str, str], body: bytes) -> int:
        letters.append(Letter("true", url.removeprefix(HOUSE), body, headers["Stripe-Signature"], answer=204))
        return 200

    while world.sandbox.deliver(take):
        pass
    return letters


def mac(body: bytes, *, door: str, at: int, secret: str = "") -> str:
    key = secret or settings.STRIPE_WEBHOOK_SECRETS[door]
    return hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def signed(letter: Letter, *, ago_s: int = 0, secret: str = "", door: str = "") -> Letter:
    """As Stripe signs it, or as somebody with another secret does."""
    at = int(time.time()) - ago_s
    return replace(
        letter, signature=f"t={at},v1={mac(letter.body, door=door or letter.door, at=at, secret=secret)}"
    )


@dataclass
class Forger:
    """Makes wrong letters from true ones, always the same from a seed."""

    seed: int
    chance: random.Random = field(init=False)
    made: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def of(self, kind: str, true: Letter) -> Letter:
        """One letter of a kind, made from a true one."""
        make: Callable[[Letter], Letter] = getattr(self, kind.replace(" ", "_").lower())
        return replace(make(signed(true)), kind=kind)

    def _refused(self, letter: Letter) -> Letter:
        return replace(letter, answer=400)

    # --- not Stripe's, or no longer what Stripe signed

    def with_another_secret(self, true: Letter) -> Letter:
        secret = self.chance.choice(
            [f"whsec_{self.chance.getrandbits(96):x}", "whsec_", "whsec_test", true.door]
        )
        return self._refused(signed(true, secret=secret))

    def with_a_flipped_bit(self, true: Letter) -> Letter:
        body = bytearray(true.body)
        body[self.chance.randrange(len(body))] ^= 1 << self.chance.randrange(8)
        return self._refused(replace(true, body=bytes(body)))

    def in_another_encoding(self, true: Letter) -> Letter:
        text = true.body.decode()
        bodies = [text.encode("utf-16"), text.encode("utf-32-le"), b"\xef\xbb\xbf" + true.body, true.body + b"\n",
                  true.body.replace(b": ", b":"), true.body.replace(b"e", b"\\u0065", 1), true.body + b"\xff"]  # fmt: skip
        return self._refused(replace(true, body=self.chance.choice(bodies)))

    def with_a_broken_letter(self, true: Letter) -> Letter:
        """Signed with U+FFFD in it, sent with a byte that a lenient decoder would make U+FFFD."""
        sent = signed(replace(true, body=self._new(true, note="\ufffd")))
        return self._refused(replace(sent, body=sent.body.replace("\ufffd".encode(), b"\xff")))

    def with_a_key_twice(self, true: Letter) -> Letter:
        more = f', "id": "evt_twice{self._number()}", "livemode": true' + "}"
        return self._refused(replace(true, body=true.body.rstrip()[:-1] + more.encode()))

    def cut_short(self, true: Letter) -> Letter:
        return self._refused(replace(true, body=true.body[: self.chance.randrange(len(true.body))]))

    def at_the_wrong_door(self, true: Letter) -> Letter:
        door = self.chance.choice([door for door in DOORS if door != true.door])
        return self._refused(replace(true, door=door))

    def stale(self, true: Letter) -> Letter:
        return self._refused(
            signed(true, ago_s=TOLERANCE_S + self.chance.choice([2, 60, 3_600, 86_400 * 400]))
        )

    def of_the_future(self, true: Letter) -> Letter:
        return self._refused(
            signed(true, ago_s=-TOLERANCE_S - self.chance.choice([9, 60, 3_600, 86_400 * 400]))
        )

    def with_a_strange_header(self, true: Letter) -> Letter:
        stamp, _, good = true.signature.partition(",v1=")
        headers = ["", stamp, f"v1={good}", f"{stamp},v0={good}", f"t=,v1={good}", f"t=0,{stamp},v1={good}",
                   f"{stamp},v1=", f"{stamp},v1={good[:-1]}", f"{stamp};v1={good}", f"{stamp},v1=é{good[1:]}",
                   f"T{stamp[1:]},v1={good}", f"t={'9' * 5000},v1={good}", f"t=-1,v1={good}", "," * 9000,
                   f"t=1e9,v1={good}", f"{stamp},v1={'0' * 64},v1={'f' * 64}", f"{stamp}.5,v1={good}"]  # fmt: skip
        return self._refused(replace(true, signature=self.chance.choice(headers)))

    # --- Stripe's signature over what is no event

    def huge(self, true: Letter) -> Letter:
        return self._refused(signed(replace(true, body=self._new(true, note="x" * LARGEST))))

    def empty(self, true: Letter) -> Letter:
        return self._refused(signed(replace(true, body=b"")))

    def no_json(self, true: Letter) -> Letter:
        bodies = [b"id=evt_1&type=transfer.created", b"{", b"\x00", b"[" * 100_000, b"{'id': 'evt_1'}",
                  b'{"id": ' + b"9" * 10_000 + b"}", true.body * 2, b"<event/>"]  # fmt: skip
        return self._refused(signed(replace(true, body=self.chance.choice(bodies))))

    def no_event(self, true: Letter) -> Letter:
        names: list[object] = [
            None,
            7,
            "",
            "evt_\x00",
            "evt_" + "x" * 300,
            ["evt_1"],
            {"id": "evt_1"},
            "evt_\ud800",
        ]
        bodies = [b"[]", b"null", b'"evt_1"', b"1", b"{}", b"NaN"] + [
            json.dumps(true.event | {"id": name}).encode() for name in names
        ]
        return self._refused(signed(replace(true, body=self.chance.choice(bodies))))

    # --- Stripe's own, and therefore taken in

    def with_several_signatures(self, true: Letter) -> Letter:
        """As while a secret is rolled: one of them is ours."""
        stamp, _, good = true.signature.partition(",")
        return replace(true, signature=f"{stamp},v1={'0' * 64},{good},v0={'1' * 64}")

    def replayed(self, true: Letter) -> Letter:
        return true

    def under_a_second_id(self, true: Letter) -> Letter:
        return signed(replace(true, body=self._new(true)))

    def untrue(self, true: Letter) -> Letter:
        """Signed, about what exists, and false in all that it says of it."""
        event = true.event
        told = event.get("data", {}).get("object", {})
        for name, lie in LIES.items():
            if name in told:
                told[name] = lie
        event["type"] = self.chance.choice(OPPOSITES.get(event["type"], [event["type"]]))
        event["created"] = 9_999_999_999
        return signed(replace(true, body=self._new(replace(true, body=json.dumps(event).encode()))))

    def of_the_other_mode(self, true: Letter) -> Letter:
        return signed(replace(true, body=self._new(true, livemode=True)))

    def about_nobody(self, true: Letter) -> Letter:
        """Of an account that the house never opened."""
        nobody = {
            "account": "acct_nobody",
            "data": {"object": {"id": "acct_nobody"}},
            "related_object": {"id": "acct_nobody"},
        }
        kind = self.chance.choice(["account.updated", "payout.paid", "capability.updated", "account.closed"])
        letter = replace(true, door="connect")
        return signed(replace(letter, body=self._new(true, type=kind, **nobody)))

    def of_an_unknown_kind(self, true: Letter) -> Letter:
        kind = self.chance.choice(
            ["coupon.created", "v3.nothing", "transfer", "", "charge", "payouts.paid", None]
        )
        about = {"id": self.chance.choice(["25 % Rabatt \u20ac", "x" * 500, "tr_1"])}
        return signed(
            replace(true, body=self._new(true, type=kind, data={"object": about}, related_object=None))
        )

    def about_nothing(self, true: Letter) -> Letter:
        """A transfer that Stripe itself does not find: nothing can be read, so a person must look."""
        number = self._number()
        event = {"id": f"evt_nothing{number}", "type": "transfer.reversed", "livemode": False}
        body = json.dumps(event | {"data": {"object": {"id": f"tr_nowhere{number}", "amount": 1}}}).encode()
        return signed(replace(true, door="platform", body=body))

    def _new(self, true: Letter, **other: object) -> bytes:
        event = true.event | {"id": f"evt_made{self._number()}"} | other
        return json.dumps(event, ensure_ascii=False).encode()

    def _number(self) -> int:
        self.made += 1
        return self.made


LIES: dict[str, object] = {
    "amount": 1,
    "amount_reversed": 7_777,
    "reversed": True,
    "destination": "acct_thief",
    "account": "acct_thief",
    "status": "failed",
    "failure_code": "no_account",
    "currency": "eur",
    "payment_status": "paid",
    "disputed": True,
    "charges_enabled": False,
    "payouts_enabled": False,
    "metadata": {"item": "itm_other"},
}
OPPOSITES = {
    "transfer.created": ["transfer.reversed", "transfer.updated"],
    "payout.paid": ["payout.failed", "payout.canceled"],
    "payout.created": ["payout.paid", "payout.failed"],
    "account.updated": ["account.application.deauthorized", "account.closed"],
    "checkout.session.completed": ["checkout.session.expired", "checkout.session.async_payment_failed"],
    "payment_intent.succeeded": ["payment_intent.payment_failed", "payment_intent.canceled"],
}
