"""Which currencies there are, and which of them this house takes."""

from django.conf import settings

from kit.errors import Invalid

# The money of countries, in lower case as Stripe writes it; no funds, metals or test codes.
CODES = (
    "aed afn all amd aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd cad cdf "
    "chf clp cny cop crc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gnf gtq gyd "
    "hkd hnl htg huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd kyd kzt lak lbp lkr lrd "
    "lsl lyd mad mdl mga mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk "
    "php pkr pln pyg qar ron rsd rub rwf sar sbd scr sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs "
    "tmt tnd top try ttd twd tzs uah ugx usd uyu uzs ved ves vnd vuv wst xaf xcd xcg xof xpf yer zar zmw zwg"
)
ISO_4217 = frozenset(CODES.split())


class UnknownCurrency(Invalid):
    code = "unknown_currency"
    title = "That is no currency here"


def check_supported(currency: str) -> None:
    """Raises UnknownCurrency (422) unless the house takes this currency, written in lower case."""
    if currency not in settings.CURRENCIES:
        raise _unknown(currency)


def check_exists(currency: str) -> None:
    """Raises UnknownCurrency (422) unless there is such a currency, written in lower case."""
    if currency not in ISO_4217:
        raise _unknown(currency)


def _unknown(currency: str) -> UnknownCurrency:
    taken = " or ".join(settings.CURRENCIES)
    said = f"{currency[:10]!r} is no currency here; write {taken}."
    return UnknownCurrency(said, errors=[{"field": "currency", "code": UnknownCurrency.code, "detail": said}])
