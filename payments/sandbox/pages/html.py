"""The frame of every page: escaped values in a plain, accessible document with the sandbox's own style."""

from html import escape
from pathlib import Path

from payments.sandbox.wire import Reply

_STYLE = Path(__file__).with_name("style.css")
_SAFE = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action *; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Safe(str):
    """Markup that needs no escaping, because this package wrote it."""

    __slots__ = ()


def fill(template: str, **values: object) -> Safe:
    """`template` with `{name}` filled in; everything but `Safe` is escaped."""
    shown = {name: value if isinstance(value, Safe) else escape(str(value)) for name, value in values.items()}
    return Safe(template.format(**shown))


def join(parts: list[Safe]) -> Safe:
    return Safe("".join(parts))


def page(title: str, body: Safe, *, status: int = 200) -> Reply:
    """A whole document."""
    document = fill(
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<title>{title}</title><link rel='stylesheet' href='/hosted/style.css'></head>"
        "<body><a class='skip' href='#main'>Skip to the content</a>"
        "<header class='mode'><p>Test mode. This is the Stripe sandbox: no real money, no real bank.</p></header>"
        "<main id='main'>{body}</main></body></html>\n",
        title=title,
        body=body,
    )
    return Reply(status, document.encode(), dict(_SAFE))


def style() -> Reply:
    return Reply(
        200, _STYLE.read_bytes(), {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=60"}
    )


def redirect(url: str) -> Reply:
    return Reply(303, b"", {"Location": url, "Cache-Control": "no-store"})


def field(label: str, name: str, value: str = "", *, hint: str = "", kind: str = "text") -> Safe:
    """One labelled input with its hint."""
    hinted = (
        fill("<span class='hint' id='{name}-hint'>{hint}</span>", name=name, hint=hint) if hint else Safe("")
    )
    described = fill(" aria-describedby='{name}-hint'", name=name) if hint else Safe("")
    return fill(
        "<div class='field'><label for='{name}'>{label}</label>{hinted}"
        "<input id='{name}' name='{name}' type='{kind}' value='{value}' autocomplete='off'{described}></div>",
        label=label,
        name=name,
        value=value,
        kind=kind,
        hinted=hinted,
        described=described,
    )


def money(amount: int, currency: str) -> str:
    """Minor units as people read them; currencies without cents stay whole."""
    if currency in ("jpy", "krw", "huf"):
        return f"{amount:,} {currency.upper()}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02d} {currency.upper()}"
