from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest

from accounts.access.actors import Actor
from accounts.companies.operations import create_company
from accounts.identity import addresses
from accounts.identity.fields import NameInput, OwnZoneChoice
from accounts.identity.models import User
from accounts.keys import acting
from accounts.performers.operations import create_performer
from kit import clock
from kit.forms import NO_TEXT

PERFORM, HIRE, JOIN = "performer", "company", "invitation"


class BeginForm(forms.Form):
    """Who you are and what you come for."""

    name = NameInput(label="Your name")
    comes_to = forms.ChoiceField(
        choices=[(PERFORM, "Perform"), (HIRE, "Hire performers"), (JOIN, "Join by invitation")],
        initial=PERFORM,
        label="I come to",
        widget=forms.RadioSelect,
    )
    company_name = NameInput(
        required=False,
        label="Your company's name",
        help_text="As performers read it. You invite the others who act for it later.",
    )

    field_order = ["comes_to", "name", "company_name"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("comes_to") == HIRE and cleaned.get("company_name") == "":
            missing = forms.ValidationError("Name the company you hire for.", code="required")
            self.add_error("company_name", missing)
        return cleaned

    def set_up(self, *, user: User, by: Actor, at: datetime) -> None:
        """Give the person what they come for: a company of their own, a performer's profile; an invitation gives the rest."""
        sent = self.cleaned_data
        if sent["comes_to"] == HIRE:
            create_company(name=sent["company_name"], owner=user, by=by, at=at)
        elif sent["comes_to"] == PERFORM:
            create_performer(user=user, stage_name=sent["name"], by=by, at=at)


class SignupForm(BeginForm):
    """What allauth's sign-up asks beside mail and password. All that it makes, it makes in one transaction."""

    time_zone = OwnZoneChoice(help_text="Calls and deadlines are told in it. You can change it at any time.")

    field_order = ["comes_to", "name", "company_name", "email", "password1", "time_zone"]

    def __init_subclass__(cls, **options: Any) -> None:
        """allauth's forms, of the page and of an app, inherit from this one and call `signup` in their `save`."""
        super().__init_subclass__(**options)
        if "save" in vars(cls):
            cls.save = transaction.atomic(cls.save)  # type: ignore[attr-defined] # there, as just seen

    def clean(self) -> dict[str, Any]:
        """Refuses in allauth's own fields too what is no text, a password that is a list."""
        for name in self.fields.keys() - self.errors.keys():
            if not isinstance(self.data.get(name), str | None):
                self.add_error(name, NO_TEXT)
        self._compare_with_the_person()
        self._keep_former_addresses()
        return super().clean()

    def _keep_former_addresses(self) -> None:
        """One that its last owner can still take back counts as theirs."""
        email = self.cleaned_data.get("email", "")
        if addresses.is_kept_for_another(email, user_id=None, at=clock.now()):
            self.account_already_exists = True

    def _compare_with_the_person(self) -> None:
        """allauth looks at the address, and at a page's password alone."""
        person = User(email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", ""))
        for field in {"password", "password1"} & self.cleaned_data.keys():
            try:
                validate_password(self.cleaned_data[field], person)
            except forms.ValidationError as error:
                self.add_error(field, error)

    def signup(self, request: HttpRequest, user: Any) -> None:
        """Called by allauth once the user is saved."""
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])
        self.set_up(user=user, by=acting.of_user(user), at=clock.now())
