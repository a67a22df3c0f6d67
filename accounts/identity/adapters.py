"""How allauth meets this house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from accounts.identity import confirming, encryption, queries, trace, words
from kit import clock

# allauth's names of the ways to prove by a second factor, the quickest first.
SECOND_FACTOR_METHODS = {
    "mfa_reauthenticate:webauthn": "Use your passkey",
    "mfa_reauthenticate": "Type a code of your app, or a recovery code",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    error_messages = DefaultAccountAdapter.error_messages | words.OF_ACCOUNTS

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """allauth's word on it counts for nothing (its time-out is 0): it is the house's clock, and one's second factor."""
        request = context.request
        return not queries.is_fresh(user=request.user, session=request.session, at=clock.now())

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Passkey, then code; the password only where there is no second factor."""
        methods = {each["id"]: each for each in super().get_reauthentication_methods(user)}
        by_second_factor = [
            methods[each] | {"description": said}
            for each, said in SECOND_FACTOR_METHODS.items()
            if each in methods
        ]
        return by_second_factor or list(methods.values())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Nobody while the address is not confirmed: or who signs up with another's would learn here whether it was new."""
        user = super().authenticate(request, **credentials)
        if user is None or confirming.has_confirmed(user):
            return user
        confirming.remind(request, user)
        return None

    def send_account_already_exists_mail(self, email: str) -> None:
        """Instead of making one, whose password would have taken most of the time: an answer that comes sooner tells too."""
        make_password(email)
        super().send_account_already_exists_mail(email)

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """To the account's own address. One that it is to be changed to and that nobody confirmed is of no account."""
        if email.lower() != user.email.lower():
            send_unknown_account_mail(context["request"], email)
        else:
            super().send_password_reset_mail(user, email, context)

    def set_password(self, user: Any, password: str) -> None:
        """Where somebody is logged in, only with a fresh proof, by whatever door."""
        request = context.request
        if request.user.is_authenticated and self.is_reauthentication_required(app="allauth.account"):
            raise ReauthenticationRequired
        super().set_password(user, password)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data.get("name", "").strip()
        return super().save_user(request, user, form, commit)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    """allauth's own encrypt() does nothing: a copied database must not give away the second factor."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That is not the code. Codes change all the time, and each counts once.",
    }

    def validation_error(self, code: str, *args: Any) -> Any:
        if code == "incorrect_code":
            trace.second_factor_refused()
        return super().validation_error(code, *args)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 -- allauth's name for it
        """What a passkey is called until its owner says otherwise."""
        number = queries.second_factors(user).filter(type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"

    def encrypt(self, text: str) -> str:
        return encryption.fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.fernet().decrypt(encrypted_text.encode()).decode()
