"""The line to Stripe, on which a seed may do what networks and servers do: lose, delay, refuse, and answer untruly."""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlsplit

from stripe import APIConnectionError

from payments.sandbox import errors
from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox

SENT = ("POST", "/v1/transfers")
# What may become of a transfer's request, and how often beside the others.
FATES = {
    "500_before": 2,
    "500_after": 2,
    "503_before": 1,
    "drop_before": 3,
    "drop_after": 4,
    "hang_after": 2,
    "429": 1,
    "lock_timeout": 1,
    "late": 3,
    "untrue": 1,
    "unauthenticated": 1,
}
LATEST_S = 20 * 60
UNTRUE: dict[str, Callable[[Any], Any]] = {
    "amount": lambda amount: amount + 1,
    "currency": lambda _: "eur",
    "destination": lambda _: "acct_someone_else",
}


@dataclass(frozen=True)
class Late:
    """A request whose sender gave up, and which Stripe carries out later all the same."""

    due: float
    url: str
    headers: Mapping[str, str]
    body: Any

    @property
    def key(self) -> str:
        return dict(self.headers).get("Idempotency-Key", "")


class Wire(InProcessClient):
    """The SDK's way to the sandbox. `trouble` is how likely a transfer's request meets a fate; for others it is a third of
    that, or nothing where it is `calm`."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.begin(Random(0), trouble=0.0, note=lambda _: None)

    def begin(
        self,
        rng: Random,
        *,
        trouble: float,
        calm: bool = False,
        fates: Mapping[str, int] = FATES,
        note: Callable[[str], None],
    ) -> None:
        """A new story: nothing is under way."""
        self.rng, self.trouble, self.calm, self.fates = rng, trouble, calm, dict(fates)
        self.late: list[Late] = []
        self.met: Counter[str] = Counter()
        self.note = note
        self.sandbox.faults.clear()

    def heal(self) -> None:
        """From now on every request arrives and is answered."""
        self.trouble = 0.0

    def next_arrival_s(self) -> float:
        """How many seconds until something late arrives; for ever when nothing is under way."""
        now = self.sandbox.world.clock.now()
        return min((max(late.due - now, 1.0) for late in self.late), default=math.inf)

    def carry_out_late(self) -> None:
        """What was under way and has arrived by now."""
        now = self.sandbox.world.clock.now()
        arrived = [late for late in self.late if late.due <= now]
        self.late = [late for late in self.late if late.due > now]
        for late in arrived:
            super().request("POST", late.url, late.headers, late.body)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        self.carry_out_late()
        given = dict(headers or {})
        path = urlsplit(url).path
        if (method.upper(), path) != SENT:
            if self.rng.random() < self.trouble / 3 and not self.calm:
                fate = self.rng.choice(["500_before", "drop_before", "429"])
                self.note(f"the line: {fate} for {method.upper()} {path}")
                return self._faulty(fate, method, url, given, post_data)
            return super().request(method, url, given, post_data)
        if any(late.key == given.get("Idempotency-Key") for late in self.late):
            refusal = errors.key_in_use(given["Idempotency-Key"])
            return json.dumps(refusal.document()), refusal.status, {}
        if self.rng.random() >= self.trouble:
            return super().request(method, url, given, post_data)
        fate = self.rng.choices(list(self.fates), weights=list(self.fates.values()))[0]
        self.met[fate] += 1
        self.note(f"the line: {fate} for {given['Idempotency-Key']}")
        return self._transfer(fate, url, given, post_data)

    def _transfer(
        self, fate: str, url: str, headers: dict[str, str], body: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        if fate == "late":
            due = self.sandbox.world.clock.now() + self.rng.randint(1, LATEST_S)
            self.late.append(Late(due, url, headers, body))
            raise APIConnectionError("Nobody answers.", should_retry=True)  # type: ignore[no-untyped-call]  # the SDK's own
        if fate == "unauthenticated":
            return super().request("POST", url, headers | {"Authorization": "Bearer sk_wrong"}, body)
        if fate == "untrue":
            text, status, answered = super().request("POST", url, headers, body)
            return self._untrue(text) if status == 200 else text, status, answered
        return self._faulty(fate, "POST", url, headers, body)

    def _faulty(
        self, fate: str, method: str, url: str, headers: dict[str, str], body: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        self.sandbox.faults.add(
            {"on": f"{method.upper()} {urlsplit(url).path}", "do": fate, "times": 1, "hang_s": 0}
        )
        try:
            return super().request(method, url, headers, body)
        finally:
            self.sandbox.faults.clear()

    def _untrue(self, text: str) -> str:
        document = json.loads(text)
        name = self.rng.choice(sorted(UNTRUE))
        document[name] = UNTRUE[name](document[name])
        return json.dumps(document)
