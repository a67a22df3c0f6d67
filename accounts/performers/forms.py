from typing import Any

from django import forms

from accounts.identity.fields import NameInput, OwnZoneChoice, StateChoice
from accounts.identity.names import LONGEST_ABOUT
from accounts.performers.countries import COUNTRIES
from accounts.performers.models import LONGEST_CREDITS, OLDEST_PLAYED, YOUNGEST_PLAYED, Performer
from accounts.performers.skills import ACCENTS, LANGUAGES, SKILLS


def _age(label: str) -> forms.IntegerField:
    return forms.IntegerField(min_value=YOUNGEST_PLAYED, max_value=OLDEST_PLAYED, required=False, label=label)


class ProfileForm(forms.Form):
    stage_name = NameInput(help_text="What producers and audiences call you.")
    about = forms.CharField(
        max_length=LONGEST_ABOUT,
        required=False,
        widget=forms.Textarea,
        help_text="Two or three sentences: where you learned, what you love to play.",
    )
    skills = forms.MultipleChoiceField(
        choices=list(SKILLS.items()),
        widget=forms.CheckboxSelectMultiple,
        label="What you do",
        help_text="Tick what you would be glad to be booked for.",
    )
    languages = forms.MultipleChoiceField(
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
        label="Languages you improvise in",
    )
    accents = forms.MultipleChoiceField(
        choices=list(ACCENTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Accents that you can keep up",
    )
    plays_from = _age("Youngest age that you play")
    plays_to = _age("Oldest age that you play")
    credits = forms.CharField(
        max_length=LONGEST_CREDITS,
        required=False,
        widget=forms.Textarea,
        help_text="A line for each: what, where, with whom, when.",
    )
    country = forms.ChoiceField(choices=list(COUNTRIES.items()), help_text="Where you live and are paid.")
    region = StateChoice(
        help_text="In the United States only. The law that protects your work differs by it."
    )
    time_zone = OwnZoneChoice()

    @classmethod
    def of(cls, performer: Performer) -> "ProfileForm":
        return cls(initial=current(performer))


class PhotoForm(forms.Form):
    photo = forms.FileField(
        label="A picture",
        help_text="Your face, as you look today: JPEG, PNG or WebP, at most 10 MB. We make it anew, without what its file says "
        "of place and device.",
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


def current(performer: Performer) -> dict[str, Any]:
    """The profile as the arguments of `update_profile`."""
    return {
        "stage_name": performer.stage_name,
        "about": performer.about,
        "country": performer.country,
        "region": performer.region,
        "skills": performer.skills,
        "languages": performer.languages,
        "accents": performer.accents,
        "plays_from": performer.plays_from,
        "plays_to": performer.plays_to,
        "credits": performer.credits,
        "time_zone": performer.user.time_zone,
    }
