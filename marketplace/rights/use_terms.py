"""What each purpose of a gig is asked for: set while it is a draft, and made no worse once people have read it."""

from datetime import datetime
from typing import Any, TypedDict

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from kit.errors import Invalid
from kit.text import optional_text
from marketplace.gigs.limits import HIGHEST_RATE_MINOR
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.gigs.operations import GigInReview
from marketplace.gigs.promises import GigIsPromised
from marketplace.gigs.states import GigState
from marketplace.rights import models
from marketplace.rights.models import UseTerms

MOST_BONUS_MINOR = 100 * HIGHEST_RATE_MINOR
TEXTS = {
    "use": models.LONGEST_USE,
    "model_family": models.LONGEST_FAMILY,
    "territory": models.LONGEST_TERRITORY,
    "not_for": models.LONGEST_NOT_FOR,
}
BOUNDS = {
    "term_days": (1, models.LONGEST_TERM_DAYS),
    "bonus_minor": (0, MOST_BONUS_MINOR),
    "deletion_days": (1, models.MOST_DELETION_DAYS),
}


class Fields(TypedDict, total=False):
    """What is said of one purpose; what is left out is the house's."""

    use: str
    model_family: str
    territory: str
    not_for: str
    term_days: int | None
    bonus_minor: int
    deletion_days: int


@transaction.atomic
def set_use_terms(*, gig: Gig, purpose: str, fields: Fields, by: Actor, at: datetime) -> UseTerms:
    """Say what a purpose of the gig is asked for, whole: what is left out is the house's.

    Once the gig was on the board: a bonus only rises, a time and the days until copies are deleted only become shorter, and
    words that stand stay (what was empty may be said). What was granted keeps what it was granted with.

    Raises Invalid (422), Forbidden (403), GigInReview, GigIsPromised (409).
    """
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    gig = Gig.objects.select_for_update().get(pk=gig.pk)
    if gig.state == GigState.IN_REVIEW:
        raise GigInReview("Somebody reads it as it is. Take it back to change it.")
    if purpose not in gig.purposes:
        raise Invalid.field("purpose", "The gig does not ask for this.", code="not_asked_for")
    said = _checked(fields)
    before = UseTerms.objects.filter(gig=gig, purpose=purpose).first() or UseTerms(gig=gig, purpose=purpose)
    after = UseTerms(pk=before.pk, gig=gig, purpose=purpose, **said)
    if gig.published_at is not None:
        _refuse_worse(before, after)
    after.save()
    audit.record(verb="gig.use_terms_set", thing=gig, by=by, at=at, purpose=purpose, fields=sorted(said))
    return after


def _checked(fields: Fields) -> dict[str, Any]:
    told: dict[str, Any] = dict(fields)
    said = {
        name: optional_text(told.get(name) or "", field=name, longest=longest)
        for name, longest in TEXTS.items()
    }
    errors = []
    for name, (least, most) in BOUNDS.items():
        value = told.get(name)
        if value is None:
            continue
        if not least <= value <= most:
            errors.append({"field": name, "code": "out_of_range", "detail": f"From {least} to {most}."})
        said[name] = value
    if errors:
        raise Invalid("Some of what you ask for needs another look; nothing was saved.", errors=errors)
    return said


def _refuse_worse(before: UseTerms, after: UseTerms) -> None:
    worse = [name for name in TEXTS if getattr(before, name) not in ("", getattr(after, name))]
    worse += ["bonus_minor"] * (after.bonus_minor < before.bonus_minor)
    worse += ["deletion_days"] * (after.deletion_days > before.deletion_days)
    if before.term_days is not None and (after.term_days is None or after.term_days > before.term_days):
        worse.append("term_days")
    if worse:
        raise GigIsPromised(
            f"{PURPOSES[before.purpose]}: it cannot ask for more or pay less: {', '.join(worse)}.",
            fields=worse,
        )
