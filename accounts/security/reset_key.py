"""The way to a new password over JSON, as allauth has it; but a key of another shape than its own is refused, where allauth's
falls over."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.headless.account.inputs import ResetPasswordInput, ResetPasswordKeyInput
from allauth.headless.account.views import ResetPasswordView
from allauth.headless.constants import Client
from allauth.headless.internal.restkit.response import ErrorResponse
from django.http import HttpRequest, HttpResponse


class _Key:
    cleaned_data: dict[str, str]

    def clean_key(self) -> str:
        if self.cleaned_data["key"].startswith("-"):
            raise get_adapter().validation_error("invalid_password_reset")
        return str(super().clean_key())  # type: ignore[misc] # allauth's, beside which this stands


class _KeyInput(_Key, ResetPasswordKeyInput):  # type: ignore[misc] # allauth ships no types
    pass


class _NewPasswordInput(_Key, ResetPasswordInput):  # type: ignore[misc] # allauth ships no types
    pass


class NewPassword(ResetPasswordView):  # type: ignore[misc] # allauth ships no types
    input_class = _NewPasswordInput

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whose it is, for a key in `X-Password-Reset-Key`."""
        asked = _KeyInput({"key": request.headers.get("X-Password-Reset-Key", "")})
        if not asked.is_valid():
            refused: HttpResponse = ErrorResponse(request, input=asked)
            return refused
        answer: HttpResponse = super().get(request, *args, **kwargs)
        return answer


def _as_view(client: Client) -> Any:
    view = NewPassword.as_api_view(client=client)
    view.__module__ = ResetPasswordView.__module__  # guarded as allauth's is
    return view


app_new_password, browser_new_password = _as_view(Client.APP), _as_view(Client.BROWSER)
