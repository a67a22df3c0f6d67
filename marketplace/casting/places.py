"""The place that an appeal keeps: while one waits for its answer the last place of a gig is not given away, and who was found to
be right has a place for a while (callboard/decisions/0023)."""

from datetime import datetime

from accounts.access.standings import Standing
from accounts.appeals.models import Appeal
from kit.errors import DomainError
from kit.instants import day, for_machines
from marketplace.casting.models import Application, KeptPlace
from marketplace.casting.states import ApplicationState
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import is_over
from marketplace.gigs.states import WORKING


class PlaceIsKept(DomainError):
    """Wait for the answer, whose date stands in `facts`; offer to who was found to be right; or raise the gig's openings."""

    code = "place_is_kept"
    title = "A place is kept for an appeal"


def open_appeals(gig: Gig) -> list[Appeal]:
    """The appeals against answers of this gig that wait for theirs, the next to be answered first."""
    of_them = Appeal.objects.open().filter(subject__startswith="app_", performer__applications__gig=gig)
    appeals = {appeal.subject: appeal for appeal in of_them.order_by("-answer_due_at", "-pk")}
    here = Application.objects.filter(gig=gig, public_id__in=list(appeals))
    found = [appeals[str(each)] for each in here.values_list("public_id", flat=True)]
    return sorted(found, key=lambda each: (each.answer_due_at, each.pk))


def kept_for(application: Application, *, at: datetime) -> KeptPlace | None:
    """The place that an appeal has won for it, while it is kept; of two the later."""
    return KeptPlace.objects.filter(application=application, until__gt=at).order_by("-pk").first()


def kept_in(gig: Gig, *, at: datetime) -> list[tuple[Application | None, datetime]]:
    """Each place that is kept now: for whom (None: for whoever of those who appeal is found to be right), and until when.

    One for all open appeals together, so that many who appeal cannot stop a gig; one for each who was found to be right.
    """
    appeals = open_appeals(gig)
    kept: list[tuple[Application | None, datetime]] = [(None, appeals[0].answer_due_at)] if appeals else []
    won = KeptPlace.objects.filter(
        application__gig=gig, application__state=ApplicationState.SHORTLISTED, until__gt=at
    )
    # One who was right twice has one place.
    last = {each.application_id: each for each in won.select_related("application").order_by("pk")}
    return kept + [(each.application, each.until) for each in last.values()]


def refuse_kept(application: Application, *, free: int, at: datetime) -> None:
    """Raise PlaceIsKept (409) where the `free` places of the gig are all kept for others. With the gig locked.

    A place that was won is taken by nothing that still waits: only by those that were won before it.
    """
    others = _before(application, at=at)
    if free <= len(others):
        until = max(others, default=at)
        raise PlaceIsKept(
            f"An appeal against an answer of this gig keeps a place, until {day(until.date())} at the latest. "
            "Wait for it, or raise the number of performers sought.",
            kept=len(others),
            until=for_machines(until),
        )


def refuse_no(application: Application, *, at: datetime) -> None:
    """Raise PlaceIsKept (409) where an appeal took the last no back: within that time the answer is an offer, or none.

    Where no offer can be made (no place is free, the gig is over, they may not work now) a no is an answer again.
    """
    kept = kept_for(application, at=at)
    if kept is not None and _can_be_offered(application, at=at):
        raise PlaceIsKept(
            f"An appeal took your no back; a place is kept for them until {day(kept.until.date())}. Offer it to them, or "
            "answer after that day.",
            kept=1,
            until=for_machines(kept.until),
        )


def taken_in(gig: Gig) -> int:
    """How many places are offered or accepted."""
    taken = (ApplicationState.OFFERED, ApplicationState.ACCEPTED)
    return Application.objects.filter(gig=gig, state__in=taken).count()


def _before(application: Application, *, at: datetime) -> list[datetime]:
    """Until when each place is kept that this one may not take."""
    own = kept_for(application, at=at)
    if own is None:
        return [until for whose, until in kept_in(application.gig, at=at) if whose != application]
    earlier = KeptPlace.objects.filter(
        application__gig=application.gig,
        application__state=ApplicationState.SHORTLISTED,
        until__gt=at,
        pk__lt=own.pk,
    ).exclude(application=application)
    return list(
        earlier.order_by("application", "-pk").distinct("application").values_list("until", flat=True)
    )


def _can_be_offered(application: Application, *, at: datetime) -> bool:
    gig = application.gig
    open_to_them = gig.state in WORKING and not is_over(gig, at=at)
    may_work = application.performer.state == Standing.APPROVED
    free = gig.openings - taken_in(gig)
    return open_to_them and may_work and free > len(_before(application, at=at))
