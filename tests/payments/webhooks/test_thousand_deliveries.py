"""A thousand webhooks, most of them wrong in some way: none is believed wrongly, none that is true is lost."""

from collections import Counter
from collections.abc import Iterator

import pytest
from django.test import Client

from kit import crash
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.inbox.models import Finding
from payments.payouts import bank
from payments.payroll.models import PayItem
from payments.webhooks import events
from payments.webhooks.models import InboundEvent
from tests.payments.webhooks.post import Forger, Letter, caught, listen, signed
from tests.payments.webhooks.story import Story, differences
from tests.payments.world import World, compared

ALL = 1_000
CHAPTERS = 5
State = InboundEvent.State
# How many of each kind; what is left of the thousand are the true ones and replays of them.
REFUSED = {
    "with another secret": 50,
    "with a flipped bit": 60,
    "in another encoding": 35,
    "with a broken letter": 10,
    "with a key twice": 15,
    "cut short": 20,
    "at the wrong door": 25,
    "stale": 30,
    "of the future": 30,
    "with a strange header": 50,
    "huge": 3,
    "empty": 5,
    "no JSON": 20,
    "no event": 30,
}
TAKEN_IN = {
    "with several signatures": 20,
    "under a second id": 80,
    "untrue": 60,
    "of the other mode": 12,
    "about nobody": 12,
    "of an unknown kind": 15,
    "about nothing": 4,
}


class Died(BaseException):
    """The worker ended here; nothing catches it, as nothing catches a SIGKILL."""


@pytest.fixture(autouse=True)
def _nobody_dies_later() -> Iterator[None]:
    yield
    crash.on_reach(None)


class House:
    """The three doors, with a count of what came and what was kept."""

    def __init__(self) -> None:
        self.client = Client()
        self.came: Counter[str] = Counter()
        self.kept: set[str] = set()

    def gets(self, letters: list[Letter]) -> None:
        """Each is answered as it deserves, and stored if it is taken in for the first time."""
        for letter in letters:
            rows = InboundEvent.objects.count()
            assert letter.deliver(self.client) == letter.answer, letter
            fresh = letter.answer == 204 and letter.event["id"] not in self.kept
            assert InboundEvent.objects.count() - rows == fresh, letter
            self.came[letter.kind] += 1
            if fresh:
                self.kept.add(letter.event["id"])


def work_it_all(world: World) -> None:
    """Let the inbox be worked until nothing waits, what is given up included, and what it said is due be read."""
    for _ in range(events.GIVE_UP_TRIES + 1):
        while events.work(at=world.now):
            pass
        bank.settle(at=world.now)
        world.wait(minutes=11)


@pytest.mark.slow
def test_a_thousand_deliveries_end_where_stripe_stands(world: World) -> None:
    listen(world)
    house, forger, story = House(), Forger(seed=1), Story(world)
    trues: list[Letter] = []
    late: list[Letter] = []
    for chapter, _ in enumerate(story.chapters(), start=1):
        if chapter in (1, 3):
            assert differences(world), "there is something to be told"
        told = late + caught(world)
        forger.chance.shuffle(told)
        # A fifth comes a chapter late, so that old news follows new.
        late = told[: len(told) // 5] if chapter < CHAPTERS else []
        on_time = told[len(late) :]
        made = [
            forger.of(kind, forger.chance.choice(told))
            for kind, n in (REFUSED | TAKEN_IN).items()
            for _ in range(n * chapter // CHAPTERS - n * (chapter - 1) // CHAPTERS)
        ]
        letters = [signed(letter) for letter in on_time] + made
        forger.chance.shuffle(letters)
        house.gets(letters)
        trues += on_time
        work_it_all(world)
        world.sweep()
    last = caught(world)
    trues += last
    replays = ALL - house.came.total() - len(last)
    house.gets([signed(letter) for letter in last])
    house.gets([forger.of("replayed", forger.chance.choice(trues)) for _ in range(replays)])
    work_it_all(world)

    assert house.came.total() == ALL
    assert house.came == REFUSED | TAKEN_IN | {"true": len(trues), "replayed": replays}
    assert min(len(trues), replays) > 100
    assert {letter.event["id"] for letter in trues} <= house.kept
    assert set(InboundEvent.objects.values_list("event_id", flat=True)) == house.kept
    assert differences(world) == []
    report = compared(at=world.now)
    assert (report.differs, report.difference_minor) == ([], 0)
    nothing = set(InboundEvent.objects.filter(state=State.FAILED).values_list("event_id", flat=True))
    assert len(nothing) == TAKEN_IN["about nothing"]
    assert not InboundEvent.objects.filter(state=State.NEW).exists()
    in_the_inbox = Counter(Finding.objects.values_list("code", flat=True))
    assert in_the_inbox.pop("event_of_other_mode") <= 1 + len(story.people), (
        "one for the platform and each account"
    )
    assert in_the_inbox == {
        "event_cannot_be_worked": len(nothing),
        "event_for_unknown_account": 1,
        "payee_account_ended": 1,
        "stray_money": 1,  # what the story began with
    }
    items = Counter(PayItem.objects.values_list("state", flat=True))
    assert items == {"settled": 3, "sent": 3, "reversed": 1}, (
        "one sent back by a bank, two in no state to be paid out"
    )


@pytest.mark.parametrize(
    "place", ["inbox.claimed", "account.asked", "account.before_commit", "inbox.handled", "inbox.done"]
)
def test_a_worker_that_dies_loses_nothing(committed_world: World, place: str) -> None:
    world = committed_world
    listen(world)
    chapters, house = Story(world).chapters(), House()
    next(chapters)
    house.gets([signed(letter) for letter in caught(world)])

    def die(reached: str) -> None:
        if reached == place:
            raise Died

    crash.on_reach(die)
    for _ in range(3):
        with pytest.raises(Died):
            events.work(at=world.now)
    crash.on_reach(None)
    assert InboundEvent.objects.filter(state=State.NEW).exists()
    work_it_all(world)
    assert not InboundEvent.objects.filter(state=State.NEW).exists()
    assert not Finding.objects.exists()
    next(chapters)
    assert differences(world) == []
    assert PayItem.objects.filter(state="sent").count() == PayItem.objects.count() == 7


def test_news_that_comes_while_the_object_is_read_stays_new(world: World) -> None:
    listen(world)
    robin = world.performer(onboarded=False)
    stripe_id = world.account_of(robin).stripe_id
    house = House()
    caught(world)
    world.control(f"accounts/{stripe_id}/onboard")
    house.gets([signed(letter) for letter in caught(world) if letter.event["type"] == "account.updated"])

    def then_it_is_restricted(reached: str) -> None:
        if reached == "account.asked":
            crash.on_reach(None)
            world.control(f"accounts/{stripe_id}/restrict")
            house.gets(
                [signed(letter) for letter in caught(world) if letter.event["type"] == "account.updated"]
            )

    crash.on_reach(then_it_is_restricted)
    events.work(at=world.now, at_most=1)
    assert world.account_of(robin).transfers_status == "active"
    assert InboundEvent.objects.filter(state=State.NEW).count() == 1
    work_it_all(world)
    assert world.account_of(robin).transfers_status == "restricted"


def test_an_older_answer_never_overwrites_a_newer_one(world: World) -> None:
    """Whoever was overtaken asks again at once: nobody waits for the next sweep to hear that they can be paid."""
    account = world.account_of(world.performer(onboarded=False))
    world.wait(minutes=1)

    def meanwhile(reached: str) -> None:
        if reached == "account.asked":
            crash.on_reach(None)
            connect.refresh(account=account, at=world.now)
            world.control(f"accounts/{account.stripe_id}/onboard")

    crash.on_reach(meanwhile)
    connect.refresh(account=account, at=world.now)
    assert world.account_of(account.performer).transfers_status == "active"


def test_whoever_is_overtaken_again_and_again_leaves_it_to_the_next_sweep(world: World) -> None:
    robin = world.performer()
    account = world.account_of(robin)
    asked = 0

    def others_are_faster(reached: str) -> None:
        nonlocal asked
        if reached == "account.asked":
            asked += 1
            world.wait(minutes=1)
            PayeeAccount.objects.filter(pk=account.pk).update(refreshed_at=world.now)

    at = world.now
    crash.on_reach(others_are_faster)
    connect.refresh(account=account, at=at)
    crash.on_reach(None)
    assert asked == connect.ASKS_AT_ONCE
    assert world.account_of(robin).refresh_due_at == at
