from typing import Any

from django import forms

from kit.forms import InstantField
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.forms import MinutesField
from marketplace.gigs.models import Gig


class SlotForm(forms.Form):
    """An open call. Times are in the zone that the page has activated."""

    call_at = InstantField(label="Call")
    minutes = MinutesField(label="Length")
    seats = forms.IntegerField(label="Seats", min_value=1)
    hold_for = forms.MultipleChoiceField(
        label="Keep a seat for", required=False, widget=forms.CheckboxSelectMultiple
    )
    hold_until = InstantField(label="Keep it until", required=False)

    def __init__(self, *args: Any, gig: Gig, **options: Any) -> None:
        options["initial"] = {"minutes": gig.session_s // 60, "seats": gig.seats}
        super().__init__(*args, **options)
        active = Engagement.objects.filter(gig=gig, state=EngagementState.ACTIVE).select_related("performer")
        self.engaged = {each.public_id: each for each in active.order_by("performer__stage_name")[:200]}
        choices = [(key, each.performer.stage_name) for key, each in self.engaged.items()]
        self.fields["hold_for"].choices = choices  # type: ignore[attr-defined] # a choice field, as declared above

    @property
    def chosen(self) -> list[Engagement]:
        return [self.engaged[key] for key in self.cleaned_data["hold_for"]]
