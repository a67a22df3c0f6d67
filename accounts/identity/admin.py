"""The house's back door, for superusers: look at everyone, change nothing. Who works here is said under Staff."""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin

from accounts.identity.look_only import LookOnly
from accounts.identity.models import StaffRole, User

if TYPE_CHECKING:
    _Users = admin.ModelAdmin[User]
    _Roles = admin.ModelAdmin[StaffRole]
    _RoleForm = forms.ModelForm[StaffRole]
else:  # Django's admins are generic to the type checker only
    _Users = _Roles = admin.ModelAdmin
    _RoleForm = forms.ModelForm


@admin.register(User)
class UserAdmin(LookOnly, _Users):
    list_display = ("public_id", "email", "name", "time_zone", "is_active", "joined_at")
    search_fields = ("email", "name")
    fields = ("public_id", "email", "name", "time_zone", "is_active", "is_staff", "joined_at")


@admin.register(StaffRole)
class StaffRoleAdmin(LookOnly, _Roles):
    list_display = ("user", "role", "granted_at")
    list_select_related = ("user",)
    fields = ("user", "role", "granted_at")
