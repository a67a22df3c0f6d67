"""Applying and being answered: by a date, with a reason, and never with silence."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved, require_may_apply
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify
from accounts.notifications.work_kinds import WorkKind as Kind
from accounts.performers.models import Performer
from kit.errors import DomainError, Invalid
from kit.instants import day
from kit.text import optional_text
from kit.transitions import IllegalMove
from marketplace.casting import answering, places
from marketplace.casting.models import LONGEST_MESSAGE, Answer, Application
from marketplace.casting.states import APPLICATION, OPEN, OVER, ApplicationState, Reason
from marketplace.gigs.models import Gig, ScreeningQuestion
from marketplace.gigs.queries import is_over
from marketplace.gigs.states import WORKING, GigState
from marketplace.retries import operations as retries
from marketplace.retries.models import Job

OFFER_STANDS = timedelta(hours=72)
AUDITION_WITHIN = timedelta(days=5)
AUDITION_REMINDER = timedelta(days=2)
OFFER_REMINDER = timedelta(hours=24)
MOST_OFFERED = 50
SYSTEM = answering.SYSTEM
S = ApplicationState
BEFORE_SHORTLIST = (S.SUBMITTED, S.AUDITION_REQUESTED, S.AUDITION_SUBMITTED)


class GigNotOpen(DomainError):
    """Look on the board for what is open now."""

    code = "gig_not_open"
    title = "This gig takes no applications now"


class AlreadyApplied(DomainError):
    """Nothing to do: your application is with them."""

    code = "already_applied"
    title = "You have applied already"


class NoOpenings(DomainError):
    """Raise the gig's openings, or offer to fewer."""

    code = "no_openings_left"
    title = "All places are taken"


class OfferExpired(DomainError):
    """Ask the company to offer it again; the application is not lost."""

    code = "offer_expired"
    title = "The offer has run out"


def apply(
    *, gig: Gig, performer: Performer, note: str, answers: Mapping[int, str], by: Actor, at: datetime
) -> Application:
    """Apply, with an answer by the question's position. The company answers within the gig's `answer_days`.

    Whoever has asked to be vetted may, before the answer too: only a booking waits for it. Raises NotFound (404),
    NotApproved, Suspended, GigNotOpen, AlreadyApplied (409), Invalid (422) naming each unanswered question.
    """
    by.require_performer(performer.pk)
    require_may_apply(performer.state, whose="Your profile")
    try:
        with transaction.atomic():
            return _apply(gig, performer, note, answers, by=by, at=at)
    except IntegrityError as error:
        if "one_live_application_per_gig" in str(error):
            raise AlreadyApplied("Your application is with them; you find it under My work.") from error
        raise


def _apply(
    gig: Gig, performer: Performer, note: str, answers: Mapping[int, str], *, by: Actor, at: datetime
) -> Application:
    # Locked, so that nobody's application comes into a gig that ends at this moment, and waits there for ever.
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    if gig.state != GigState.PUBLISHED:
        raise GigNotOpen("It may open again; the board shows what is open now.")
    if is_over(gig, at=at):
        raise GigNotOpen(f"Its last day was {day(gig.ends_on)}.")
    questions = {question.position: question for question in gig.questions.all()}
    _check_answers(questions, answers)
    application = Application.objects.create(gig=gig, performer=performer, note=note.strip(), created_at=at)
    Answer.objects.bulk_create(
        Answer(application=application, question=questions[position], text=text.strip())
        for position, text in sorted(answers.items())
        if text.strip()
    )
    due = at + timedelta(days=gig.answer_days)
    audit.move(application, S.SUBMITTED, by=by, at=at, submitted_at=at, answer_due_at=due)
    if gig.audition:
        _request_audition(application, by=SYSTEM, at=at)
    return application


def _request_audition(application: Application, *, by: Actor, at: datetime) -> Application:
    """The answer is promised anew: the days that it takes count from the self-tape, or from when it was waited for."""
    due = at + AUDITION_WITHIN
    audit.move(
        application,
        S.AUDITION_REQUESTED,
        by=by,
        at=at,
        audition_due_at=due,
        answer_due_at=due + timedelta(days=application.gig.answer_days),
    )
    about: About = {"gig": application.gig.title, "due_at": due}
    _tell(application, kind=Kind.AUDITION_REQUESTED, about=about, at=at)
    return application


@transaction.atomic
def submit_audition(*, application: Application, by: Actor, at: datetime) -> None:
    """The self-tape is there and can be played; `craft` says so. Where none was asked for, nothing changes."""
    application = locked(application)
    if application.state != S.AUDITION_REQUESTED:
        return
    due = at + timedelta(days=application.gig.answer_days)
    audit.move(application, S.AUDITION_SUBMITTED, by=by, at=at, answer_due_at=due)
    _tell_company(application, kind=Kind.AUDITION_SUBMITTED, about={"gig": application.gig.title}, at=at)


@transaction.atomic
def withdraw(*, application: Application, by: Actor, at: datetime) -> Application:
    """The performer takes the application back. It never counts against them. Raises NotFound (404)."""
    by.require_performer(application.performer_id)
    application = locked(application)
    audit.move(application, S.WITHDRAWN, by=by, at=at, decided_at=at)
    about: About = {"performer": application.performer.stage_name, "gig": application.gig.title}
    _tell_company(application, kind=Kind.APPLICATION_WITHDRAWN, about=about, at=at)
    return application


@transaction.atomic
def take_offer_back(*, application: Application, by: Actor, at: datetime) -> Application:
    """The company takes an offer back before it was accepted: the applicant is on the shortlist again, and told.

    Raises Forbidden (403), IllegalMove (409).
    """
    by.require(Act.OFFER, company_id=application.gig.company_id)
    application = locked(application)
    if application.state != S.OFFERED:
        APPLICATION.check(application.state, S.OFFERED)
        raise IllegalMove("There is no offer to take back.")
    audit.move(application, S.SHORTLISTED, by=by, at=at)
    _tell(application, kind=Kind.OFFER_TAKEN_BACK, about={"gig": application.gig.title}, at=at)
    return application


def answer_all(*, gig: Gig, by: Actor, at: datetime) -> int:
    """The gig ends: whoever waits for an answer has it, and no offer stands. In a transaction, with the gig locked."""
    waiting = Application.objects.filter(gig=gig, state__in=[*OPEN, S.OFFERED])
    return answering.decline_all(waiting, Reason.GIG_ENDED, "", by=by, at=at)


def end_work(*, application: Application, by: Actor, at: datetime) -> None:
    """The engagement that came of it ended: its place is free, and the performer may apply again."""
    application = locked(application)
    if application.state == S.ACCEPTED:
        audit.move(application, S.ENDED, by=by, at=at)


@transaction.atomic
def shortlist(*, application: Application, by: Actor, at: datetime) -> Application:
    """Raises Forbidden (403), IllegalMove (409)."""
    by.require(Act.CAST, company_id=application.gig.company_id)
    application = locked(application)
    if application.state == S.OFFERED:
        raise IllegalMove("An offer stands; take it back, and they are on the shortlist again.")
    if application.state == S.NOT_SELECTED:
        raise IllegalMove("They have your no. Only an appeal takes it back.")
    audit.move(application, S.SHORTLISTED, by=by, at=at)
    _tell(application, kind=Kind.SHORTLISTED, about={"gig": application.gig.title}, at=at)
    return application


@transaction.atomic
def decline(
    *, application: Application, reason: Reason, note: str = "", by: Actor, at: datetime
) -> Application:
    """Not this time: with a reason from the closed list, told to the performer at once.

    Raises Forbidden (403), IllegalMove (409) while an offer stands, PlaceIsKept (409) after an appeal, Invalid (422) for a reason
    that is the house's own.
    """
    by.require(Act.CAST, company_id=application.gig.company_id)
    application = locked(application)
    if application.state == S.OFFERED:
        raise IllegalMove("An offer stands; take it back first.")
    answering.refuse_of_the_house(reason)
    places.refuse_no(application, at=at)
    APPLICATION.check(application.state, S.NOT_SELECTED)
    one = Application.objects.filter(pk=application.pk)
    answering.decline_all(one, Reason(reason), note.strip(), by=by, at=at)
    application.refresh_from_db(fields=["state", "reason", "reason_note", "decided_by", "decided_at"])
    return application


def offer(
    *,
    applications: Sequence[Application],
    message: str = "",
    stands: timedelta = OFFER_STANDS,
    by: Actor,
    at: datetime,
) -> list[Application]:
    """Offer the gig to several at once, all or none.

    Raises NoOpenings, PlaceIsKept, NotApproved, Suspended, IllegalMove (409), NotFound (404), Invalid (422) for none, too many,
    or a message too long.
    """
    if not 1 <= len(applications) <= MOST_OFFERED:
        said = f"Choose at least one applicant, and at most {MOST_OFFERED} at once."
        raise Invalid.field("applications", said, code="out_of_range")
    message = optional_text(message, field="message", longest=LONGEST_MESSAGE)
    with transaction.atomic():
        return [
            _offer(application, message, expires_at=at + stands, by=by, at=at) for application in applications
        ]


def _offer(
    application: Application, message: str, *, expires_at: datetime, by: Actor, at: datetime
) -> Application:
    by.require(Act.OFFER, company_id=application.gig.company_id)
    # Locked with the gig, so that two who offer at once cannot give one place away twice.
    application = locked(application)
    gig = application.gig
    if gig.state not in WORKING or is_over(gig, at=at):
        raise GigNotOpen("It has ended, or was never on the board, so no place in it can be offered.")
    _refuse_second(application)
    require_approved(application.gig.company.state, whose=application.gig.company.name)
    require_may_apply(application.performer.state, whose="This performer's profile")
    taken = places.taken_in(gig)
    if taken >= gig.openings:
        raise NoOpenings(f"This gig seeks {gig.openings}, and {taken} are offered or accepted.")
    places.refuse_kept(application, free=gig.openings - taken, at=at)
    if application.state in BEFORE_SHORTLIST:
        audit.move(application, S.SHORTLISTED, by=by, at=at)
    audit.move(
        application,
        S.OFFERED,
        by=by,
        at=at,
        offer_message=message,
        offered_at=at,
        offer_expires_at=expires_at,
    )
    _tell(
        application,
        kind=Kind.OFFER,
        about={
            "company": gig.company.name,
            "gig": gig.title,
            "message": message,
            "answer_by": expires_at,
        },
        at=at,
    )
    return application


def _refuse_second(application: Application) -> None:
    """An offer that ran out can be made anew, but not beside another application of the same performer."""
    others = Application.objects.filter(gig=application.gig, performer=application.performer)
    if application.state == S.EXPIRED and others.exclude(state__in=OVER).exists():
        raise AlreadyApplied("They have applied again since; answer that application.")


@transaction.atomic
def accept(*, application: Application, by: Actor, at: datetime) -> Application:
    """The performer says yes, while the offer stands. Raises NotFound (404), OfferExpired, IllegalMove (409).

    Called by `engagements.operations.accept_offer`, which draws up what follows in the same transaction.
    """
    by.require_performer(application.performer_id)
    application = locked(application)
    if application.state == S.OFFERED and application.offer_expires_at and at >= application.offer_expires_at:
        raise OfferExpired("Ask the company to offer it again; your application is not lost.")
    audit.move(application, S.ACCEPTED, by=by, at=at, decided_at=at)
    return application


@transaction.atomic
def decline_offer(*, application: Application, by: Actor, at: datetime) -> Application:
    """The performer says no. It never counts against them. Raises NotFound (404)."""
    by.require_performer(application.performer_id)
    application = locked(application)
    audit.move(application, S.DECLINED, by=by, at=at, decided_at=at)
    about: About = {"performer": application.performer.stage_name, "gig": application.gig.title}
    _tell_company(application, kind=Kind.OFFER_DECLINED, about=about, at=at)
    return application


def expire(*, at: datetime) -> int:
    """Offers that ran out, each told to both sides; returns how many."""
    ran_out = Application.objects.filter(state=S.OFFERED, offer_expires_at__lte=at).order_by("id")
    return retries.each(
        ran_out, lambda row: _expire(row, at=at), job=Job.EXPIRE_OFFER, page=_page_of_its_gig, at=at
    )


def _expire(application: Application, *, at: datetime) -> bool:
    application = locked(application)
    if application.state != S.OFFERED:
        return False
    audit.move(application, S.EXPIRED, by=SYSTEM, at=at, decided_at=at)
    _tell(application, kind=Kind.OFFER_EXPIRED, about={"gig": application.gig.title}, at=at)
    about: About = {"performer": application.performer.stage_name, "gig": application.gig.title}
    _tell_company(application, kind=Kind.OFFER_NOT_ANSWERED, about=about, at=at)
    return True


def remind_of_offers(*, at: datetime) -> None:
    """Once for each offer, a day before it runs out; none where it was made no earlier."""
    soon = Application.objects.filter(
        state=S.OFFERED, offer_expires_at__gt=at, offer_expires_at__lte=at + OFFER_REMINDER
    ).filter(offered_at__lt=F("offer_expires_at") - OFFER_REMINDER)
    rows = soon.select_related("gig__company", "performer").order_by("id")
    job, page = Job.REMIND_OF_OFFER, _page_of_its_gig
    retries.each(rows, lambda row: _remind_of_offer(row, at=at), job=job, page=page, at=at)


def _remind_of_offer(application: Application, *, at: datetime) -> None:
    notify(
        kind=Kind.OFFER_ENDS_SOON,
        user_id=application.performer.user_id,
        key=f"offer_ends_soon:{application.public_id}:{application.offer_expires_at:%Y%m%d%H%M}",
        about={
            "company": application.gig.company.name,
            "gig": application.gig.title,
            "answer_by": application.offer_expires_at or at,
        },
        where={PLACE: application.public_id},
        at=at,
    )


def remind_of_auditions(*, at: datetime) -> None:
    """Once for each self-tape that was asked for and has not come, two days before it is waited for no longer."""
    soon = Application.objects.filter(
        state=S.AUDITION_REQUESTED, audition_due_at__gt=at, audition_due_at__lte=at + AUDITION_REMINDER
    )
    rows = soon.select_related("gig__company", "performer").order_by("id")
    job, page = Job.REMIND_OF_AUDITION, _page_of_its_gig
    retries.each(rows, lambda row: _remind_of_audition(row, at=at), job=job, page=page, at=at)


def _remind_of_audition(application: Application, *, at: datetime) -> None:
    notify(
        kind=Kind.AUDITION_ENDS_SOON,
        user_id=application.performer.user_id,
        key=f"audition_ends_soon:{application.public_id}:{application.audition_due_at:%Y%m%d%H%M}",
        about={"gig": application.gig.title, "due_at": application.audition_due_at or at},
        where={PLACE: application.public_id},
        at=at,
    )


def remind_of_answers(*, at: datetime) -> None:
    """Companies, of applications whose answer is overdue; once a day for each gig."""
    overdue = Application.objects.filter(state__in=OPEN, answer_due_at__lte=at).values("gig_id").distinct()
    rows = Gig.objects.filter(pk__in=overdue).select_related("company").order_by("pk")
    job = Job.REMIND_OF_ANSWERS
    retries.each(rows, lambda row: _remind_of_answers(row, at=at), job=job, page=_page_of, at=at)


def _remind_of_answers(gig: Gig, *, at: datetime) -> None:
    tell_company(
        kind=Kind.ANSWERS_OVERDUE,
        company_id=gig.company.pk,
        key=f"overdue:{gig.public_id}:{at:%Y-%m-%d}",
        about={"gig": gig.title},
        where={"gig_id": gig.public_id},
        at=at,
    )


def _page_of(gig: Gig) -> str:
    return reverse("gig_detail", args=[gig.public_id])


def _page_of_its_gig(application: Application) -> str:
    return _page_of(application.gig)


def _check_answers(questions: Mapping[int, ScreeningQuestion], answers: Mapping[int, str]) -> None:
    errors = [
        {"field": f"answers.{position}", "code": "required", "detail": question.text}
        for position, question in questions.items()
        if question.required and not answers.get(position, "").strip()
    ]
    errors += [
        {"field": f"answers.{position}", "code": "unknown_field", "detail": "The gig asks no such question."}
        for position in sorted(set(answers) - set(questions))
    ]
    errors += [
        {"field": f"answers.{position}", "code": "not_a_choice", "detail": "Answer yes or no."}
        for position, text in answers.items()
        if position in questions
        and questions[position].kind == ScreeningQuestion.Kind.YES_NO
        and text.strip().lower() not in ("yes", "no", "")
    ]
    if errors:
        raise Invalid("Some answers need another look; nothing was sent.", errors=errors)


def locked(application: Application) -> Application:
    """The application, locked after its gig. In the caller's transaction."""
    # The gig first, as everywhere: whoever ends it and whoever is answered wait for each other.
    Gig.objects.select_for_update().get(pk=application.gig_id)
    rows = Application.objects.select_for_update(of=("self",)).select_related(
        "gig__company", "performer__user"
    )
    return rows.get(pk=application.pk)


def _tell(application: Application, *, kind: Kind, about: About, at: datetime) -> None:
    notify(
        kind=kind,
        user_id=application.performer.user_id,
        key=f"application:{application.public_id}:{application.state}:{at:%Y%m%d%H%M}",
        about=about,
        where={PLACE: application.public_id},
        at=at,
    )


def _tell_company(application: Application, *, kind: Kind, about: About, at: datetime) -> None:
    tell_company(
        kind=kind,
        company_id=application.gig.company_id,
        key=f"application:{application.public_id}:{application.state}:{at:%Y%m%d%H%M}",
        about=about,
        where={"gig_id": application.gig.public_id},
        at=at,
    )
