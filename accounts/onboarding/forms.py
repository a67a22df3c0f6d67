from typing import Any

from django import forms
from django.http import HttpRequest

from accounts.companies.operations import create_company
from accounts.identity.zones import names
from accounts.keys import acting
from accounts.performers.operations import create_performer
from kit import clock

PERFORM, HIRE = "performer", "company"


class BeginForm(forms.Form):
    """Who you are and what you come for."""

    name = forms.CharField(max_length=120, label="Your name")
    comes_to = forms.ChoiceField(
        choices=[(PERFORM, "Perform"), (HIRE, "Hire performers")],
        initial=PERFORM,
        label="I come to",
        widget=forms.RadioSelect,
    )
    company_name = forms.CharField(
        max_length=120, required=False, label="Company", help_text="Only if you come to hire performers."
    )

    field_order = ["comes_to", "name", "company_name"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("comes_to") == HIRE and not cleaned.get("company_name", "").strip():
            self.add_error("company_name", "Name the company you hire for.")
        return cleaned


class SignupForm(BeginForm):
    """What allauth's sign-up asks beside mail and password."""

    time_zone = forms.ChoiceField(
        choices=[(name, name) for name in names()], initial="America/New_York", label="Time zone"
    )

    field_order = ["comes_to", "name", "company_name", "email", "password1", "time_zone"]

    def signup(self, request: HttpRequest, user: Any) -> None:
        """Called by allauth once the user is saved."""
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])
        actor, at = acting.of_user(user), clock.now()
        if self.cleaned_data["comes_to"] == HIRE:
            create_company(name=self.cleaned_data["company_name"], owner=user, by=actor, at=at)
        else:
            create_performer(user=user, stage_name=self.cleaned_data["name"], by=actor, at=at)
