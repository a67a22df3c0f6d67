"""Two at the same moment: only the database can say who was first."""

from datetime import timedelta

import pytest

from marketplace.gigs.models import Gig
from marketplace.sessions import booking, deliveries
from marketplace.sessions.models import Seat, Session
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, TimeLine
from tests import stories
from tests.database import together


@pytest.mark.usefixtures("committed_db")
class TestAtTheSameMoment:
    def test_a_performer_is_booked_once(self) -> None:
        performer = stories.a_performer()
        engaged = [
            stories.an_active_engagement(stories.a_gig(stories.a_company()), performer) for _ in range(4)
        ]
        owners = [stories.owner_of(engagement.company) for engagement in engaged]

        def book(number: int) -> Session:
            return booking.book_session(
                gig=engaged[number].gig,
                call_at=stories.CALL + timedelta(minutes=20 * number),
                engagements=[engaged[number]],
                by=owners[number],
                at=stories.BEFORE,
            )

        answers = together([lambda n=n: book(n) for n in range(4)])  # type: ignore[misc] # n is bound early
        assert sum(isinstance(answer, Session) for answer in answers) == 1
        assert sum(isinstance(answer, booking.AlreadyBooked) for answer in answers) == 3
        assert Seat.objects.count() == 1

    def test_the_last_of_the_budget_is_spent_once(self) -> None:
        gig = stories.a_gig(stories.a_company(), funded_minor=30_000)
        engaged = [stories.an_active_engagement(gig) for _ in range(4)]
        owner = stories.owner_of(gig.company)

        def book(number: int) -> Session:
            return booking.book_session(
                gig=gig, call_at=stories.CALL, engagements=[engaged[number]], by=owner, at=stories.BEFORE
            )

        answers = together([lambda n=n: book(n) for n in range(4)])  # type: ignore[misc] # n is bound early
        assert sum(isinstance(answer, booking.BudgetExceeded) for answer in answers) == 2
        fresh = Gig.objects.get()
        assert fresh.committed_minor == sum(Seat.objects.values_list("committed_minor", flat=True)) <= 30_000

    def test_a_session_is_reckoned_once(self) -> None:
        session = stories.a_pair_booked()
        ends = session.scheduled_end_at
        seated = [seat.performer for seat in session.seats.select_related("performer")]
        stories.arrives(session, *[stories.joined(session, one, session.call_at) for one in seated], at=ends)
        stories.arrives(session, *[stories.left(session, one, ends) for one in seated], at=ends)
        after = ends + timedelta(hours=1)
        deliveries.follow(session=session, at=after)
        together(
            [
                lambda: timekeeping.reckon_session(session=session, at=after, by=stories.HOUSE)
                for _ in range(6)
            ]
        )
        assert TimeLine.objects.count() == 2
        assert Gig.objects.get().committed_minor == 2 * (11_100 + 1_665)

    def test_approving_and_disputing_leave_one_answer(self) -> None:
        session = stories.a_pair_booked()
        lines = stories.they_play(session)
        week = stories.everyone_confirms()
        owner = stories.owner_of(session.company)

        def dispute() -> object:
            return stories.questions(lines[0])

        def approve() -> object:
            return timekeeping.approve_week(
                company=session.company, week=week, by=owner, at=stories.REVIEW_DAY
            )

        answers = together([dispute, approve, approve])
        state = TimeLine.objects.get(pk=lines[0].pk).state
        # Disputed first, it stays behind; approved first, the dispute asks for a correction. Never both at once.
        assert isinstance(answers[0], Dispute)
        approved_first = max(answer for answer in answers[1:] if isinstance(answer, int)) == len(lines)
        assert state == ("approved" if approved_first else "disputed")
