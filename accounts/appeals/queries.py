from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.appeals.models import Appeal, AppealQuerySet
from accounts.appeals.states import AppealState
from accounts.appeals.subjects import KINDS, Decision, kind_of, known
from accounts.companies.models import Membership
from accounts.identity.models import StaffRole
from kit.errors import NotFound
from kit.rows import by_public_id

# How long an appeal may be overdue before it rises to the administrators too.
ESCALATED_AFTER = timedelta(days=3)
# One that was taken back is filed once more, so that nobody is told of the same appeal day after day.
FILED_AT_MOST = 2


def get_appeal(actor: Actor, public_id: str) -> Appeal:
    """Raises NotFound (404), also for another's."""
    rows = Appeal.objects.visible_to(actor).select_related("performer__user", "company", "reviewer")
    return by_public_id(rows, public_id)


def get_decision(actor: Actor, subject: str) -> Decision:
    """The decision with that public id. Raises NotFound (404) for none that can be appealed, or another's."""
    kind = kind_of(subject)
    if kind is None:
        raise NotFound
    return kind.find(actor, subject)


def of_decision(subject: str) -> Appeal | None:
    """The last appeal against it that was not taken back."""
    return Appeal.objects.filter(subject=subject).exclude(state=AppealState.WITHDRAWN).order_by("-pk").first()


def decision_appealed(actor: Actor, appeal: Appeal) -> Decision:
    """What the appeal is about, as it was decided then. Raises NotFound (404)."""
    decision = get_decision(actor, appeal.subject)
    return known(appeal.subject).before(decision, appeal)


@dataclass(frozen=True)
class Before:
    """It was appealed before, and that was taken back: how often, since when it counts, by when it is answered, and whether it may
    be filed again."""

    times: int
    filed_at: datetime
    until: datetime
    is_open: bool


def taken_back(subject: str, *, at: datetime) -> Before | None:
    """The appeals against it that were taken back, as one; None where there are none. Of a decision that was made anew, after
    an appeal against the first was right, only its own count."""
    right = Appeal.objects.filter(subject=subject, state=AppealState.REVERSED).aggregate(last=Max("pk"))[
        "last"
    ]
    rows = Appeal.objects.filter(subject=subject, state=AppealState.WITHDRAWN, pk__gt=right or 0).order_by(
        "pk"
    )
    dates = list(rows.values_list("filed_at", "answer_due_at"))
    if not dates:
        return None
    filed_at, until = dates[0]
    times = len(dates)
    return Before(times, filed_at, until, is_open=times < FILED_AT_MOST and at < until)


def may_come_again(appeal: Appeal, *, at: datetime) -> bool:
    """Whether it may be filed once more: of one that was taken back, or once this one is."""
    before = taken_back(appeal.subject, at=at)
    if appeal.ended_at is not None:
        return before is not None and before.is_open
    times = before.times if before else 0
    return times + 1 < FILED_AT_MOST and at < appeal.answer_due_at


def for_reviewer(actor: Actor, *, at: datetime) -> AppealQuerySet:
    """The open appeals that the actor may answer."""
    if actor.is_system:
        return Appeal.objects.open()
    others = Appeal.objects.open().of_others(actor).exclude(decided_by_id=actor.user_id)
    if actor.roles:
        with_them = [pk for pk, people in _barred(others).items() if actor.user_id in people]
        others = others.exclude(pk__in=with_them)
    if actor.is_talent:
        return others
    if not actor.is_admin:
        return others.none()
    late = Q(answer_due_at__lte=at - ESCALATED_AFTER)
    return others.filter(late | Q(pk__in=_without_talent(others)))


def left_to_admin(appeal: Appeal, *, at: datetime) -> bool:
    """Whether an administrator may answer it: nobody in talent operations could, or has for ESCALATED_AFTER its date."""
    return appeal.answer_due_at + ESCALATED_AFTER <= at or no_talent_for(appeal)


def no_talent_for(appeal: Appeal) -> bool:
    """Whether everybody in talent operations decided it, stands with who did, or is whom it is about."""
    return appeal.pk in _without_talent(Appeal.objects.filter(pk=appeal.pk))


def _without_talent(appeals: AppealQuerySet) -> list[int]:
    """Those that nobody in talent operations could answer, by their keys."""
    talent = StaffRole.objects.filter(role=Staff.TALENT, user__is_active=True)
    people = set(talent.values_list("user_id", flat=True))
    return [pk for pk, barred in _barred(appeals).items() if people <= barred]


def _barred(appeals: AppealQuerySet) -> dict[int, set[int]]:
    """By the key of each: the people who do not answer it. A few queries, however many there are."""
    rows = list(appeals.select_related("performer"))
    members: dict[int | None, set[int]] = {}
    of_companies = Membership.objects.filter(company__in={row.company_id for row in rows if row.company_id})
    for company_id, user_id in of_companies.values_list("company_id", "user_id"):
        members.setdefault(company_id, set()).add(user_id)
    parties: dict[str, Collection[int]] = {}
    for kind in KINDS.values():
        parties |= kind.parties([row.subject for row in rows if kind_of(row.subject) is kind])
    return {
        row.pk: {
            *(each for each in (row.decided_by_id, row.performer and row.performer.user_id) if each),
            *members.get(row.company_id, ()),
            *parties.get(row.subject, ()),
        }
        for row in rows
    }
