from datetime import datetime, timedelta

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.appeals.models import Appeal, AppealQuerySet
from accounts.appeals.subjects import Decision, kind_of, known
from accounts.identity.models import StaffRole
from kit.errors import NotFound
from kit.rows import by_public_id

# How long an appeal may be overdue before it rises to the administrators too.
ESCALATED_AFTER = timedelta(days=3)


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
    return Appeal.objects.filter(subject=subject).exclude(state="withdrawn").order_by("-pk").first()


def decision_appealed(actor: Actor, appeal: Appeal) -> Decision:
    """What the appeal is about, as it was decided then. Raises NotFound (404)."""
    decision = get_decision(actor, appeal.subject)
    return known(appeal.subject).before(decision, appeal)


def for_reviewer(actor: Actor, *, at: datetime) -> AppealQuerySet:
    """The open appeals that the actor may answer."""
    if actor.is_system:
        return Appeal.objects.open()
    others = Appeal.objects.open().of_others(actor).exclude(decided_by_id=actor.user_id)
    if actor.is_talent:
        return others
    return (
        others.filter(pk__in=[row.pk for row in others if left_to_admin(row, at=at)])
        if actor.is_admin
        else others.none()
    )


def left_to_admin(appeal: Appeal, *, at: datetime) -> bool:
    """Whether an administrator may answer it: nobody in talent operations could, or has for ESCALATED_AFTER its date."""
    return appeal.answer_due_at + ESCALATED_AFTER <= at or no_talent_for(appeal)


def no_talent_for(appeal: Appeal) -> bool:
    """Whether nobody in talent operations but who decided could answer it."""
    talent = StaffRole.objects.filter(role=Staff.TALENT, user__is_active=True)
    return not talent.exclude(user_id=appeal.decided_by_id or 0).exists()
