"""What every room of the sandbox is given: the store, the clock, ids, chance, options, and the request at hand."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from payments.sandbox import errors
from payments.sandbox.clock import Clock
from payments.sandbox.ids import Ids
from payments.sandbox.store import Store
from payments.sandbox.wire import Json

DAY_S = 86_400


@dataclass(slots=True)
class Options:
    """What Stripe's documentation leaves open or what a test may want otherwise.

    `rate_per_s` 0 turns the token buckets off. `strict_source_types` makes a transfer without `source_type` draw
    on the card balance alone, as Stripe's reference may be read; by default it draws on all of them.
    `dispute_fee_returned` gives a won dispute's fee back, as Stripe does in some countries.
    """

    rate_per_s: float = 0.0
    latency_s: float = 0.0
    lock_wait_s: float = 0.05
    strict_source_types: bool = False
    dispute_fee_returned: bool = False
    card_pending_s: int = 2 * DAY_S
    ach_clears_s: int = 4 * DAY_S
    dispute_answer_s: int = 9 * DAY_S
    topup_clears_s: int = 5 * DAY_S
    payout_moves_s: int = DAY_S
    payout_arrives_s: int = 2 * DAY_S
    payout_bounces_s: int = 3 * DAY_S
    verification_s: int = 0
    base_url: str = "http://127.0.0.1:12111"
    api_version: str = "2026-10-28.endive"


@dataclass(slots=True)
class Cause:
    """The request that is being carried out, as events name it; nothing when the clock is the cause."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass(slots=True)
class World:
    """The whole state of one sandbox, handed to each operation."""

    store: Store
    clock: Clock
    ids: Ids
    chance: random.Random
    options: Options
    cause: Cause = field(default_factory=Cause)
    # Written by webhooks.delivery, which every recorded event is offered to.
    on_event: "Callable[[World, Json, str], None] | None" = None

    def now(self) -> int:
        return int(self.clock.now())

    def platform_of(self, account: str) -> str:
        """The platform that an account belongs to; a platform belongs to itself."""
        return self.store.owner(account) or account


@dataclass(slots=True)
class Call:
    """One API request as an endpoint sees it: authenticated, its parameters read and checked."""

    world: World
    platform: str
    account: str
    path: dict[str, str]
    params: Json
    # Whether a restricted key asks: some results it alone may read.
    restricted: bool = False

    def own(self, kind: str, object_id: str, *, name: str | None = None) -> Json:
        """The acting account's object of the path, or Stripe's 404."""

        document = self.world.store.find(object_id, kind=kind, account=self.account)
        if document is None:
            raise errors.missing(name or kind, object_id, param=name or kind)
        return document


DueAction = Callable[[World, str], None]
