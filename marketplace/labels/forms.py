"""Labels as people give them: times as a player shows them, one word, one number."""

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django import forms

from accounts.identity.models import User
from kit.forms import LineField
from marketplace.labels.models import (
    FEWEST_WANTED,
    LONGEST_PIECE_S,
    MOST_WANTED,
    OWN,
    SHORTEST_PIECE_S,
    Label,
    Labelling,
    Sense,
)
from marketplace.labels.webvtt import MOST_BYTES
from marketplace.labels.words import EMOTIONS, INTENSITIES, in_words

SHOWN = re.compile(r"(?:(?:([0-9]{1,2}):)?([0-9]{1,3}):)?([0-9]{1,2})(?:[.,]([0-9]{1,3}))?")
USUAL_PIECE_S = 30


def shown(ms: int) -> str:
    """As the player's own clock: 1:02.500."""
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 60}:{seconds % 60:02}.{rest:03}"


class MomentField(LineField):
    """A moment of a recording as its player shows it (1:02.5), cleaned to whole milliseconds from its beginning."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=14, widget=widget, **options)

    def clean(self, value: object) -> int | None:
        text = super().clean(value)
        found = SHOWN.fullmatch(text.strip()) if text else None
        if found is None:
            raise forms.ValidationError("Write it as the player shows it, such as 1:02.5.", code="invalid")
        hours, minutes, seconds, part = found.groups()
        whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
        return whole * 1000 + int((part or "0").ljust(3, "0"))


class SaidForm(forms.Form):
    """An emotion and how strong it is."""

    emotion = forms.ChoiceField(
        label="Which", widget=forms.RadioSelect, error_messages={"required": "Choose one."}
    )
    intensity = forms.ChoiceField(
        label="How strong",
        widget=forms.RadioSelect,
        choices=[(str(number), f"{number} {words}") for number, words in INTENSITIES.items()],
        error_messages={"required": "Choose 1 to 5."},
    )

    def __init__(
        self, *args: Any, emotions: Sequence[str], label: Label | None = None, **options: Any
    ) -> None:
        if label is not None:
            said = {"emotion": label.emotion, "intensity": str(label.intensity), "sense": label.sense}
            options["initial"] = said | options.get("initial", {})
        super().__init__(*args, **options)
        self.fields["emotion"].choices = in_words(list(emotions))  # type: ignore[attr-defined] # a choice field


class OwnForm(SaidForm):
    """What a performer says of a range of their own recording."""

    starts_ms = MomentField(label="From")
    ends_ms = MomentField(label="Until")
    sense = forms.ChoiceField(
        label="I",
        widget=forms.RadioSelect,
        choices=[(Sense.FELT, "felt it"), (Sense.PLAYED, "played it")],
        initial=OWN[0],
        error_messages={"required": "Say whether you felt it or played it."},
    )
    field_order = ["starts_ms", "ends_ms", "sense", "emotion", "intensity"]


class LabellingForm(forms.Form):
    emotions = forms.MultipleChoiceField(
        label="The words",
        help_text="Two or more. Neutral and another one belong to it by themselves.",
        choices=list(EMOTIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose two or more."},
    )
    wanted = forms.IntegerField(
        label="Annotators a piece",
        help_text=f"From {FEWEST_WANTED} to {MOST_WANTED}: with one alone nobody knows how far people agree.",
        min_value=FEWEST_WANTED,
        max_value=MOST_WANTED,
        initial=FEWEST_WANTED,
    )
    piece_s = forms.IntegerField(
        label="Seconds a piece",
        help_text="Takes, or else the whole recording, are cut into pieces of this length.",
        min_value=SHORTEST_PIECE_S,
        max_value=LONGEST_PIECE_S,
        initial=USUAL_PIECE_S,
    )

    def __init__(self, *args: Any, labelling: Labelling | None = None, **options: Any) -> None:
        if labelling is not None:
            options["initial"] = {
                "emotions": labelling.emotions,
                "wanted": labelling.wanted,
                "piece_s": labelling.piece_s,
            }
        super().__init__(*args, **options)


class AnnotatorsForm(forms.Form):
    annotators = forms.MultipleChoiceField(
        label="Who labels",
        help_text="Owners, producers and reviewers of your company. They play the recordings, which the performers see.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, members: Sequence[User], chosen: Sequence[str] = (), **options: Any
    ) -> None:
        options["initial"] = {"annotators": list(chosen)}
        super().__init__(*args, **options)
        named = [(member.public_id, member.name) for member in members]
        self.fields["annotators"].choices = named  # type: ignore[attr-defined] # a choice field


class TranscriptForm(forms.Form):
    file = forms.FileField(
        label="The transcript",
        help_text=f"WebVTT (.vtt), UTF-8, at most {MOST_BYTES >> 10} KiB. Its times are those of this recording, from 0:00.",
        widget=forms.ClearableFileInput(attrs={"accept": ".vtt,text/vtt"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def clean_file(self) -> bytes:
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(f"It is larger than {MOST_BYTES >> 10} KiB.", code="too_large")
        if PurePath(given.name).suffix.lower() != ".vtt":
            raise forms.ValidationError("Its name has to end in .vtt.", code="not_webvtt")
        return bytes(given.read())
