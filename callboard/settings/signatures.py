"""How many people sign for a pay run: read from the environment, refused when it can be read in two ways."""

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

MOST_SIGNERS = 9
_WRITE = f'write {{"usd": {{"10000000": 2}}}}: above 100,000.00 USD two people sign, at most {MOST_SIGNERS}.'


def run_signatures(given: object, *, currencies: Sequence[str]) -> dict[str, dict[int, int]]:
    """Of each currency: above which total of a run, in minor units, how many people sign for it."""
    try:
        read = {
            currency: {int(above): int(people) for above, people in steps.items()}
            for currency, steps in given.items()  # type: ignore[attr-defined] # refused below where it is something else
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"RUN_SIGNATURES is {given!r}; {_WRITE}") from error
    for currency, steps in read.items():
        if currency not in currencies or any(
            above < 0 or not 1 <= people <= MOST_SIGNERS for above, people in steps.items()
        ):
            raise ImproperlyConfigured(f"RUN_SIGNATURES says {steps!r} of {currency!r}; {_WRITE}")
    return read
