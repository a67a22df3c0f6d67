from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.identity.residence import Where
from kit.rows import by_public_id
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.rights.models import Grant, GrantReceipt, Use
from marketplace.rights.states import LIVE, GrantState
from marketplace.rights.wording import asked


def grants_for(actor: Actor) -> QuerySet[Grant]:
    """Those that the actor may see, with gig, company and performer; a fixed number of queries."""
    rows = Grant.objects.visible_to(actor)
    return rows.select_related(
        "application__gig__company", "application__performer", "application__engagement"
    )


def get_grant(actor: Actor, public_id: str) -> Grant:
    """Raises NotFound (404), also for another's."""
    return by_public_id(grants_for(actor), public_id)


def receipts_for(actor: Actor) -> QuerySet[GrantReceipt]:
    """Those that the actor may see, with their grant, gig and company; a fixed number of queries."""
    rows = GrantReceipt.objects.visible_to(actor)
    return rows.select_related("event__grant__application__gig__company", "performer")


def get_receipt(actor: Actor, public_id: str) -> GrantReceipt:
    """Raises NotFound (404), also for another's."""
    return by_public_id(receipts_for(actor), public_id)


def uses_for(actor: Actor) -> QuerySet[Use]:
    """Who had which work, and when; of each its company and gig."""
    return Use.objects.visible_to(actor).select_related("company", "gig", "performer")


def who_lets_record(applications: Iterable[int]) -> set[int]:
    """Of the applications, by key, those whose performer lets at least one purpose be served now: any of them needs a
    recording, and without one nothing is recorded or shown."""
    active = Grant.objects.filter(application_id__in=applications, state=GrantState.ACTIVE)
    return set(active.values_list("application_id", flat=True))


def active_purposes(application_id: int) -> list[str]:
    """What is granted now, in words."""
    return [PURPOSES[name] for name in active_names(application_id)]


def active_names(application_id: int) -> list[str]:
    """What is granted now, in the order of the house."""
    active = Grant.objects.filter(application_id=application_id, state=GrantState.ACTIVE)
    granted = set(active.values_list("purpose", flat=True))
    return [name for name in PURPOSES if name in granted]


def still_asked(
    application_id: int, gig: Gig, *, where: Where, held: Collection[GrantState] = LIVE
) -> dict[str, str]:
    """The purposes that are asked of a performer who lives there and not granted yet, with the words to be read. `held`: which
    states count as granted. With a new version of the terms only the active do: what was given with one that the company never
    signed is asked again."""
    live = Grant.objects.filter(application_id=application_id, state__in=held)
    granted = set(live.values_list("purpose", flat=True))
    return asked([name for name in gig.purposes if name not in granted], gig=gig, where=where)
