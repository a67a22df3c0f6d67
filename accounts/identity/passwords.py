import hashlib
import os
import re
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

# What who knows the house tries first: its name, its trade, its roles, its days.
HOUSE_WORDS = (
    "administrator",
    "callboard",
    "audition",
    "company",
    "finance",
    "improv",
    "marketplace",
    "password",
    "payday",
    "payroll",
    "performer",
    "producer",
    "reviewer",
    "session",
    "stripe",
    "talent",
    "theatre",
)
LEAST_OF_ONES_OWN = 8
# Ten times zxcvbn's "safely unguessable": the three thousand most used, with four digits behind, are within it.
LEAST_GUESSES = 1_000_000_000
_MOST_READ = 72  # characters that zxcvbn looks at
_SHA1 = 40


class HouseWordsValidator:
    """Refuses a password of which fewer than eight characters are left once the house's words are taken out of it."""

    def validate(self, password: str, user: Any = None) -> None:
        own = password.lower()
        for word in HOUSE_WORDS:
            own = own.replace(word, "")
        if own != password.lower() and len(own) < LEAST_OF_ONES_OWN:
            raise ValidationError(
                "This is made of words that anyone would try here. Add something of your own.",
                code="house_words",
            )

    def get_help_text(self) -> str:
        return "Not words of this house alone."


class GuessesValidator(CommonPasswordValidator):
    """Refuses Django's list of passwords in use, and what is guessed within LEAST_GUESSES: zxcvbn's list, names, words and
    dates, also doubled, turned round, with digits or in 1337, rows of keys, and the person's and the house's words."""

    def validate(self, password: str, user: Any = None) -> None:
        own = [getattr(user, name, "") for name in ("email", "name")]
        known = [*HOUSE_WORDS, *own, *(word for text in own for word in re.split(r"\W+", text))]
        guesses = zxcvbn(password[:_MOST_READ], user_inputs=known)["guesses"]
        if guesses < LEAST_GUESSES or password.lower().strip() in self.passwords:
            raise ValidationError(
                "This would soon be guessed: it is often used, or made of what often is. Take a few words that do not"
                " belong together.",
                code="soon_guessed",
            )

    def get_help_text(self) -> str:
        return "A few words that do not belong together."


class BreachedValidator:
    """Refuses what stands in the operator's list of breached passwords; without one, nothing."""

    def validate(self, password: str, user: Any = None) -> None:
        if not settings.BREACHED_PASSWORDS:
            return
        sought = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        with open(settings.BREACHED_PASSWORDS, "rb") as listed:
            if _is_listed(sought, listed):
                raise ValidationError(
                    "This was stolen somewhere else, and whoever breaks in tries it first. Take another.",
                    code="breached",
                )

    def get_help_text(self) -> str:
        return "None that was stolen elsewhere."


def _is_listed(sought: bytes, listed: IO[bytes]) -> bool:
    """Whether a line of the sorted file begins with the digest: halves it, some forty times in a file of 40 GB."""
    begin, end = 0, listed.seek(0, os.SEEK_END)
    while begin < end:
        middle = (begin + end) // 2
        listed.seek(middle)
        if middle:
            listed.readline()
        found = listed.readline()[:_SHA1].upper()
        if found == sought:
            return True
        if found and found < sought:
            begin = middle + 1
        else:
            end = middle
    return False


def keep_as_given() -> None:
    """allauth's inputs for apps cut the spaces off a password's ends and its pages do not: one person uses both."""
    from allauth.headless.account import inputs  # noqa: PLC0415 -- needs models; settings name this module earlier

    for each in (
        inputs.SignupInput,
        inputs.LoginInput,
        inputs.ResetPasswordInput,
        inputs.ChangePasswordInput,
    ):
        for name, field in each.base_fields.items():
            if "password" in name:
                field.strip = False
