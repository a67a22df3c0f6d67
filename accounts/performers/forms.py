from typing import Any

from django import forms

from accounts.identity.fields import NameInput, OwnZoneChoice
from accounts.identity.names import LONGEST_ABOUT
from accounts.performers.countries import COUNTRIES
from accounts.performers.models import Performer
from accounts.performers.skills import LANGUAGES, SKILLS


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
    country = forms.ChoiceField(choices=list(COUNTRIES.items()), help_text="Where you live and are paid.")
    time_zone = OwnZoneChoice()

    @classmethod
    def of(cls, performer: Performer) -> "ProfileForm":
        return cls(initial=current(performer))


def current(performer: Performer) -> dict[str, Any]:
    """The profile as the arguments of `update_profile`."""
    return {
        "stage_name": performer.stage_name,
        "about": performer.about,
        "country": performer.country,
        "skills": performer.skills,
        "languages": performer.languages,
        "time_zone": performer.user.time_zone,
    }
