"""Apart from what is registered, because the admin's own door reads it first."""

from typing import Any

from django.http import HttpRequest


class LookOnly:
    """State moves through operations, which check and leave a trace; the admin would do neither."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
