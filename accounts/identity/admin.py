"""The house's back door, for superusers: look at everyone, say who works here, change nothing else."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.access.middleware import actor_of
from accounts.audit import operations as audit
from accounts.identity.models import StaffRole, User
from accounts.identity.queries import has_confirmed
from kit import clock

if TYPE_CHECKING:
    _Users = admin.ModelAdmin[User]
    _Roles = admin.ModelAdmin[StaffRole]
    _RoleForm = forms.ModelForm[StaffRole]
else:  # Django's admins are generic to the type checker only
    _Users = _Roles = admin.ModelAdmin
    _RoleForm = forms.ModelForm


class LookOnly:
    """State moves through operations, which check and leave a trace; the admin would do neither."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(LookOnly, _Users):
    list_display = ("public_id", "email", "name", "time_zone", "is_active", "joined_at")
    search_fields = ("email", "name")
    fields = ("public_id", "email", "name", "time_zone", "is_active", "is_staff", "joined_at")


class StaffRoleForm(_RoleForm):
    def clean_user(self) -> User:
        user: User = self.cleaned_data["user"]
        if not has_confirmed(user):
            raise forms.ValidationError("This address is not confirmed, so nobody knows whose it is.")
        return user


@admin.register(StaffRole)
class StaffRoleAdmin(_Roles):
    list_display = ("user", "role", "granted_at")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    fields = ("user", "role")
    form = StaffRoleForm

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: StaffRole, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._record("staff.granted", request, obj)

    def delete_model(self, request: HttpRequest, obj: StaffRole) -> None:
        self._record("staff.withdrawn", request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for role in queryset:
            self.delete_model(request, role)

    def _record(self, verb: str, request: HttpRequest, obj: StaffRole) -> None:
        audit.record(verb=verb, thing=obj.user, by=actor_of(request), at=clock.now(), role=str(obj.role))
