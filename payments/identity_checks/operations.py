"""A performer proves identity and age on Stripe's page; what Stripe verified is read, drawn from, and dropped."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.operations import notify
from accounts.notifications.standing_kinds import StandingKind as Kind
from accounts.onboarding.queries import has_proof
from accounts.performers import operations as performers
from accounts.performers.models import Performer
from kit.errors import DomainError
from kit.instants import length_in_words
from payments.gateway import identity
from payments.gateway.errors import StripeUnavailable
from payments.gateway.identity import CheckFacts, Person, ResultsClosed
from payments.identity_checks.fingerprints import fingerprint, is_of_age
from payments.identity_checks.models import IdentityCheck
from payments.identity_checks.reasons import reason
from payments.inbox import findings

log = structlog.get_logger(__name__)
SYSTEM = Actor.of_system("identity")
Status = IdentityCheck.Status
ASK_PROCESSING = timedelta(minutes=1)
ASK_WAITING = timedelta(minutes=10)
ASK_DAILY = timedelta(days=1)
GIVE_UP_AFTER = timedelta(days=30)
# For so long Stripe shows a birthday to a restricted key.
READABLE_FOR = timedelta(hours=48)
UNREADABLE = "results_unreadable"


class AlreadyProven(DomainError):
    """Nothing to do: the partner has vouched for you."""

    code = "identity_already_proven"
    title = "Your identity is proven"


class CheckUnderWay(DomainError):
    """Wait: Stripe looks at what you handed in. That usually takes minutes."""

    code = "identity_check_under_way"
    title = "Stripe looks at it"


class IdentityServiceAway(DomainError):
    """Try again in a minute; nothing was lost."""

    code = "identity_service_unreachable"
    status = 503
    title = "The identity service does not answer"


def start(*, performer: Performer, return_url: str, by: Actor, at: datetime) -> str:
    """An address of Stripe's page for the performer, to be opened once: of the check that is open, or of a new one.

    Raises NotFound (404), AlreadyProven, CheckUnderWay (409), IdentityServiceAway (503).
    """
    by.require_performer(performer.pk)
    if has_proof(performer):
        raise AlreadyProven("Nothing more is needed.")
    try:
        facts = _open_facts(performer, at=at)
        # Asking may have been how we learnt of it.
        if not has_proof(performer):
            facts = facts or _begin(performer, return_url, by=by, at=at)
    except StripeUnavailable as error:
        log.warning(
            "identity_check_failed", performer=performer.public_id, error=str(error.code or type(error))
        )
        raise IdentityServiceAway("Nothing was lost. Try again in a minute.") from error
    if facts is None:
        raise AlreadyProven("Nothing more is needed.")
    if facts.status != Status.REQUIRES_INPUT:
        raise CheckUnderWay("It has what you handed in. You are told what comes of it.")
    return facts.url


def _open_facts(performer: Performer, *, at: datetime) -> CheckFacts | None:
    """The open check as Stripe tells it now; None where none is open, or its end was only seen by this."""
    check = IdentityCheck.objects.filter(performer=performer, ended_at=None).first()
    if check is None:
        return None
    facts = identity.retrieve(check.stripe_id)
    check = _apply(check, facts, before=check.refreshed_at, at=at)
    return facts if check.ended_at is None else None


def _begin(performer: Performer, return_url: str, *, by: Actor, at: datetime) -> CheckFacts:
    before = IdentityCheck.objects.filter(performer=performer).count()
    facts = identity.start(
        performer_id=performer.public_id,
        email=performer.user.email,
        return_url=return_url,
        key=f"identity:{performer.public_id}:{before}",
    )
    with transaction.atomic():
        check, new = IdentityCheck.objects.get_or_create(
            stripe_id=facts.id,
            defaults={
                "performer": performer,
                "started_at": at,
                "refreshed_at": at,
                "refresh_due_at": at + ASK_WAITING,
            },
        )
        if new:
            audit.record(verb="identity_check.started", thing=performer, by=by, at=at, check=check.stripe_id)
    return facts


def refresh_by_id(*, stripe_id: str, at: datetime) -> None:
    """A check has news. Raises StripeUnavailable. One that we do not know is a finding."""
    check = IdentityCheck.objects.filter(stripe_id=stripe_id).first()
    if check is None:
        findings.report(
            code="identity_check_not_ours",
            thing=stripe_id,
            detail="A check of an identity that no performer began.",
            at=at,
        )
        return
    refresh(check=check, at=at)


def refresh(*, check: IdentityCheck, at: datetime) -> IdentityCheck:
    """Ask Stripe how the check stands, and write it down; one that is over stays as it is. Raises StripeUnavailable."""
    check = IdentityCheck.objects.select_related("performer").get(pk=check.pk)
    if check.ended_at is not None:
        return check
    before = check.refreshed_at
    facts = identity.retrieve(check.stripe_id)
    if facts.status == Status.REQUIRES_INPUT and at - check.started_at >= GIVE_UP_AFTER:
        facts = identity.cancel(check.stripe_id)
    return _apply(check, facts, before=before, at=at)


def refresh_due(*, at: datetime, at_most: int = 50) -> int:
    """Poll the checks that are due: who never comes back, and lost webhooks, keep nobody waiting. Returns how many."""
    due = IdentityCheck.objects.filter(ended_at=None, refresh_due_at__lte=at).order_by("refresh_due_at")
    asked = 0
    for check in due[:at_most]:
        try:
            refresh(check=check, at=at)
        except StripeUnavailable as error:
            # One that cannot be followed keeps nobody else waiting.
            log.warning("identity_refresh_failed", check=check.stripe_id, error=type(error).__name__)
            IdentityCheck.objects.filter(pk=check.pk).update(refresh_due_at=at + ASK_WAITING)
        asked += 1
    return asked


def _apply(
    check: IdentityCheck, facts: CheckFacts, *, before: datetime | None, at: datetime
) -> IdentityCheck:
    found = _person(check, at=at) if facts.status == Status.VERIFIED else None
    with transaction.atomic():
        rows = IdentityCheck.objects.select_for_update(of=("self",)).select_related("performer")
        check = rows.get(pk=check.pk)
        if check.ended_at is not None:
            return check
        if check.refreshed_at != before:
            # Somebody was answered while we asked, and ours may be the older answer: ask again, write nothing.
            check.refresh_due_at = at
            check.save(update_fields=["refresh_due_at"])
            return check
        check.status, check.error_code, check.refreshed_at = facts.status, facts.error_code, at
        check.refresh_due_at = _next_ask_at(check, at=at)
        if facts.status == Status.VERIFIED:
            _conclude(check, found, at=at)
        elif facts.status == Status.CANCELED:
            check.ended_at = at
        elif facts.error_code:
            # Told again of each attempt, and of none twice.
            _tell_failed(check, attempt=facts.report or facts.error_code, at=at)
        check.save()
    return check


def _person(check: IdentityCheck, *, at: datetime) -> Person | None:
    """Whom Stripe verified; None where our key may not read it, which finance is told of."""
    try:
        return identity.person(check.stripe_id)
    except ResultsClosed as closed:
        findings.report(
            code="identity_results_unreadable",
            thing=check.stripe_id,
            detail=f"STRIPE_IDENTITY_KEY may not read what was verified ({closed}). Mend it soon: it is asked again for "
            f"{length_in_words(READABLE_FOR)} only.",
            at=at,
        )
        return None


def _conclude(check: IdentityCheck, found: Person | None, *, at: datetime) -> None:
    """Write down that they are who they say, and of age or not; the name and the birthday end here."""
    check.verified_at = check.verified_at or at
    if found is None:
        if at - check.verified_at < READABLE_FOR:
            check.refresh_due_at = at + ASK_WAITING
            return
        check.error_code = UNREADABLE
        _tell_failed(check, attempt=UNREADABLE, at=at)
    else:
        of_age = is_of_age(found.born, on=at.date())
        mark = fingerprint(first_name=found.first_name, last_name=found.last_name, born=found.born)
        performers.record_identity(
            performer=check.performer,
            reference=check.stripe_id,
            fingerprint=mark if of_age else "",
            by=SYSTEM,
            at=at,
        )
        _tell_proven(check, of_age=of_age, at=at)
    check.ended_at, check.refresh_due_at = at, None


def _next_ask_at(check: IdentityCheck, *, at: datetime) -> datetime:
    """Soon while Stripe looks at it; every few minutes while a person may be at it; then daily."""
    if check.status == Status.PROCESSING:
        return at + ASK_PROCESSING
    return at + (ASK_WAITING if at - check.started_at < ASK_DAILY else ASK_DAILY)


def _tell_proven(check: IdentityCheck, *, of_age: bool, at: datetime) -> None:
    notify(
        kind=Kind.IDENTITY_PROVEN if of_age else Kind.IDENTITY_UNDER_AGE,
        user_id=check.performer.user_id,
        key=f"identity:{check.stripe_id}",
        about={},
        at=at,
    )


def _tell_failed(check: IdentityCheck, *, attempt: str, at: datetime) -> None:
    why = reason(check.error_code)
    notify(
        kind=Kind.IDENTITY_FAILED,
        user_id=check.performer.user_id,
        key=f"identity:{check.stripe_id}:{attempt}",
        about={"means": why.means, "fix": why.fix},
        at=at,
    )
