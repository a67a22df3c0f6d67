"""The admin: for superusers who gave their second factor in this session, to look at the house's own rows, and traced."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access.middleware import actor_of
from accounts.audit import operations as audit
from accounts.identity.freshness import proof
from accounts.identity.look_only import LookOnly
from accounts.identity.models import User
from accounts.identity.proving import to_proof
from kit import clock

SAFE = ("GET", "HEAD")


class BackDoor(AdminSite):
    site_header = site_title = "Callboard, behind the scenes"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what is looked at and not changed: libraries' rows hold sessions, addresses and seeds of second factors."""
        if admin_class is not None and issubclass(admin_class, LookOnly):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return (
            isinstance(user, User)
            and user.is_active
            and user.is_superuser
            and actor_of(request).has_second_factor
            and proof(session=request.session, user=user).second_factor_at is not None
        )

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def traced(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if self.has_permission(request):
                if request.method not in SAFE and view.__name__ != "logout":
                    raise PermissionDenied(
                        "Nothing is changed here. The house's own pages do, and leave a trace."
                    )
                _write_down(request)
            answer: HttpResponse = inner(request, *args, **kwargs)
            return answer

        return traced

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Through the house's own log-in and its second factor; the admin's own knows neither that nor a pace."""
        back_to = request.GET.get("next", "") or reverse("admin:index")
        if not isinstance(request.user, User):
            return redirect(f"{reverse('account_login')}?{urlencode({'next': back_to})}")
        if not request.user.is_superuser:
            raise PermissionDenied("This is for the operator of the house.")
        if not actor_of(request).has_second_factor:
            return redirect(f"{reverse('second_factor')}?{urlencode({'next': back_to})}")
        return redirect(back_to) if self.has_permission(request) else to_proof(request, back_to=back_to)


# Guarded as all of the admin is, not by the house's own declarations.
BackDoor.login.__module__ = AdminSite.__module__


def _write_down(request: HttpRequest) -> None:
    actor = actor_of(request)
    at = clock.now()
    audit.record(
        verb="admin.opened",
        thing=request.user,  # type: ignore[arg-type] # a superuser, as was just looked at
        by=actor,
        at=at,
        path=request.path[:200],
        method=str(request.method),
    )
