"""Finance's inbox: what does not add up, until a person says how it was explained."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import PLACE, tell_staff
from kit.rows import insert_once
from kit.text import required_text
from payments.inbox.models import Finding


@transaction.atomic
def report(*, code: str, thing: str, detail: str, at: datetime) -> bool:
    """Put something into finance's inbox and tell each of them. Returns False when it lies there already, or a person has
    resolved the very same: it does not come back unless the facts in `detail` have changed."""
    same = Finding.objects.filter(code=code, thing=thing, detail=detail[:500])
    if same.exclude(resolved_by=None).exists():
        return False
    finding = Finding(code=code, thing=thing, detail=detail[:500], found_at=at)
    if not insert_once(finding):
        return False
    key, where = f"finding:{finding.public_id}", {PLACE: finding.public_id}
    tell_staff(kind=Kind.FINDING, key=key, about={"detail": detail}, where=where, at=at)
    return True


def end(*, code: str, thing: str, resolution: str, at: datetime) -> None:
    """What was found is over by itself, so it waits for nobody; `resolution` says how."""
    Finding.objects.filter(code=code, thing=thing, resolved_at=None).update(
        resolved_at=at, resolution=resolution
    )


def end_others(*, code: str, thing: str, detail: str, resolution: str, at: datetime) -> None:
    """End what lies there of the thing with other facts than `detail`, which are over; `resolution` says how."""
    others = Finding.objects.filter(code=code, thing=thing, resolved_at=None).exclude(detail=detail[:500])
    others.update(resolved_at=at, resolution=resolution)


@transaction.atomic
def resolve(*, finding: Finding, resolution: str, by: Actor, at: datetime) -> None:
    """Close a finding with a sentence on how it was explained. Raises Forbidden (403), Invalid (422) without one."""
    by.require_finance()
    resolution = required_text(resolution, field="resolution", missing="Say how it was explained.")
    mended = Finding.objects.filter(pk=finding.pk, resolved_at=None)
    if mended.update(resolved_at=at, resolved_by_id=by.user_id, resolution=resolution):
        audit.record(verb="finding.resolved", thing=finding, by=by, at=at, reason=resolution)
