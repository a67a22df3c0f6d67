"""When a session was last used, and from where: written down once a minute, and at once where that is another place."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.usersessions.middleware import UserSessionsMiddleware
from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

NOTED_EVERY = timedelta(minutes=1)


class ActivityMiddleware(UserSessionsMiddleware):  # type: ignore[misc] # allauth ships no types
    """allauth's writes a row with each request, whatever was asked."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.session.session_key and request.user.is_authenticated and _is_noted(request):
            answer: HttpResponseBase = self.get_response(request)
        else:
            answer = super().__call__(request)
        return answer


def _is_noted(request: HttpRequest) -> bool:
    noted = UserSession.objects.filter(
        session_key=request.session.session_key,
        user=request.user.pk,
        ip=get_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", "")[:HTTP_USER_AGENT_MAX_LENGTH],
        last_seen_at__gt=timezone.now() - NOTED_EVERY,
    )
    return bool(noted.exists())
