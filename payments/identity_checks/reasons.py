"""Why a check failed, in plain words, and what helps. Codes from Stripe's page on handling verification outcomes."""

from typing import NamedTuple


class Why(NamedTuple):
    means: str
    fix: str


AGAIN = "Try once more, in good light, with the document in your hand."
ANOTHER = "Try once more with another document: a passport, a driving licence or an identity card."
REASONS: dict[str, Why] = {
    "abandoned": Why("The check was left before its end.", "Go on with it when you are ready."),
    "consent_declined": Why(
        "You did not agree to be verified by Stripe.", "Nobody is booked without it; you can start it again."
    ),
    "country_not_supported": Why("Stripe does not verify documents of this country yet.", ANOTHER),
    "device_not_supported": Why("The check needs a device with a camera.", "Go on with it on a phone."),
    "document_expired": Why("The document has expired.", ANOTHER),
    "document_type_not_supported": Why("That kind of document is not taken.", ANOTHER),
    "document_unverified_other": Why("Stripe could not verify the document.", ANOTHER),
    "selfie_document_missing_photo": Why("The document has no picture of a face.", ANOTHER),
    "selfie_face_mismatch": Why("The selfie does not match the document.", AGAIN),
    "selfie_manipulated": Why("The selfie was changed.", AGAIN),
    "selfie_unverified_other": Why("Stripe could not verify the selfie.", AGAIN),
    "under_supported_age": Why("Stripe does not verify people of this age.", "Sessions are for adults."),
    "results_unreadable": Why(
        "The result could not be read in time. That is our fault, not yours.",
        "Please do the check once more.",
    ),
}


def reason(code: str) -> Why:
    """What a code means; an unknown one as it came, never nothing."""
    return REASONS.get(code) or Why(f"Stripe says: {code.replace('_', ' ') or 'nothing more'}.", AGAIN)
