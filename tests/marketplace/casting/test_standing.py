"""Who is not approved applies, but is not booked; who is suspended does neither; each no before its yes, by both doors."""

import pytest
from django.http import HttpResponse

from accounts.companies.models import Company
from accounts.performers.models import Performer
from marketplace.casting.models import Application
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.standing.doors import DOORS, Person, done, refused

pytestmark = pytest.mark.django_db


def owner(company: Company, door: str) -> Person:
    return Person(stories.person(stories.owner_of(company)), door)


def applies(me: Person, gig: Gig) -> HttpResponse:
    return me.sends("gig_apply", f"gigs/{gig.public_id}/applications", {"note": ""}, gig_id=gig.public_id)


def offers(us: Person, application: Application) -> HttpResponse:
    one, gig_id = application.public_id, application.gig.public_id
    sent = {"application": [one]} if us.door == "page" else {"applications": [one]}
    return us.sends("gig_offer", "offers", sent, gig_id=gig_id)


def accepts(me: Person, application: Application) -> HttpResponse:
    one = application.public_id
    return me.sends("offer_accept", f"applications/{one}/accept-offer", {}, application_id=one)


def books(us: Person, engagement: Engagement) -> HttpResponse:
    gig = engagement.gig
    if us.door == "page":
        sent = {"call_at": "2026-11-10T10:00", "minutes": 90, "engagements": [engagement.public_id]}
    else:
        sent = {
            "gig": gig.public_id,
            "call_at": "2026-11-10T15:00:00Z",
            "engagements": [engagement.public_id],
        }
    return us.sends("session_book", "sessions", sent, company_id=gig.company.public_id, gig_id=gig.public_id)


def applied(performer: Performer) -> Application:
    return Application.objects.get(performer=performer)


@DOORS
@pytest.mark.usefixtures("before_the_week")
class TestAPerformer:
    def test_applies_once_they_have_asked_and_accepts_once_approved(self, door: str) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_newcomer()
        me, us = Person(performer.user, door), owner(gig.company, door)
        assert refused(applies(me, gig), "not_approved")
        stories.completes_the_steps(performer)
        assert refused(applies(me, gig), "not_approved")
        stories.asks_to_be_vetted(performer)
        assert done(applies(me, gig))
        assert done(offers(us, applied(performer)))
        assert refused(accepts(me, applied(performer)), "not_approved")
        assert applied(performer).state == "offered"
        stories.proves_identity(performer)
        stories.is_vetted(performer)
        assert done(accepts(me, applied(performer)))
        assert applied(performer).state == "accepted"

    def test_suspended_neither_applies_nor_is_offered_nor_accepts(self, door: str) -> None:
        company = stories.a_company()
        gig, other, third = (stories.a_gig(company) for _ in range(3))
        performer = stories.a_performer()
        me, us = Person(performer.user, door), owner(company, door)
        waiting, offered = stories.applies(performer, other), stories.is_offered(performer, third)
        suspension = stories.is_suspended(performer)
        assert refused(applies(me, gig), "suspended")
        assert refused(offers(us, waiting), "suspended")
        assert refused(accepts(me, offered), "suspended")
        stories.is_reinstated(suspension)
        assert done(applies(me, gig))
        assert done(offers(us, waiting))
        assert done(accepts(me, offered))

    def test_suspended_is_not_booked(self, door: str) -> None:
        engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        us = owner(engagement.company, door)
        suspension = stories.is_suspended(engagement.performer)
        assert refused(books(us, engagement), "suspended")
        assert not engagement.seats.exists()
        stories.is_reinstated(suspension)
        assert done(books(us, engagement))
        assert engagement.seats.exists()


@DOORS
@pytest.mark.usefixtures("before_the_week")
class TestASuspendedCompany:
    def test_offers_nothing_books_nobody_and_its_offers_are_not_accepted(self, door: str) -> None:
        company = stories.a_company()
        gig, other = stories.a_gig(company), stories.a_gig(company)
        engagement = stories.an_active_engagement(gig)
        waiting, offered = (
            stories.applies(stories.a_performer(), gig),
            stories.is_offered(stories.a_performer(), other),
        )
        us, me = owner(company, door), Person(offered.performer.user, door)
        suspension = stories.is_suspended(company)
        assert refused(offers(us, waiting), "suspended")
        assert refused(books(us, engagement), "suspended")
        assert refused(accepts(me, offered), "suspended")
        stories.is_reinstated(suspension)
        assert done(offers(us, waiting))
        assert done(books(us, engagement))
        assert done(accepts(me, offered))

    def test_has_its_gigs_paused_and_puts_them_back_itself(self, door: str) -> None:
        gig = stories.a_gig(stories.a_company(), title="Paused with us")
        us = owner(gig.company, door)
        performer = Person(stories.a_performer().user, door)
        to = {"company_id": gig.company.public_id, "gig_id": gig.public_id, "step": "publish"}
        suspension = stories.is_suspended(gig.company)
        gig.refresh_from_db()
        assert gig.state == "paused"
        assert "Paused with us" not in us.reads("/")
        assert refused(us.sends("gig_step", f"gigs/{gig.public_id}/publish", {}, **to), "suspended")
        assert refused(applies(performer, gig))
        stories.is_reinstated(suspension)
        gig.refresh_from_db()
        assert gig.state == "paused"
        assert done(us.sends("gig_step", f"gigs/{gig.public_id}/publish", {}, **to))
        assert done(applies(performer, gig))
