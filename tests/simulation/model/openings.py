"""How a story may begin: brought to where it is dangerous; from there on chance has it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulation.model.rules import HOUR
from tests.simulation.model.stripe import Fault

if TYPE_CHECKING:
    from tests.simulation.model.story import Story

NOTHING_ARRIVES = (Fault.LOST_BEFORE, Fault.ERROR_BEFORE, Fault.RATE_LIMITED, Fault.BUSY)

UNDECIDED = (Fault.ERROR_BEFORE, Fault.RATE_LIMITED, Fault.BUSY, Fault.FORBIDDEN, Fault.UNREADABLE)


def plain(story: "Story") -> None:
    """Straight into it."""


def late_and_something(story: "Story") -> None:
    """A request that runs late meets one other kind of answer to its re-send."""
    story.stripe.trouble, story.stripe.faults = 1.0, [Fault.LATE]
    story.work_until("send.recorded")
    story.stripe.faults = [story.random.choice(UNDECIDED)]
    story.wait(50)
    story.work_until("send.recorded")
    story.release()
    story.stripe.faults = [Fault.LATE, Fault.LOST_AFTER]
    story.work_on(8)


def eve_of_23_hours(story: "Story") -> None:
    """Nothing has arrived all day, and one more request is late just when sending ends."""
    story.stripe.trouble, story.stripe.faults = 1.0, NOTHING_ARRIVES
    story.work_until("send.recorded")
    story.stripe.faults = [Fault.LATE]
    first_sent_at = min(item.first_sent_at for item in story.house.items if item.first_sent_at)
    fastest_s = max(worker.skew_s for worker in story.workers)
    story.wait(23 * HOUR + first_sent_at - fastest_s - story.now - story.random.randint(10, 90))
    story.work_until("send.recorded")
    story.wait(story.random.randint(60, 150))
    story.work_on(16)


def paid_with_a_500(story: "Story") -> None:
    """The money moved, and Stripe will replay a 500 for a day."""
    story.stripe.trouble, story.stripe.faults = 1.0, [Fault.ERROR_AFTER]
    story.work_until("send.recorded")


def frozen_at_the_list(story: "Story") -> None:
    """Nothing arrives, and a worker freezes for days with Stripe's list in its hand."""
    story.stripe.trouble, story.stripe.faults = 1.0, NOTHING_ARRIVES
    worker = story.work_until("peek.listed")
    if worker is not None:
        worker.frozen_until = story.now + story.random.choice((28, 52)) * HOUR


def frozen_with_a_refusal(story: "Story") -> None:
    """A worker freezes with a refusal in its hand, and another goes on."""
    story.stripe.trouble, story.stripe.faults = 1.0, [Fault.REFUSED]
    worker = story.work_until("send.called")
    if worker is not None:
        worker.frozen_until = story.now + story.random.choice((60, 120))
    story.wait(50)
    story.work_on(10)
    story.release()
    story.stripe.faults = [Fault.LOST_AFTER, Fault.LATE]


def restored_on_the_eve(story: "Story") -> None:
    """Paid, forgotten by a restore, and taken up again when Stripe is about to forget it too."""
    story.stripe.trouble = 0.0
    story.work_on(16)
    story.wait(max(600, 23 * HOUR - story.now - 1200))
    story.put_back()
    story.stripe.trouble, story.stripe.faults = 1.0, NOTHING_ARRIVES
    story.work_on(story.random.randint(1, 8))
    story.stand_still()
    story.stripe.trouble = story.random.choice((0.0, 0.5))


OPENINGS: tuple[Callable[["Story"], None], ...] = (
    plain,
    plain,
    late_and_something,
    late_and_something,
    late_and_something,
    eve_of_23_hours,
    eve_of_23_hours,
    paid_with_a_500,
    frozen_at_the_list,
    frozen_with_a_refusal,
)
WITH_RESTORES: tuple[Callable[["Story"], None], ...] = (plain, restored_on_the_eve)
