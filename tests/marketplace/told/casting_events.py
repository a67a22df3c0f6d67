"""What happens between an application and signed terms: each sets its world up, and returns the press that it is about."""

from collections.abc import Callable
from datetime import timedelta

from accounts.appeals import operations as appeals
from accounts.appeals.models import Appeal
from accounts.companies import operations as companies
from accounts.performers import operations as performers
from kit.money import Money
from marketplace.casting import answering
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.casting.states import Reason
from marketplace.endings import operations as endings
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.gigs import operations as gigs
from marketplace.rights import operations as rights
from marketplace.rights.use_terms import set_use_terms
from tests import stories
from tests.marketplace.told.people import AT, House

Press = Callable[[], object]
HOUR = timedelta(hours=1)


def an_application_is_withdrawn(house: House) -> Press:
    application = stories.applies(house.performer, house.gig)
    return lambda: casting.withdraw(application=application, by=house.me, at=AT)


def an_application_is_withdrawn_from_its_offer(house: House) -> Press:
    application = stories.is_offered(house.performer, house.gig)
    return lambda: casting.withdraw(application=application, by=house.me, at=stories.BEFORE + HOUR)


def an_application_is_shortlisted(house: House) -> Press:
    application = stories.applies(house.performer, house.gig)
    return lambda: casting.shortlist(application=application, by=house.us, at=AT)


def an_application_is_declined(house: House) -> Press:
    application = stories.applies(house.performer, house.gig)
    return lambda: casting.decline(application=application, reason=Reason.SKILLS, by=house.us, at=AT)


def a_place_is_offered(house: House) -> Press:
    application = stories.applies(house.performer, house.gig)
    return lambda: casting.offer(applications=[application], by=house.us, at=AT)


def an_offer_is_taken_back(house: House) -> Press:
    application = stories.is_offered(house.performer, house.gig)
    return lambda: casting.take_offer_back(application=application, by=house.us, at=stories.BEFORE + HOUR)


def an_offer_is_accepted(house: House) -> Press:
    application = stories.is_offered(house.performer, house.gig)
    return lambda: engagements.accept_offer(application=application, by=house.me, at=stories.BEFORE + HOUR)


def an_offer_is_declined(house: House) -> Press:
    application = stories.is_offered(house.performer, house.gig)
    return lambda: casting.decline_offer(application=application, by=house.me, at=stories.BEFORE + HOUR)


def an_offer_runs_out(house: House) -> Press:
    stories.is_offered(house.performer, house.gig)
    return lambda: casting.expire(at=stories.BEFORE + casting.OFFER_STANDS)


def the_performer_signs(house: House) -> Press:
    engagement = stories.accepts(house.performer, house.gig)
    return lambda: _signs(house, engagement)


def the_company_signs(house: House) -> Press:
    engagement = stories.accepts(house.performer, house.gig)
    _signs(house, engagement)
    return lambda: _countersigns(house, engagement)


def the_company_signs_before_the_steps_are_done(house: House) -> Press:
    engagement = stories.accepts(house.performer, house.gig)
    _signs(house, engagement)
    _forgets_the_profile(house)
    return lambda: _countersigns(house, engagement)


def new_terms_are_proposed(house: House) -> Press:
    engagement = house.engagement()
    return lambda: engagements.amend(engagement=engagement, rate=Money(8000, "usd"), by=house.us, at=AT)


def new_terms_are_signed_by_both(house: House) -> Press:
    engagement = house.engagement()
    engagements.amend(engagement=engagement, rate=Money(8000, "usd"), by=house.us, at=AT)
    _signs(house, engagement)
    return lambda: _countersigns(house, engagement)


def the_performer_pauses(house: House) -> Press:
    engagement = house.engagement()
    return lambda: engagements.pause(engagement=engagement, reason="A tour.", by=house.me, at=AT)


def the_company_pauses(house: House) -> Press:
    engagement = house.engagement()
    return lambda: engagements.pause(engagement=engagement, reason="A holiday.", by=house.us, at=AT)


def the_performer_resumes(house: House) -> Press:
    engagement = house.engagement()
    engagements.pause(engagement=engagement, reason="A tour.", by=house.me, at=AT)
    return lambda: engagements.resume(engagement=engagement, by=house.me, at=AT + HOUR)


def the_company_resumes(house: House) -> Press:
    engagement = house.engagement()
    engagements.pause(engagement=engagement, reason="A holiday.", by=house.us, at=AT)
    return lambda: engagements.resume(engagement=engagement, by=house.us, at=AT + HOUR)


def the_performer_withdraws_a_use_of_recordings(house: House) -> Press:
    engagement = stories.an_active_engagement(house.gig, house.performer, grants=["evaluation"])
    grant = engagement.application.grants.get()
    return lambda: rights.withdraw(grant=grant, by=house.me, at=AT)


def the_performer_moves_to_illinois(house: House) -> Press:
    """What they granted for a price may not be paid for there."""
    gig = stories.a_gig(house.gig.company, purposes=["biometric_template"])
    asked = {"use": "A template of the face, to tell takes apart.", "bonus_minor": 5_000}
    set_use_terms(gig=gig, purpose="biometric_template", fields=asked, by=house.us, at=AT)  # type: ignore[arg-type] # its own fields
    stories.an_active_engagement(gig, house.performer, grants=["biometric_template"])
    return lambda: performers.say_where(
        performer=house.performer, country="US", region="IL", by=house.me, at=AT
    )


def the_performer_moves_before_anybody_has_signed(house: House) -> Press:
    stories.accepts(house.performer, house.gig)
    return lambda: performers.say_where(
        performer=house.performer, country="US", region="TX", by=house.me, at=AT
    )


def the_company_moves_before_anybody_has_signed(house: House) -> Press:
    stories.accepts(house.performer, house.gig)
    return lambda: _sits_in_illinois(house)


def the_performer_moves_before_the_company_has_signed(house: House) -> Press:
    """Their own signature is under a version that is replaced."""
    _signs(house, stories.accepts(house.performer, house.gig))
    return lambda: performers.say_where(
        performer=house.performer, country="US", region="TX", by=house.me, at=AT
    )


def the_performer_moves_after_both_have_signed(house: House) -> Press:
    house.engagement()
    return lambda: performers.say_where(
        performer=house.performer, country="US", region="TX", by=house.me, at=AT
    )


def the_performer_moves_to_where_the_same_law_holds(house: House) -> Press:
    """From one state without a law to another."""
    for_texas = performers.say_where(performer=house.performer, country="US", region="TX", by=house.me, at=AT)
    stories.an_active_engagement(house.gig, for_texas)
    return lambda: performers.say_where(
        performer=house.performer, country="US", region="OH", by=house.me, at=AT
    )


def the_company_moves_before_it_has_signed(house: House) -> Press:
    _signs(house, stories.accepts(house.performer, house.gig))
    return lambda: _sits_in_illinois(house)


def the_company_moves_after_both_have_signed(house: House) -> Press:
    house.engagement()
    return lambda: _sits_in_illinois(house)


def _sits_in_illinois(house: House) -> None:
    companies.say_where(company=house.company, country="US", region="IL", by=house.us, at=AT)


def the_performer_leaves(house: House) -> Press:
    session = house.session()
    engagement = session.seats.get(performer=house.performer).engagement
    return lambda: endings.end_engagement(engagement=engagement, reason="I move.", by=house.me, at=AT)


def the_company_ends_it(house: House) -> Press:
    session = house.session()
    engagement = session.seats.get(performer=house.performer).engagement
    return lambda: endings.end_engagement(engagement=engagement, reason="Done.", by=house.us, at=AT)


def the_gig_is_cancelled(house: House) -> Press:
    house.session()
    stories.applies(house.newcomer, house.gig)
    return lambda: endings.cancel_gig(gig=house.gig, reason="No studio.", by=house.us, at=AT)


def everyone_who_waits_is_answered(house: House) -> Press:
    stories.applies(house.newcomer, house.gig)
    gigs.close(gig=house.gig, by=house.us, at=AT)
    return lambda: answering.answer_waiting(gig=house.gig, reason=Reason.SEATS_FILLED, by=house.us, at=AT)


def the_house_answers_for_a_suspended_company(house: House) -> Press:
    stories.applies(house.newcomer, house.gig)
    stories.is_suspended(house.company, at=AT)
    return lambda: answering.answer_for_the_silent(at=AT + answering.SILENT_FOR)


def a_decline_is_appealed(house: House) -> Press:
    application = _declined(house)
    return lambda: appeals.file(subject=application.public_id, text="I did.", by=house.me, at=AT)


def a_decline_stays_on_appeal(house: House) -> Press:
    appeal = _appealed(house)
    return lambda: appeals.uphold(appeal=appeal, text="It stays.", by=house.talent, at=AT)


def a_decline_is_taken_back_on_appeal(house: House) -> Press:
    appeal = _appealed(house)
    return lambda: appeals.reverse(appeal=appeal, text="They did.", by=house.talent, at=AT)


def an_appeal_of_a_decline_is_taken_back(house: House) -> Press:
    application = _declined(house)
    appeal = appeals.file(subject=application.public_id, text="I did.", by=house.me, at=AT)
    return lambda: appeals.withdraw(appeal=appeal, by=house.me, at=AT)


def _declined(house: House) -> Application:
    application = stories.applies(house.performer, house.gig)
    return casting.decline(application=application, reason=Reason.SKILLS, by=house.us, at=stories.BEFORE)


def _appealed(house: House) -> Appeal:
    """Somebody in talent operations looks at it."""
    subject = _declined(house).public_id
    filed = appeals.file(subject=subject, text="I did.", by=house.me, at=stories.BEFORE)
    return appeals.take_up(appeal=filed, by=house.talent, at=stories.BEFORE)


def _signs(house: House, engagement: Engagement) -> Engagement:
    return engagements.sign_as_performer(
        engagement=engagement,
        name=house.performer.user.name,
        read_sha256=_last(engagement),
        by=stories.proved(house.me, at=AT),
        at=AT,
    )


def _countersigns(house: House, engagement: Engagement) -> Engagement:
    name = stories.person(house.us).name
    return engagements.countersign(
        engagement=engagement,
        name=name,
        read_sha256=_last(engagement),
        by=stories.proved(house.us, at=AT),
        at=AT,
    )


def _last(engagement: Engagement) -> str:
    return engagement.versions.latest("version").text_sha256


def _forgets_the_profile(house: House) -> None:
    performer = house.performer
    performers.update_profile(
        performer=performer,
        stage_name=performer.stage_name,
        about="",
        country="US",
        skills=[],
        languages=[],
        time_zone=performer.user.time_zone,
        by=house.me,
        at=AT,
    )
