"""Where one is logged in, as allauth shows it on a page and to an app; ours reads it at once, and ends others after a proof."""

from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.headless.constants import Client
from allauth.headless.usersessions.response import SessionsResponse
from allauth.headless.usersessions.views import SessionsView
from allauth.usersessions import app_settings
from allauth.usersessions.views import ListUserSessionsView
from django.http import HttpRequest, HttpResponseBase
from django.views.generic.edit import FormView

from accounts.access.rules import Audience, allow
from accounts.identity.proving import with_proof
from accounts.identity.sessions import living


class SessionPage(ListUserSessionsView):  # type: ignore[misc] # allauth ships no types
    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """As allauth's, but for the queries."""
        found = living(self.request.user)
        shown = {"sessions": found, "session_count": len(found)}
        return (
            FormView.get_context_data(self, **more)
            | shown
            | {"show_last_seen_at": app_settings.TRACK_ACTIVITY}
        )


session_page = allow(Audience.SIGNED_IN)(with_proof(SessionPage.as_view()))


class SessionsOfApps(SessionsView):  # type: ignore[misc] # allauth ships no types
    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """401 with the ways to prove, unless only the one that asks is ended."""
        if not all(session.is_current() for session in self.input.cleaned_data["sessions"]):
            raise_if_reauthentication_required(request, app="allauth.usersessions")
        answer: HttpResponseBase = super().delete(request, *args, **kwargs)
        return answer

    def _respond_session_list(self) -> SessionsResponse:
        return SessionsResponse(self.request, living(self.request.user))


# Who is not logged in is told so by the view itself, in JSON.
app_sessions, browser_sessions = (
    allow(Audience.ANYONE)(SessionsOfApps.as_api_view(client=client))
    for client in (Client.APP, Client.BROWSER)
)
