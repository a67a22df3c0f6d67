from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from kit.forms import InstantField
from kit.instants import in_words
from kit.money import Money
from marketplace.engagements.models import Engagement
from marketplace.engagements.queries import with_rate
from marketplace.engagements.states import EngagementState
from marketplace.gigs.forms import MinutesField
from marketplace.gigs.models import Gig
from marketplace.sessions import series

MOST_ROWS = 8


class BookForm(forms.Form):
    """A call for one to four performers of a gig. Times are in the zone that the page has activated."""

    call_at = InstantField(label="Call")
    minutes = MinutesField(label="Length")
    weeks = forms.IntegerField(
        label="Weeks in a row",
        required=False,
        min_value=1,
        max_value=series.MOST,
        help_text="The same people at the same time by the gig's clock, a session each week; empty: this one call.",
    )
    engagements = forms.MultipleChoiceField(label="Performers", widget=forms.CheckboxSelectMultiple)
    # Of the weeks in which the clock changes: pairs of which one is to be chosen, as a refusal named them.
    pairs: Sequence[Sequence[datetime]] = ()

    def __init__(self, *args: Any, gig: Gig, **options: Any) -> None:
        options["initial"] = {"minutes": gig.session_s // 60} | (options.get("initial") or {})
        super().__init__(*args, **options)
        active = with_rate(Engagement.objects.filter(gig=gig, state=EngagementState.ACTIVE))
        rows = active.select_related("performer__user").order_by("performer__stage_name")
        self.engaged = {engagement.public_id: engagement for engagement in rows}
        field = self.fields["engagements"]
        field.choices = [(key, _label(one, gig)) for key, one in self.engaged.items()]  # type: ignore[attr-defined] # a choice field, as declared above
        field.help_text = f"Up to {gig.seats}."

    @property
    def choices(self) -> list[datetime]:
        """Which instants were chosen where a week's clock changes."""
        name = self.add_prefix("choices")
        sent: list[str] = self.data.getlist(name) if isinstance(self.data, QueryDict) else []
        return [at for at in map(_instant, sent) if at is not None]

    @property
    def chosen(self) -> list[Engagement]:
        return [self.engaged[key] for key in self.cleaned_data["engagements"]]

    @property
    def their_times(self) -> list[tuple[str, str]]:
        """What the clock says at the call for each performer who is chosen, or for all; nothing before it is a time."""
        self.is_valid()
        call_at = self.cleaned_data.get("call_at") if self.is_bound else None
        if call_at is None:
            return []
        people = [self.engaged[key].performer for key in self._picked()]
        return [(one.stage_name, in_words(call_at, one.user.time_zone)) for one in people]

    def _picked(self) -> list[str]:
        picked = self["engagements"].value() or []
        return [key for key in self.engaged if key in picked] or list(self.engaged)


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


class MoveForm(forms.Form):
    """Another call. Times are in the zone that the page has activated."""

    call_at = InstantField(label="Another call")


def rows_of(sent: Mapping[str, Any], gig: Gig, *, rows: int) -> list[BookForm]:
    """So many forms, each bound to what was sent of it; the first without a prefix, the others may be left empty."""
    return [
        BookForm(sent, gig=gig, prefix=_prefix(n), empty_permitted=n > 0, use_required_attribute=False)
        for n in range(rows)
    ]


def one_more(forms_: list[BookForm], gig: Gig) -> list[BookForm]:
    """The same with what was typed, not judged yet, and an empty one after them."""
    kept = [
        BookForm(gig=gig, prefix=_prefix(n), initial={name: form[name].value() for name in form.fields})
        for n, form in enumerate(forms_)
    ]
    return [*kept, BookForm(gig=gig, prefix=_prefix(len(kept)))][:MOST_ROWS]


def _prefix(n: int) -> str:
    return f"more{n}" if n else ""


def _label(engagement: Any, gig: Gig) -> str:
    rate = Money(engagement.rate_minor, gig.currency).display()
    zone = engagement.performer.user.time_zone.replace("_", " ")
    return f"{engagement.performer.stage_name} · {rate} an hour · {zone}"
