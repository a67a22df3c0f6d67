"""Amounts and currencies as every money endpoint checks them."""

from payments.sandbox.errors import ApiError, invalid, refused

LARGEST = 99_999_999_99
# fmt: off
_CURRENCIES = frozenset({
    "usd", "eur", "gbp", "cad", "chf", "aud", "nzd", "sek", "nok", "dkk", "pln", "czk", "huf", "ron", "bgn",
    "jpy", "sgd", "hkd", "mxn", "brl", "inr", "zar", "ils", "thb", "myr", "php",
})
# fmt: on


def check_amount(amount: int, *, param: str = "amount") -> int:
    """A positive whole number of minor units."""
    if amount < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", param=param, code="parameter_invalid_integer"
        )
    if amount > LARGEST:
        raise too_large(param=param)
    return amount


def too_large(*, param: str) -> ApiError:
    return refused(f"Amount must be no more than {LARGEST}.", code="amount_too_large", param=param)


def check_currency(currency: str, *, param: str = "currency") -> str:
    """A currency in lower case, as Stripe accepts it."""
    if currency.lower() not in _CURRENCIES:
        raise invalid(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(_CURRENCIES))}",
            param=param,
        )
    return currency.lower()
