from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.access.actors import Actor
from kit.rows import by_public_id
from marketplace.gigs.models import PURPOSES
from marketplace.rights.models import Grant
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


def who_lets_record(applications: Iterable[int]) -> set[int]:
    """Of the applications, by key, those whose performer lets at least one purpose be served now: any of them needs a
    recording, and without one nothing is recorded or shown."""
    active = Grant.objects.filter(application_id__in=applications, state=GrantState.ACTIVE)
    return set(active.values_list("application_id", flat=True))


def active_purposes(application_id: int) -> list[str]:
    """What is granted now, in words."""
    active = Grant.objects.filter(application_id=application_id, state=GrantState.ACTIVE)
    granted = set(active.values_list("purpose", flat=True))
    return [label for name, label in PURPOSES.items() if name in granted]


def still_asked(application_id: int, purposes: Iterable[str], *, company: str, title: str) -> dict[str, str]:
    """The purposes that are asked for and not granted yet, with the words to be read."""
    live = Grant.objects.filter(application_id=application_id, state__in=LIVE)
    granted = set(live.values_list("purpose", flat=True))
    return asked([name for name in purposes if name not in granted], company=company, title=title)
