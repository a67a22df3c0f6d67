"""Collects the rooms' admin pages."""

from accounts.identity.admin import StaffRoleAdmin, UserAdmin

__all__ = ["StaffRoleAdmin", "UserAdmin"]
