"""How many people sign for a run, and for how much each of them may: what administration says of finance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.identity.models import User
from accounts.identity.queries import get_person
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import notify
from kit.currencies import check_supported
from kit.errors import DomainError, Invalid, NotFound
from kit.money import Money
from kit.text import required_text
from payments.payroll.models import PayRun, SigningLimit
from payments.payroll.states import RunState

# Sixteen figures: more than any run is, and every sum of it fits.
MOST_MINOR = 10**15


class OwnLimit(DomainError):
    """Ask another administrator."""

    code = "own_limit"
    status = 403
    title = "Someone else says for how much you sign"


@dataclass(frozen=True)
class Signer:
    """Somebody in finance, and the most that they sign for, minor units of one currency; None, no limit."""

    user: User
    limit_minor: int | None
    currency: str

    @property
    def limit(self) -> Money | None:
        return None if self.limit_minor is None else Money(self.limit_minor, self.currency)

    @property
    def said(self) -> str:
        return f"at most {self.limit.display()} of one run" if self.limit else "no limit"


def needed(total_minor: int, currency: str) -> int:
    """How many people sign for a run of that total, beside whoever froze it."""
    steps = settings.RUN_SIGNATURES.get(currency, {})
    return max((people for above, people in steps.items() if total_minor > above), default=1)


def weight_minor(run: PayRun, total_minor: int) -> int:
    """What a run of that total counts as, for how many sign and for how much: of one beside the weeks, with all others of its
    week, since whoever opens it chooses whom it pays."""
    if run.off_cycle is None:
        return total_minor
    others = PayRun.objects.filter(week=run.week_id, currency=run.currency, off_cycle__isnull=False)
    counted = others.exclude(pk=run.pk).exclude(state=RunState.CANCELLED)
    return total_minor + (counted.aggregate(sum=Sum("total_minor"))["sum"] or 0)


def in_finance() -> QuerySet[User]:
    """Who can come in and has the role, by name."""
    return User.objects.filter(is_active=True, staff_roles__role=Staff.FINANCE).order_by("name", "pk")


def limit_of(user_id: int, currency: str) -> int | None:
    """The most that the person signs for now, in minor units; None, no limit."""
    return _newest([user_id], currency).get(user_id)


def signers(*, currency: str) -> list[Signer]:
    """Everyone in finance with what they sign for, by name."""
    people = list(in_finance())
    limits = _newest([user.pk for user in people], currency)
    return [Signer(user, limits.get(user.pk), currency) for user in people]


def set_limit(
    *, user: User, currency: str, limit_minor: int | None, reason: str, by: Actor, at: datetime
) -> Signer:
    """Say for how much a person in finance signs from now on; None lifts the limit. They are told.

    What they have signed stays signed. Raises Forbidden, OwnLimit, StaleProof (403), NotFound (404) for somebody who is not in
    finance, UnknownCurrency, Invalid (422).
    """
    by.require_admin()
    person_id = by.require_person("A person in administration says for how much somebody signs.")
    check_supported(currency)
    reason = required_text(reason)
    if limit_minor is not None and not 0 <= limit_minor <= MOST_MINOR:
        raise Invalid.field(
            "limit", f"From 0 to {Money(MOST_MINOR, currency).display()}; leave it out for no limit."
        )
    if user.pk == person_id:
        raise OwnLimit("Nobody says for how much they sign themselves.")
    if not in_finance().filter(pk=user.pk).exists():
        raise NotFound
    by.require_proof(StepUp.SET_SIGNING_LIMIT, at=at)
    return _set(user, currency, limit_minor, reason=reason, by=by, at=at)


def _set(
    user: User, currency: str, limit_minor: int | None, *, reason: str, by: Actor, at: datetime
) -> Signer:
    with transaction.atomic():
        # One after the other: the newest row is the one that was set last.
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        made = SigningLimit.objects.create(
            user=user,
            currency=currency,
            limit_minor=limit_minor,
            reason=reason,
            set_by=get_person(by),
            set_at=at,
        )
        facts = {"currency": currency, "limit_minor": limit_minor}
        audit.record(verb="signing_limit.set", thing=user, by=by, at=at, reason=reason, **facts)
        signer = Signer(user, limit_minor, currency)
        notify(
            kind=MoneyKind.SIGNING_LIMIT_SET,
            user_id=user.pk,
            key=f"signing_limit:{made.pk}",
            about={
                "who": get_person(by).name,
                "limit": signer.said,
                "reason": reason,
            },
            at=at,
        )
    return signer


def _newest(user_ids: Sequence[int], currency: str) -> dict[int, int | None]:
    rows = SigningLimit.objects.filter(user_id__in=user_ids, currency=currency)
    return dict(rows.order_by("user_id", "-id").distinct("user_id").values_list("user_id", "limit_minor"))
