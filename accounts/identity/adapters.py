"""How allauth meets this house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest

from accounts.identity import words


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    error_messages = DefaultAccountAdapter.error_messages | words.OF_ACCOUNTS

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data.get("name", "").strip()
        return super().save_user(request, user, form, commit)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth ships no types
    """allauth's own encrypt() does nothing: a copied database must not give away the second factor."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> Fernet:
    return Fernet(settings.FIELD_ENCRYPTION_KEY)
