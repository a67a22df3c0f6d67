"""What Stripe still asks a performer for, in the words of a form."""

from collections.abc import Iterable

# By how the requirement's description begins (Accounts v2, requirements.entries.description), the longest first.
_WORDS = {
    "identity.individual.documents": "A picture of an identity document",
    "identity.individual.given_name": "Your name",
    "identity.individual.surname": "Your name",
    "identity.individual.date_of_birth": "Your date of birth",
    "identity.individual.address": "Your address",
    "identity.individual.id_numbers": "Your tax number",
    "identity.individual.email": "Your mail address",
    "identity.individual.phone": "Your phone number",
    "identity.individual": "More about you",
    "identity.attestations.terms_of_service": "Your agreement to Stripe's terms",
    "identity.entity_type": "Whether you are paid as a person or as a business",
    "external_account": "Your bank account",
    "configuration.recipient": "Your bank account",
    "defaults": "A few details of your account",
}


def in_words(requirements: Iterable[str]) -> list[str]:
    """Each thing once, in Stripe's order; what is not known here is shown as it came, readable."""
    return list(dict.fromkeys(_one(name) for name in requirements))


def _one(name: str) -> str:
    for beginning, words in _WORDS.items():
        if name.startswith(beginning):
            return words
    return name.replace("_", " ").replace(".", ", ")
