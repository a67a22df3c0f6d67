"""The figures of a month are what happened in it: by the books, once, a week after it is over."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.access.roles import Staff
from accounts.appeals import operations as appeals
from accounts.keys.acting import of_user
from marketplace.casting import operations as casting
from marketplace.casting.states import Reason
from marketplace.sessions.models import Session
from marketplace.timekeeping import disputes
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import TimeLine
from payments.connect import operations as connect
from payments.fairness import queries, reckoning
from payments.fairness.figures import TENTH_S, TooFew
from payments.fairness.models import FairFigure, FairMonth
from payments.payouts import bank
from payments.payouts.models import BankPayout
from tests import stories
from tests.payments.world import SYSTEM, World

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
A_NIGHT = datetime(2026, 12, 8, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def plays(session: Session) -> list[TimeLine]:
    return stories.they_play(session)


def are_paid(world: World) -> None:
    """All who have lines have an account at Stripe; the run goes out, and the banks have it a week later."""
    for line in TimeLine.objects.filter(kind="session").select_related("timesheet__performer__user"):
        opened = connect.open_account(performer=line.timesheet.performer, by=SYSTEM, at=world.now)
        world.control(f"accounts/{opened.stripe_id}/onboard")
        connect.refresh(account=opened, at=world.now)
    world.pays()
    for _ in range(8):
        world.wait(days=1)
        bank.settle(at=world.now)


@pytest.fixture
def played(world: World) -> list[TimeLine]:
    """Three pairs of three companies play, confirm, are approved and paid; one of the six says that time is missing, and is
    right."""
    sessions = [stories.a_pair_booked() for _ in range(3)]
    lines = [line for session in sessions for line in plays(session)]
    week = stories.the_week_is_over()
    dispute = stories.questions(lines[0])
    stories.everyone_confirms(week)
    for session in sessions:
        us = stories.owner_of(session.company)
        timekeeping.approve_week(company=session.company, week=week, by=us, at=stories.REVIEW_DAY + DAY)
    disputes.resolve_dispute(
        dispute=dispute,
        resolution="So it was.",
        adjusted_s=6000,
        by=stories.owner_of(lines[0].timesheet.company),
        at=stories.REVIEW_DAY + 2 * DAY,
    )
    are_paid(world)
    return lines


def value(
    measure: str, name: str, *, month: date | None = NOVEMBER, currency: str = ""
) -> int | TooFew | None:
    """What the page says: the figure, or of whom too few stand behind it."""
    report = queries.report()
    told = next(each for each in report.measures if each.measure.name == measure)
    row = next(each for each in told.figures if (each.name, each.currency) == (name, currency))
    cell = row.all_time if month is None else row.months[list(report.months).index(month)]
    return cell.masked or cell.value


def everybody_counts(settings: Settings) -> None:
    settings.FAIRNESS_FEWEST_PEOPLE = settings.FAIRNESS_FEWEST_COMPANIES = 1


class TestAPlayedAndPaidMonth:
    def test_is_told_as_it_was(self, played: list[TimeLine], settings: Settings) -> None:
        reckoning.reckon(at=A_NIGHT)
        wrapped = played[0].seat.session.scheduled_end_at  # type: ignore[union-attr] # it has a seat
        day = (BankPayout.objects.values_list("arrives_on", flat=True)[0] - wrapped.date()).days  # type: ignore[operator] # it arrived
        assert value("bank", "median") == day * 86_400
        assert value("bank", "p90") == TooFew.PEOPLE  # the longest of six is somebody's
        assert value("bank", "count") == value("approval", "count") == 6
        waited = stories.REVIEW_DAY + DAY - wrapped
        assert value("approval", "median") == round(waited.total_seconds() / TENTH_S) * TENTH_S
        assert value("time", "present") == sum(line.worked_s for line in played)
        assert value("runs", "") == 10_000
        assert value("answer", "count") == 6

    def test_hides_what_is_of_one_person_and_shows_it_to_a_house_that_asks_for_one(
        self, played: list[TimeLine], settings: Settings
    ) -> None:
        reckoning.reckon(at=A_NIGHT)
        hidden = [value("disputes", "performer_as_claimed", month=month) for month in (NOVEMBER, None)] + [
            value("corrections", "up"),
            value("corrected", "up", currency="usd"),
        ]
        assert hidden == [TooFew.PEOPLE] * 4
        everybody_counts(settings)
        assert value("disputes", "performer_as_claimed") == value("corrections", "up") == 1
        correction = TimeLine.objects.get(kind="correction")
        assert value("corrected", "up", currency="usd") == correction.amount_minor
        assert value("disputes", "company_as_claimed") == value("corrections", "down") == 0

    def test_of_two_companies_is_hidden(self, played: list[TimeLine], settings: Settings) -> None:
        reckoning.reckon(at=A_NIGHT)
        settings.FAIRNESS_FEWEST_COMPANIES = 4
        assert value("bank", "median") == TooFew.COMPANIES
        assert value("runs", "") == 10_000

    def test_a_payout_that_failed_is_no_arrival(self, played: list[TimeLine]) -> None:
        paid = BankPayout.objects.first()
        assert paid is not None
        failed = BankPayout.objects.create(
            stripe_id="po_failed",
            account=paid.account,
            amount_minor=paid.amount_minor,
            currency="usd",
            status="failed",
            created_at=paid.created_at,
            arrives_on=paid.arrives_on,
            seen_at=paid.seen_at,
        )
        failed.transfers.set(paid.transfers.all())
        reckoning.reckon(at=A_NIGHT)
        assert value("bank", "count") == 6

    def test_late_runs_are_late(self, played: list[TimeLine]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE payments_payrun SET paid_at = paid_at + interval '2 days'")
        reckoning.reckon(at=A_NIGHT)
        assert value("runs", "") == 0


class TestNights:
    def test_a_month_is_read_once_in_the_night_a_week_after_it_is_over(self, played: list[TimeLine]) -> None:
        night = datetime(2026, 12, 8, 8, tzinfo=UTC)  # three in New York
        at = [night - 7 * DAY, night - timedelta(seconds=1), night, night, night + DAY]
        assert [reckoning.reckon(at=each) for each in at] == [0, 0, 1, 0, 0]
        assert FairMonth.objects.get().reckoned_at == night

    def test_news_of_its_week_are_in_it_and_later_ones_in_no_copy_of_the_page(
        self, played: list[TimeLine]
    ) -> None:
        TimeLine.objects.filter(pk=played[0].pk).update(kind="bonus")
        reckoning.reckon(at=A_NIGHT)
        assert value("approval", "count") == 5
        TimeLine.objects.filter(pk=played[1].pk).update(kind="bonus")
        reckoning.reckon(at=A_NIGHT + DAY)
        assert value("approval", "count") == 5

    def test_months_that_were_missed_are_made_up_for_and_stay_as_they_are(
        self, played: list[TimeLine]
    ) -> None:
        late = A_NIGHT + 20 * DAY  # December is not over
        assert reckoning.reckon(at=late) == 1
        TimeLine.objects.filter(kind="session").update(kind="bonus")
        for n in range(1, 30):
            reckoning.reckon(at=late + n * DAY)
        assert value("approval", "count") == value("approval", "count", month=None) == 6
        assert value("approval", "count", month=DECEMBER) == 0

    @pytest.mark.django_db
    def test_of_an_empty_house_nothing_is_read(self) -> None:
        assert reckoning.reckon(at=A_NIGHT) == 0
        assert queries.report().as_of is None


@pytest.mark.django_db
class TestWhereSomebodyDisagreed:
    def test_each_dispute_counts_by_who_raised_it_and_what_came_of_it(self, settings: Settings) -> None:
        everybody_counts(settings)
        session = stories.a_pair_booked()
        ada, bo = plays(session)
        week, us = stories.the_week_is_over(), stories.owner_of(session.company)
        tala = of_user(stories.a_member_of_staff(Staff.TALENT))
        at = stories.REVIEW_DAY
        taken_back = stories.questions(ada)
        me = stories.acting(ada.timesheet.performer)
        disputes.resolve_dispute(dispute=taken_back, resolution="No.", adjusted_s=None, by=me, at=at)
        other = stories.questions(ada, claimed_s=6000)
        disputes.resolve_dispute(dispute=other, resolution="Less.", adjusted_s=5500, by=tala, at=at)
        nothing = stories.questions(bo, claimed_s=7000)
        disputes.resolve_dispute(dispute=nothing, resolution="As it is.", adjusted_s=None, by=tala, at=at)
        stories.everyone_confirms(week)
        timekeeping.approve_week(company=session.company, week=week, by=us, at=at)
        theirs = stories.questions(bo, claimed_s=0, by=us, at=at)
        disputes.resolve_dispute(dispute=theirs, resolution="You are right.", adjusted_s=0, by=tala, at=at)
        reckoning.reckon(at=A_NIGHT)
        found = {
            row.part: row.value for row in FairFigure.objects.filter(measure="disputes").order_by("part")
        }
        assert found == {
            "performer_taken_back": 1,
            "performer_otherwise": 1,
            "performer_as_recorded": 1,
            "company_as_claimed": 1,
        }
        assert (value("corrections", "up"), value("corrections", "down")) == (1, 1)

    def test_time_that_is_refused_is_unpaid_time(self, settings: Settings) -> None:
        everybody_counts(settings)
        session = stories.a_pair_booked()
        ada, _ = plays(session)
        stories.everyone_confirms(stories.the_week_is_over())
        us, tala = stories.owner_of(session.company), of_user(stories.a_member_of_staff(Staff.TALENT))
        dispute = stories.questions(ada, claimed_s=0, by=us)
        disputes.resolve_dispute(
            dispute=dispute, resolution="Not there.", adjusted_s=0, by=tala, at=stories.REVIEW_DAY
        )
        reckoning.reckon(at=A_NIGHT)
        assert value("time", "refused") == ada.worked_s > 0
        assert value("time", "present") == 0

    def test_presence_that_is_not_paid_has_its_reason(self, settings: Settings) -> None:
        everybody_counts(settings)
        session = stories.a_pair_booked()
        seats = list(session.seats.select_related("performer").order_by("id"))
        early, late = session.call_at - timedelta(minutes=5), session.scheduled_end_at + timedelta(minutes=30)
        ada = seats[0].performer
        bodies = [stories.joined(session, ada, early), stories.left(session, ada, late)]
        stories.arrives(session, *stories.somebody_of_the_company(session, late), *bodies, at=late)
        lines = stories.time_passes(session, at=late + timedelta(hours=1))
        week, us = stories.everyone_confirms(stories.the_week_is_over()), stories.owner_of(session.company)
        timekeeping.approve_week(company=session.company, week=week, by=us, at=stories.REVIEW_DAY)
        reckoning.reckon(at=A_NIGHT)
        assert value("time", "before_call") == 300
        assert value("time", "present") == sum(line.worked_s for line in lines)
        present_s = (late - early).total_seconds()
        told = [value("time", part) for part in ("present", "before_call", "after_window")]
        assert sum(each for each in told if isinstance(each, int)) == present_s

    def test_appeals_and_suspensions_count_by_what_came_of_them(self, settings: Settings) -> None:
        everybody_counts(settings)
        at = stories.BEFORE
        gig = stories.a_gig(stories.a_company())
        application = stories.applies(stories.a_performer(), gig)
        us, tala = stories.owner_of(gig.company), of_user(stories.a_member_of_staff(Staff.TALENT))
        casting.decline(application=application, reason=Reason.SKILLS, by=us, at=at)
        me = stories.acting(application.performer)
        appeal = appeals.file(subject=application.public_id, text="I can.", by=me, at=at)
        appeals.take_up(appeal=appeal, by=tala, at=at)
        appeals.uphold(appeal=appeal, text="It stays.", by=tala, at=at)
        wronged = stories.a_performer()
        held_to = stories.a_performer()
        lifted, appealed = stories.is_suspended(held_to), stories.is_suspended(wronged)
        stays = appeals.file(subject=lifted.public_id, text="No.", by=stories.acting(held_to), at=at)
        appeals.take_up(appeal=stays, by=tala, at=at)
        appeals.uphold(appeal=stays, text="It stays.", by=tala, at=at)
        stories.is_suspended(stories.a_company())
        stories.is_reinstated(lifted)
        them = stories.acting(wronged)
        wrong = appeals.file(subject=appealed.public_id, text="It was not me.", by=them, at=at)
        appeals.take_up(appeal=wrong, by=tala, at=at)
        appeals.reverse(appeal=wrong, text="It was not.", by=tala, at=at)
        reckoning.reckon(at=A_NIGHT)
        assert [value("appeals", name) for name in ("upheld", "reversed", "withdrawn")] == [2, 1, 0]
        assert [value("suspensions", name) for name in ("imposed", "lifted", "reversed")] == [3, 1, 1]

    def test_an_answer_that_was_taken_back_was_the_answer_and_counts_once(self, settings: Settings) -> None:
        """Whatever follows it: here another no, in another month."""
        everybody_counts(settings)
        at, in_december = stories.BEFORE, datetime(2026, 12, 2, 9, tzinfo=UTC)
        gig = stories.a_gig(stories.a_company())
        application = stories.applies(stories.a_performer(), gig)
        us, tala = stories.owner_of(gig.company), of_user(stories.a_member_of_staff(Staff.TALENT))
        casting.decline(application=application, reason=Reason.SKILLS, by=us, at=at)
        me = stories.acting(application.performer)
        appeal = appeals.file(subject=application.public_id, text="I can.", by=me, at=at)
        appeals.take_up(appeal=appeal, by=tala, at=at)
        appeals.reverse(appeal=appeal, text="They can.", by=tala, at=at)
        application.refresh_from_db()
        casting.decline(application=application, reason=Reason.AVAILABILITY, by=us, at=in_december)
        reckoning.reckon(at=A_NIGHT + timedelta(days=31))
        assert [value("answer", "count", month=month) for month in (NOVEMBER, DECEMBER)] == [1, 0]


@pytest.mark.django_db
def test_a_read_asks_as_much_of_one_month_as_of_thirty() -> None:
    asked = []
    for many in (1, 30):
        first = date(2024, 1, 1)
        for _ in range(many):
            FairMonth.objects.get_or_create(starts_on=first, defaults={"reckoned_at": A_NIGHT})
            first = (first + timedelta(days=31)).replace(day=1)
        with CaptureQueriesContext(
            connection,
        ) as counted:
            report = queries.report()
        asked.append(len(counted))
    assert asked == [2, 2]
    assert len(report.months) == queries.MONTHS_SHOWN
