"""Metadata, the pairs that a platform writes on any object. Source: docs.stripe.com/api/metadata."""

from payments.sandbox.errors import invalid
from payments.sandbox.wire import Json

_MAX_KEYS = 50
_MAX_KEY = 40
_MAX_VALUE = 500


def check_metadata(metadata: Json) -> None:
    """Refuse more than 50 pairs, keys over 40 characters and values over 500."""
    if len(metadata) > _MAX_KEYS:
        raise invalid("You can have up to 50 metadata keys.", param="metadata")
    for key, value in metadata.items():
        if len(key) > _MAX_KEY:
            raise invalid(
                f"Metadata keys can only be 40 characters, but you passed {key!r}.", param="metadata"
            )
        if value is not None and len(value) > _MAX_VALUE:
            raise invalid(
                "Metadata values can have up to 500 characters, but you passed in a value that is "
                f"{len(value)} characters. Invalid value: {value}",
                param=f"metadata[{key}]",
            )


def merge_metadata(old: Json, new: Json | str | None) -> Json:
    """Stripe's way: an empty value unsets a key, an empty string in place of the pairs unsets them all."""
    if not isinstance(new, dict):
        return {}
    return {key: value for key, value in {**old, **new}.items() if value not in ("", None)}
