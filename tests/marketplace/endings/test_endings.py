"""Every end of a parent, in every state of its children: nothing stands without it, and everyone is answered."""

from datetime import timedelta

import pytest

from accounts.notifications.models import Notification
from kit.transitions import IllegalMove
from marketplace.casting import answering
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.casting.states import Reason
from marketplace.endings import operations
from marketplace.endings.orphans import orphans
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from marketplace.sessions.booking import EngagementNotActive
from marketplace.sessions.models import Seat, Session
from tests import stories
from tests.marketplace.casting.test_operations import WAYS, applied, takes

AT = stories.BEFORE
pytestmark = pytest.mark.django_db
ENGAGED = ("sent", "performer_signed", "active", "paused", "terminated")


def engaged(gig: Gig, state: str) -> Engagement:
    """An engagement that came to that state by what people did."""
    if state in ("active", "paused", "terminated"):
        made = stories.an_active_engagement(gig)
        us = stories.owner_of(gig.company)
        if state == "paused":
            return engagements.pause(engagement=made, reason="A holiday.", by=us, at=AT)
        return (
            operations.end_engagement(engagement=made, reason="Done.", by=us, at=AT)
            if state == "terminated"
            else made
        )
    made = stories.accepts(stories.a_performer(), gig)
    sha256, me, us = (
        made.versions.get().text_sha256,
        stories.acting(made.performer),
        stories.owner_of(gig.company),
    )
    if state != "sent":
        name = made.performer.user.name
        made = engagements.sign_as_performer(
            engagement=made, name=name, read_sha256=sha256, by=stories.proved(me, at=AT), at=AT
        )
    assert made.state == state
    return made


def ends(gig: Gig, how: str) -> Gig:
    us = stories.owner_of(gig.company)
    if how == "cancelled":
        return operations.cancel_gig(gig=gig, reason="No studio.", by=us, at=AT)
    gigs.close(gig=gig, by=us, at=AT)
    if answering.waiting_for(gig).exists():
        answering.answer_waiting(gig=gig, reason=Reason.SEATS_FILLED, by=us, at=AT)
    return operations.complete_gig(gig=gig, by=us, at=AT)


@pytest.mark.parametrize("how", ["cancelled", "completed"])
class TestAGigThatEnds:
    @pytest.mark.parametrize("state", list(WAYS))
    def test_answers_its_applications(self, state: str, how: str) -> None:
        gig = stories.a_gig(stories.a_company(), openings=2)
        application = applied(gig)
        for step in WAYS[state]:
            takes(application, step)
        ends(gig, how)
        application.refresh_from_db()
        assert orphans() == {}
        if state in ("submitted", "shortlisted", "offered"):
            # An offer waits for the performer, so it ends with the gig; the others were the company's to answer.
            by_company = how == "completed" and state != "offered"
            reason = "seats_filled" if by_company else "gig_ended"
            assert (application.state, application.reason) == ("not_selected", reason)
            assert (
                Notification.objects.filter(user=application.performer.user, title="Not this time").count()
                == 1
            )

    @pytest.mark.parametrize("state", ENGAGED)
    def test_ends_its_engagements(self, state: str, how: str) -> None:
        gig = stories.a_gig(stories.a_company())
        made = engaged(gig, state)
        ends(gig, how)
        made.refresh_from_db()
        assert (made.state, made.application.state, orphans()) == (EngagementState.TERMINATED, "ended", {})
        told = Notification.objects.filter(user=made.performer.user, title="Your engagement has ended")
        assert told.count() == 1


class TestAGigThatIsCancelled:
    def test_calls_its_sessions_off_and_pays_by_the_notice(self) -> None:
        session = stories.a_pair_booked()
        gig, us = session.gig, stories.owner_of(session.company)
        at = stories.CALL - timedelta(hours=24)
        operations.cancel_gig(gig=gig, reason="No studio.", by=us, at=at)
        lines = stories.time_passes(session, at=at)
        session.refresh_from_db()
        assert (session.outcome, [line.payable_s for line in lines]) == ("late_cancelled", [1800, 1800])
        assert orphans() == {}

    def test_waits_for_a_session_that_runs(self) -> None:
        session = stories.a_pair_booked()
        us = stories.owner_of(session.company)
        with pytest.raises(gigs.WorkBooked):
            operations.cancel_gig(gig=session.gig, reason="No studio.", by=us, at=stories.CALL)
        stories.they_play(session)
        operations.cancel_gig(
            gig=session.gig, reason="No studio.", by=us, at=stories.CALL + timedelta(hours=3)
        )
        assert orphans() == {}

    def test_is_not_completed_while_something_is_booked(self) -> None:
        session = stories.a_pair_booked()
        us = stories.owner_of(session.company)
        gigs.close(gig=session.gig, by=us, at=AT)
        with pytest.raises(gigs.WorkBooked):
            operations.complete_gig(gig=session.gig, by=us, at=AT)
        stories.they_play(session)
        assert operations.complete_gig(gig=session.gig, by=us, at=stories.REVIEW_DAY).state == "completed"


class TestAnEngagementThatEnds:
    @pytest.mark.parametrize(("by_company", "payable_s"), [(True, 1800), (False, 0)])
    def test_gives_its_seats_back_and_leaves_the_others_booked(
        self, by_company: bool, payable_s: int
    ) -> None:
        session = stories.a_pair_booked()
        seat, other = session.seats.select_related("performer", "engagement__gig__company").order_by("id")
        by = stories.owner_of(session.company) if by_company else stories.acting(seat.performer)
        at = stories.CALL - timedelta(hours=24)
        operations.end_engagement(engagement=seat.engagement, reason="It is over.", by=by, at=at)
        assert orphans() == {}
        assert Session.objects.get().state == "booked"
        lines = {
            line.seat_id: line.payable_s for line in stories.they_play(session, performers=[other.performer])
        }
        assert lines == {other.pk: 5400} | ({seat.pk: payable_s} if payable_s else {})

    def test_calls_a_session_off_that_had_nobody_else(self) -> None:
        gig = stories.a_gig(stories.a_company())
        engagement = stories.an_active_engagement(gig)
        stories.a_booked_session(engagement)
        operations.end_engagement(
            engagement=engagement, reason="I move.", by=stories.acting(engagement.performer), at=AT
        )
        assert (Session.objects.get().state, orphans()) == ("cancelled", {})
        gig.refresh_from_db()
        stories.time_passes(Session.objects.get(), at=AT)
        gig.refresh_from_db()
        assert gig.committed_minor == 0

    def test_lets_its_performer_apply_again_and_its_place_be_given_away(self) -> None:
        gig = stories.a_gig(stories.a_company(), openings=1)
        engagement = stories.an_active_engagement(gig)
        with pytest.raises(casting.AlreadyApplied):
            stories.applies(engagement.performer, gig)
        operations.end_engagement(
            engagement=engagement, reason="Done.", by=stories.owner_of(gig.company), at=AT
        )
        again = stories.applies(engagement.performer, gig)
        (offered,) = casting.offer(applications=[again], by=stories.owner_of(gig.company), at=AT)
        assert offered.state == "offered"

    def test_is_signed_by_nobody_any_more(self) -> None:
        made = engaged(stories.a_gig(stories.a_company()), "sent")
        me = stories.acting(made.performer)
        operations.end_engagement(engagement=made, reason="I thought again.", by=me, at=AT)
        sha256 = made.versions.get().text_sha256
        with pytest.raises(engagements.EngagementEnded):
            engagements.sign_as_performer(
                engagement=made,
                name=made.performer.user.name,
                read_sha256=sha256,
                by=stories.proved(me, at=AT),
                at=AT,
            )

    def test_leaves_a_session_that_runs_to_be_played(self) -> None:
        gig = stories.a_gig(stories.a_company())
        engagement = stories.an_active_engagement(gig)
        session = stories.a_booked_session(engagement)
        at = stories.CALL + timedelta(minutes=1)
        operations.end_engagement(
            engagement=engagement, reason="Done.", by=stories.owner_of(gig.company), at=at
        )
        assert Seat.objects.get().released_at is None
        assert [line.payable_s for line in stories.they_play(session)] == [5400]


class TestAnOffer:
    def test_that_ran_out_is_made_anew_but_not_beside_another_application(self) -> None:
        gig = stories.a_gig(stories.a_company(), openings=2)
        application, us = stories.is_offered(stories.a_performer(), gig), stories.owner_of(gig.company)
        later = AT + timedelta(days=4)
        casting.expire(at=later)
        (again,) = casting.offer(applications=[application], by=us, at=later)
        assert (again.state, again.offer_expires_at) == ("offered", later + casting.OFFER_STANDS)
        casting.expire(at=later + timedelta(days=4))
        stories.applies(application.performer, gig, at=later + timedelta(days=4))
        with pytest.raises(casting.AlreadyApplied):
            casting.offer(applications=[application], by=us, at=later + timedelta(days=4))

    def test_is_taken_back_before_it_is_accepted_and_not_after(self) -> None:
        gig = stories.a_gig(stories.a_company())
        application, us = stories.is_offered(stories.a_performer(), gig), stories.owner_of(gig.company)
        assert casting.take_offer_back(application=application, by=us, at=AT).state == "shortlisted"
        told = Notification.objects.get(user=application.performer.user, title="An offer was taken back")
        assert gig.title in told.body
        with pytest.raises(IllegalMove):
            casting.take_offer_back(application=application, by=us, at=AT)
        casting.offer(applications=[application], by=us, at=AT)
        engagements.accept_offer(application=application, by=stories.acting(application.performer), at=AT)
        with pytest.raises(IllegalMove):
            casting.take_offer_back(application=Application.objects.get(), by=us, at=AT)

    def test_of_an_ended_gig_is_not_made(self) -> None:
        gig = stories.a_gig(stories.a_company())
        application = stories.applies(stories.a_performer(), gig)
        gigs.pause(gig=gig, by=stories.owner_of(gig.company), at=AT)
        casting.offer(applications=[application], by=stories.owner_of(gig.company), at=AT)
        assert Application.objects.get().state == "offered"
        other = stories.a_gig(gig.company)
        waiting = stories.applies(stories.a_performer(), other)
        late = stories.BEFORE + timedelta(days=900)
        with pytest.raises(casting.GigNotOpen):
            casting.offer(applications=[waiting], by=stories.owner_of(gig.company), at=late)


class TestAPause:
    def test_lets_nothing_new_be_booked_until_whoever_paused_goes_on(self) -> None:
        gig = stories.a_gig(stories.a_company())
        made = stories.an_active_engagement(gig)
        me, us = stories.acting(made.performer), stories.owner_of(gig.company)
        engagements.pause(engagement=made, reason="A child is born.", by=me, at=AT)
        with pytest.raises(EngagementNotActive):
            stories.a_booked_session(made)
        with pytest.raises(engagements.NotYoursToResume):
            engagements.resume(engagement=made, by=us, at=AT)
        assert Notification.objects.get(user=stories.person(us), title="A performer takes a pause").body
        engagements.resume(engagement=made, by=me, at=AT)
        assert stories.a_booked_session(made).state == "booked"
