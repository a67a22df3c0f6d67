from typing import Any

from django import forms

from kit.forms import InstantField
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.forms import MinutesField
from marketplace.gigs.models import Gig


class BookForm(forms.Form):
    """A call for one to four performers of a gig. Times are in the zone that the page has activated."""

    call_at = InstantField(label="Call")
    minutes = MinutesField(label="Length")
    engagements = forms.MultipleChoiceField(label="Performers", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, gig: Gig, **options: Any) -> None:
        options.setdefault("initial", {"minutes": gig.session_s // 60})
        super().__init__(*args, **options)
        active = Engagement.objects.filter(gig=gig, state=EngagementState.ACTIVE).select_related("performer")
        self.engaged = {
            engagement.public_id: engagement for engagement in active.order_by("performer__stage_name")
        }
        choices = [(key, engagement.performer.stage_name) for key, engagement in self.engaged.items()]
        field = self.fields["engagements"]
        field.choices = choices  # type: ignore[attr-defined] # a choice field, as declared above
        field.help_text = f"Up to {gig.seats}."

    @property
    def chosen(self) -> list[Engagement]:
        return [self.engaged[key] for key in self.cleaned_data["engagements"]]
