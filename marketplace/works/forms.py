"""What people type about pieces: an order with its rules, a review rule by rule, the reason for which it is taken back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms

from kit import clock
from kit.forms import AmountField, InstantField, LineField
from kit.instants import length_in_words
from kit.text import LONGEST_REASON
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.media.granted import active_grants
from marketplace.media.looking import LONGEST_MS
from marketplace.works.commissioning import MOST_MINOR, Ask
from marketplace.works.models import (
    LONGEST_BRIEF,
    LONGEST_NOTE,
    LONGEST_RULE,
    LONGEST_TITLE,
    MOST_REVISIONS,
    MOST_RULES,
    Commission,
)
from marketplace.works.queries import reasons
from marketplace.works.reviewing import Verdict

LONGEST = length_in_words(timedelta(milliseconds=LONGEST_MS))
ACCEPT, CHANGE, REFUSE = "accept", "change", "refuse"


class CommissionForm(forms.Form):
    """An order. Times are in the zone that the page has activated."""

    engagement = forms.ChoiceField(label="Who makes it")
    title = LineField(label="Title", max_length=LONGEST_TITLE)
    brief = forms.CharField(
        label="What is asked",
        help_text=f"What to show, for how long, and what is ruled out. It is a recording of at most {LONGEST}.",
        max_length=LONGEST_BRIEF,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    rules = forms.CharField(
        label="It is accepted when",
        help_text=f"A rule a line, at most {MOST_RULES}. By these alone it is reviewed.",
        max_length=MOST_RULES * (LONGEST_RULE + 2),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    price = AmountField(
        label="Price",
        help_text="What the performer is paid for it, once; the fee comes on top.",
        most_minor=MOST_MINOR,
    )
    due_at = InstantField(label="Due")
    revisions = forms.IntegerField(
        label="Revisions included",
        help_text="How often you may ask for changes.",
        min_value=0,
        max_value=MOST_REVISIONS,
        initial=1,
    )
    purposes = forms.MultipleChoiceField(
        label="What it may be used for",
        help_text="Only what the performer grants.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one."},
    )

    def __init__(self, *args: Any, gig: Gig, **options: Any) -> None:
        super().__init__(*args, **options)
        active = Engagement.objects.filter(gig=gig, state=EngagementState.ACTIVE).select_related("performer")
        self.engaged = {each.public_id: each for each in active.order_by("performer__stage_name")[:200]}
        people = [(key, each.performer.stage_name) for key, each in self.engaged.items()]
        self.fields["engagement"].choices = people  # type: ignore[attr-defined] # a choice field
        self.initial["purposes"] = self._granted_by_all(gig)
        uses = [(name, words) for name, words in PURPOSES.items() if name in gig.purposes]
        self.fields["purposes"].choices = uses  # type: ignore[attr-defined] # a choice field

    def _granted_by_all(self, gig: Gig) -> list[str]:
        """What is ticked beforehand: whoever is chosen grants it."""
        ids = {each.application_id for each in self.engaged.values()}
        granted = active_grants(ids, gig.purposes, at=clock.now())
        return [name for name in gig.purposes if ids and all(name in granted[each] for each in ids)]

    @property
    def chosen(self) -> Engagement:
        return self.engaged[self.cleaned_data["engagement"]]

    @property
    def ask(self) -> Ask:
        told = {name: value for name, value in self.cleaned_data.items() if name != "engagement"}
        return Ask(**told | {"rules": [line for line in told["rules"].splitlines() if line.strip()]})


class ReviewForm(forms.Form):
    """A piece's rules, each with a tick and what to change; and one of three answers."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label="To the performer",
        help_text="Beside the rules. A refusal needs it.",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.ChoiceField(label="Where you refuse it: why", required=False)
    does = forms.ChoiceField(
        choices=[(name, name) for name in (ACCEPT, CHANGE, REFUSE)],
        widget=forms.HiddenInput,
        error_messages={"required": "Choose one of the answers."},
    )

    def __init__(self, *args: Any, piece: Commission, changes_left: int, **options: Any) -> None:
        options["initial"] = {"version": piece.submitted.version if piece.submitted else None}
        super().__init__(*args, **options)
        self.rules = piece.rules
        self.fields["reason"].choices = [("", "Choose a reason"), *reasons(changes_left)]  # type: ignore[attr-defined] # a choice field
        for number, rule in enumerate(piece.rules):
            self.fields[f"met_{number}"] = forms.BooleanField(label=rule, required=False)
            self.fields[f"change_{number}"] = forms.CharField(
                label="What to change",
                required=False,
                max_length=LONGEST_NOTE,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"met_{each}"], self[f"change_{each}"]) for each in range(len(self.rules))]

    @property
    def results(self) -> Sequence[Verdict]:
        sent = self.cleaned_data
        return [
            Verdict(met=sent[f"met_{each}"], note=sent[f"change_{each}"]) for each in range(len(self.rules))
        ]

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        met = [sent.get(f"met_{each}") for each in range(len(self.rules))]
        if sent.get("does") == ACCEPT and not all(met):
            raise forms.ValidationError("To accept it, tick every rule: each of them is met then.")
        for number, is_met in enumerate(met):
            if sent.get("does") != ACCEPT and not is_met and not sent.get(f"change_{number}"):
                self.add_error(f"change_{number}", "Say what to change, or tick the rule.")
        return sent


class TakeBackForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        help_text="The other side reads it.",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
