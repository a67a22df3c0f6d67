from typing import Any

from django.core.exceptions import ValidationError

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
