"""Vetting: asked for by a performer or a company, looked at by a person against the checklist, answered by a date."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import Standing
from accounts.appeals import operations as appeals
from accounts.audit import operations as audit
from accounts.companies.countries import COUNTRIES
from accounts.companies.models import Company
from accounts.identity.names import LONGEST_NAME, LONGEST_REGISTRATION
from accounts.onboarding.queries import TO_BE_VETTED, missing
from accounts.performers.models import Performer
from accounts.standing import checklist, notices
from accounts.standing.models import LONGEST_TICK, LONGEST_WORDS, Check, Subject, Vetting, keys
from accounts.standing.reasons import Declined
from kit.errors import DomainError, Invalid
from kit.text import required_text

S = Standing


class NotReadyToBeVetted(DomainError):
    """Do what `facts.missing` names, then ask."""

    code = "not_ready_to_be_vetted"
    title = "A few steps come first"


class ChecklistOpen(DomainError):
    """See to what `facts.open` names, or decline with a reason."""

    code = "checklist_open"
    title = "The checklist has open items"


class KnownByTheHouse(DomainError):
    """Nothing to tick: the house finds this out by itself, or it is met already."""

    code = "known_by_the_house"
    title = "Nobody ticks that"


class OwnStanding(DomainError):
    """Ask a colleague in talent operations."""

    code = "own_standing"
    status = 403
    title = "Someone else decides about you"


@transaction.atomic
def ask_as_performer(*, performer: Performer, by: Actor, at: datetime) -> Vetting:
    """The performer asks to be vetted: mail confirmed, profile complete, terms accepted. Also again, once declined.

    Raises NotReadyToBeVetted, AlreadyAppealed, IllegalMove (409), NotFound (404).
    """
    by.require_performer(performer.pk)
    performer = Performer.objects.select_for_update().get(pk=performer.pk)
    open_steps = missing(performer, of=TO_BE_VETTED)
    if open_steps:
        labels = "; ".join(item.label for item in open_steps)
        raise NotReadyToBeVetted(f"First: {labels}.", missing=[str(item.step) for item in open_steps])
    return _ask(performer, by=by, at=at)


@transaction.atomic
def ask_as_company(
    *,
    company: Company,
    legal_name: str,
    registration_number: str,
    country: str,
    website: str,
    by: Actor,
    at: datetime,
) -> Vetting:
    """An owner asks for the company to be vetted, and says under which name and number it is registered, and where.

    Raises Forbidden (403), NotReadyToBeVetted before an owner's mail is confirmed, AlreadyAppealed, IllegalMove (409),
    Invalid (422), NotFound (404).
    """
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    company = Company.objects.select_for_update().get(pk=company.pk)
    if country not in COUNTRIES:
        raise Invalid.field("country", "Choose the country of registration.", code="not_a_choice")
    company.legal_name = required_text(legal_name, field="legal_name", longest=LONGEST_NAME)
    company.registration_number = required_text(
        registration_number, field="registration_number", longest=LONGEST_REGISTRATION
    )
    company.country, company.website = country, required_text(website, field="website", longest=200)
    if not checklist.owners_mail(company):
        raise NotReadyToBeVetted("First: confirm your mail address.", missing=["email"])
    company.save(update_fields=["legal_name", "registration_number", "country", "website"])
    return _ask(company, by=by, at=at)


@transaction.atomic
def take_up(*, vetting: Vetting, by: Actor, at: datetime) -> Vetting:
    """Someone in talent operations looks at it now; whom it is about is told.

    Raises Forbidden, OwnStanding (403), IllegalMove (409).
    """
    vetting, subject = _to_decide(vetting, by)
    audit.move(subject, S.IN_REVIEW, by=by, at=at)
    vetting.taken_up_by_id, vetting.taken_up_at = by.user_id, at
    vetting.save(update_fields=["taken_up_by", "taken_up_at"])
    notices.taken_up(vetting, at=at)
    return vetting


@transaction.atomic
def tick(*, vetting: Vetting, item: str, note: str, by: Actor, at: datetime) -> Vetting:
    """A person has looked at what the house cannot know, and writes down what they saw.

    Raises Forbidden, OwnStanding (403), KnownByTheHouse (409), Invalid (422) for another item or without a note.
    """
    vetting, subject = _to_decide(vetting, by)
    if checklist.point(subject, item) is None:
        raise Invalid.field("item", "The checklist has no such item.", code="not_a_choice")
    said = required_text(note, field="note", missing="Write down what you saw.", longest=LONGEST_TICK)
    stands = next(each for each in checklist.of(vetting) if each.item == item)
    if not stands.by_hand:
        raise KnownByTheHouse("The house finds this out by itself, or it is met already.")
    Check.objects.create(vetting=vetting, item=item, by_id=by.user_id, met_at=at, note=said)
    audit.record(verb="vetting.ticked", thing=vetting, by=by, at=at, item=str(item), note=said)
    return vetting


@transaction.atomic
def approve(*, vetting: Vetting, by: Actor, at: datetime) -> Vetting:
    """Yes, once every item of the checklist is met; what was met is kept with the decision.

    Raises ChecklistOpen, IllegalMove (409), Forbidden, OwnStanding (403).
    """
    vetting, subject = _to_decide(vetting, by)
    _keep_as_met(vetting, at=at)
    audit.move(subject, S.APPROVED, by=by, at=at)
    _decided(vetting, Vetting.Outcome.APPROVED, by=by, at=at)
    notices.approved(vetting, at=at)
    return vetting


@transaction.atomic
def decline(*, vetting: Vetting, reason: Declined, words: str, by: Actor, at: datetime) -> Vetting:
    """No, with a reason of the closed list and words of one's own, told with what can be done.

    Raises Forbidden, OwnStanding (403), IllegalMove (409), Invalid (422) without either.
    """
    vetting, subject = _to_decide(vetting, by)
    if reason not in Declined.values:
        raise Invalid.field("reason", "Choose a reason.", code="not_a_choice")
    said = required_text(words, field="words", missing="Say what is missing.", longest=LONGEST_WORDS)
    audit.move(subject, S.DECLINED, by=by, at=at, reason=f"{reason}: {said}")
    vetting.reason, vetting.words = reason, said
    _decided(vetting, Vetting.Outcome.DECLINED, by=by, at=at)
    notices.declined(vetting, at=at)
    return vetting


@transaction.atomic
def approve_on_appeal(*, subject: str, reason: str, by: Actor, at: datetime) -> None:
    """The no to the vetting with the public id `subject` is taken back: it becomes a yes, against the same checklist.

    Raises ChecklistOpen, IllegalMove (409).
    """
    vetting = Vetting.objects.get(public_id=subject)
    locked = locked_subject(vetting.subject)
    vetting = Vetting.objects.select_for_update(of=("self",)).get(pk=vetting.pk)
    # The checklist as it is today, not as it was declined.
    vetting.decided_at = None
    _keep_as_met(vetting, at=at)
    audit.move(locked, S.APPROVED, by=by, at=at, reason=reason)
    _decided(vetting, Vetting.Outcome.APPROVED, by=by, at=at)
    notices.approved(vetting, at=at)


def require_other(subject: Subject, by: Actor) -> None:
    """Raise Forbidden, OwnStanding (403) unless `by` decides about that subject in talent operations."""
    by.require_talent()
    own = subject.pk in by.roles if isinstance(subject, Company) else subject.pk == by.performer_id
    if own:
        raise OwnStanding("It is about you, or about a company that you act for.")


def _ask(subject: Subject, *, by: Actor, at: datetime) -> Vetting:
    last = Vetting.objects.about(subject).order_by("-id").first()
    if last is not None:
        appeals.refuse_while_open(last.public_id)
    audit.move(subject, S.APPLIED, by=by, at=at)
    vetting = Vetting.objects.create(**keys(subject), asked_at=at, answer_due_at=at + settings.VETTING_ANSWER)
    notices.applied(vetting, at=at)
    return vetting


def locked_subject(subject: Subject) -> Subject:
    if isinstance(subject, Company):
        return Company.objects.select_for_update().get(pk=subject.pk)
    return Performer.objects.select_for_update().get(pk=subject.pk)


def _to_decide(vetting: Vetting, by: Actor) -> tuple[Vetting, Subject]:
    """The vetting and whom it is about, locked, the subject first."""
    require_other(vetting.subject, by)
    subject = locked_subject(vetting.subject)
    rows = Vetting.objects.select_for_update(of=("self",)).select_related("performer", "company")
    return rows.get(pk=vetting.pk), subject


def _keep_as_met(vetting: Vetting, *, at: datetime) -> None:
    """What the house found met is written down beside what people ticked."""
    found = checklist.of(vetting)
    still_open = [checked for checked in found if not checked.met]
    if still_open:
        labels = "; ".join(checked.item.label for checked in still_open)
        raise ChecklistOpen(f"Still open: {labels}.", open=[str(checked.item) for checked in still_open])
    Check.objects.bulk_create(
        [
            Check(vetting=vetting, item=checked.item, met_at=at, note=checked.words[:LONGEST_TICK])
            for checked in found
        ],
        ignore_conflicts=True,
    )


def _decided(vetting: Vetting, outcome: Vetting.Outcome, *, by: Actor, at: datetime) -> None:
    vetting.outcome, vetting.decided_by_id, vetting.decided_at = outcome, by.user_id, at
    vetting.save(update_fields=["outcome", "decided_by", "decided_at", "reason", "words"])
