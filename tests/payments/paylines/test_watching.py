"""A guarantee that is broken pays by itself: once, by the terms, with its evidence; and follows the time lines."""

from datetime import timedelta

import pytest

from accounts.notifications.models import Notification
from marketplace.sessions.models import Mark, Session
from marketplace.timekeeping import operations as timekeeping
from payments.paylines import silence, watching
from payments.paylines.models import Breach, PayLine, WatchedLine
from payments.payroll import accrual
from payments.payroll.models import Earning
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
OVER = stories.CALL + timedelta(hours=4)
STANDS = OVER + timedelta(days=3)


@pytest.fixture
def session() -> Session:
    """Three hours on camera without a rest, by one; the other left after an hour."""
    gig = stories.a_gig(stories.a_company("Northlight"), session_s=3 * 3600)
    pair = [stories.an_active_engagement(gig, stories.a_performer(name)) for name in ("Ada", "Bo")]
    booked = stories.a_booked_session(*pair, length_s=3 * 3600)
    ada, bo = (each.performer for each in pair)
    ends = booked.scheduled_end_at
    stories.arrives(booked, *stories.somebody_of_the_company(booked, ends), at=ends)
    stories.arrives(
        booked, stories.joined(booked, ada, booked.call_at), stories.left(booked, ada, ends), at=ends
    )
    early = booked.call_at + timedelta(hours=1)
    stories.arrives(
        booked, stories.joined(booked, bo, booked.call_at), stories.left(booked, bo, early), at=ends
    )
    stories.time_passes(booked, at=OVER)
    return booked


def rests_in(session: Session) -> None:
    """It comes out that there was a rest."""
    at = session.call_at + timedelta(minutes=80)
    Mark.objects.create(
        session=session, kind="rest", started_at=at, ended_at=at + timedelta(minutes=20), by="test"
    )
    timekeeping.reckon_session(session=session, at=OVER, by=stories.HOUSE)


def test_makes_one_line_at_the_rate_signed_with_its_evidence_and_tells_the_company(session: Session) -> None:
    assert (watching.sweep(at=OVER), watching.sweep(at=OVER)) == (2, 0)
    line, breach = PayLine.objects.get(), Breach.objects.get()
    assert (line.amount_minor, line.fee_minor > 0, line.state) == (7400, True, "proposed")
    assert (breach.guarantee, breach.measured_s, breach.performer.stage_name) == ("stretch", 10_800, "Ada")
    assert "180 minutes on camera" in line.reason or "3 hours on camera" in line.reason
    owner = stories.person(stories.owner_of(session.company))
    assert Notification.objects.filter(user=owner, body__contains="on camera").exists()
    told = Caller(owner).get(f"pay-lines/{line.public_id}")[1]
    assert told["breach"]["time_line"] == breach.time_line.public_id
    assert "The seconds behind it" in logs_in(breach.performer.user).get("/pay/lines/").content.decode()


def test_stands_when_nobody_contests_and_is_earned(session: Session) -> None:
    watching.sweep(at=OVER)
    silence.sweep(at=STANDS)
    accrual.accrue(at=STANDS)
    assert Earning.objects.get(pay_line__isnull=False).amount_minor == 7400


def test_is_taken_back_when_the_time_turns_out_otherwise_before_anybody_agreed(session: Session) -> None:
    watching.sweep(at=OVER)
    rests_in(session)
    assert watching.sweep(at=OVER) > 0
    assert [line.state for line in PayLine.objects.all()] == ["withdrawn"]
    assert not Breach.objects.get().holds


def test_a_difference_takes_back_what_was_paid_and_gives_it_again(session: Session) -> None:
    watching.sweep(at=OVER)
    silence.sweep(at=STANDS)
    rests_in(session)
    watching.sweep(at=STANDS)
    assert watching.sweep(at=STANDS) == 0
    first, difference = PayLine.objects.order_by("id")
    assert (difference.corrects, difference.amount_minor, difference.fee_minor) == (
        first,
        -7400,
        -first.fee_minor,
    )
    silence.sweep(at=STANDS + timedelta(days=3))
    accrual.accrue(at=STANDS + timedelta(days=3))
    assert sum(Earning.objects.filter(pay_line__isnull=False).values_list("amount_minor", flat=True)) == 0
    Mark.objects.all().delete()
    timekeeping.reckon_session(session=session, at=STANDS, by=stories.HOUSE)
    watching.sweep(at=STANDS + timedelta(days=4))
    assert PayLine.objects.order_by("id").last().amount_minor == 7400  # type: ignore[union-attr]


def test_terms_without_the_rule_pay_nothing_by_themselves(session: Session) -> None:
    Session.objects.update(
        policy={name: value for name, value in session.policy.items() if name != "breach_pay_s"}
    )
    watching.sweep(at=OVER)
    assert not PayLine.objects.exists()


def test_looked_at_again_makes_no_second(session: Session) -> None:
    watching.sweep(at=OVER)
    Breach.objects.get()
    WatchedLine.objects.all().delete()
    watching.sweep(at=OVER)
    assert PayLine.objects.count() == 1
