"""Filters and tags for money, time and states: built into every template."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

from callboard.figures import drawing, states, times
from kit import clock as present
from kit import instants
from kit.money import Money

register = template.Library()
register.filter("duration", times.words)
register.filter("clock", times.clock)
register.filter("hours", times.hours)
register.filter("state_label", states.label)
register.filter("state_tone", states.tone)
register.filter("words", states.words)
register.filter("length_in_words", instants.length_in_words)
register.filter("in_words", instants.in_words)
register.filter("for_machines", instants.for_machines)
register.filter("in_utc", instants.in_utc)
register.filter("month", instants.month)
register.filter("wall_clock", instants.wall_clock)
register.filter("shares", drawing.shares)


@register.filter
def money(amount: Any, currency: str = "usd") -> str:
    """`1,234.50 USD`, of Money or of minor units; nothing of nothing."""
    return "" if amount is None or amount == "" else _money(amount, currency).display()


@register.filter
def amount(value: Money | int | None, currency: str = "usd") -> str:
    """`1,234.50`, where the head of the column names the currency."""
    return money(value, currency).rpartition(" ")[0]


@register.filter
def day(at: date | None, zone: str | None = None) -> str:
    return "" if at is None else instants.day(at, zone)


@register.filter
def dated(at: date | None, zone: str | None = None) -> str:
    """The day with its year, on what is kept."""
    return "" if at is None else instants.day(at, zone, with_year=True)


@register.filter
def initials(name: str) -> str:
    parts = [part for part in str(name).split() if part[0].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper() or "?"


@register.simple_tag
def tone_icon(tone: str) -> str:
    return states.ICONS.get(tone, states.ICONS["quiet"])


@register.simple_tag
def icon(name: str, size: int | str = 20) -> SafeString:
    """An icon of lucide, hidden from readers of the screen: its word stands beside it."""
    drawn = {"aria_hidden": "true", "focusable": "false", "class": "icon"}
    try:
        return SafeString(lucide(name, size=int(size), **drawn))
    except IconDoesNotExist:
        return SafeString(lucide("circle", size=int(size), **drawn))


@register.simple_tag(takes_context=True)
def instant(
    context: Context, at: datetime | None, form: str = "full", zone: str = "", other: str = ""
) -> str:
    """An instant in the reader's zone, named; with `other`, what the clock says on the other side too."""
    if not at:
        return ""
    where = zone or str(context.get("reader_zone") or "UTC")
    if form == "ago":
        said = times.ago(at, present.now())
    elif form == "day":
        said = instants.day(at, where)
    else:
        said = _with_zones(at, where, other, whole=form == "full")
    # A reader who is not logged in has told us no zone: the browser knows it.
    told = bool(zone) or bool(context.get("zone_is_known"))
    return format_html(
        '<time datetime="{}"{}>{}</time>',
        instants.for_machines(at),
        "" if told or form == "ago" else format_html(' data-local="{}"', form),
        said,
    )


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The query string of this page with some of it changed; an empty value takes a name out."""
    request = context.get("request")
    params = request.GET.copy() if request is not None else None
    if params is None:
        return ""
    for name, value in changes.items():
        params.pop(name, None)
        if value not in (None, ""):
            params[name] = str(value)
    return f"?{params.urlencode()}" if params else "?"


@register.simple_tag
def lasts(setting: str) -> str:
    """`72 hours`: how long a setting says, be it a length or a number of seconds."""
    length = getattr(settings, setting)
    return instants.length_in_words(length if isinstance(length, timedelta) else timedelta(seconds=length))


@register.simple_tag
def route(name: str, **kwargs: Any) -> str:
    """The path of a route, or nothing where no room offers it."""
    try:
        return reverse(name, kwargs=kwargs or None)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def timeline(
    context: Context, stretches: Sequence[Any], start: int, end: int, zone: str = ""
) -> drawing.Timeline:
    where = zone or str(context.get("reader_zone") or "UTC")
    return drawing.timeline(stretches or [], start=int(start), end=int(end), where=where)


@register.filter
def widget_kind(field: Any) -> str:
    """How a form's field is drawn: `checkbox`, `choices` (several controls under one name) or `control`."""
    kind = getattr(field.field.widget, "input_type", "")
    several = bool(getattr(field.field.widget, "allow_multiple_selected", False)) or kind == "radio"
    if kind in ("radio", "checkbox") and several:
        return "choices"
    return "checkbox" if kind == "checkbox" else "control"


@register.filter
def readings(field: Any) -> list[tuple[str, str, bool]]:
    """The instants between which a form's time is to be chosen, where the clock shows it twice."""
    find = getattr(field.field, "readings", None)
    return find(field.value()) if find else []


@register.simple_tag
def control(field: Any, described_by: str = "") -> SafeString:
    """A form's control, tied to its hint and its error."""
    attributes: dict[str, Any] = {"aria-describedby": described_by or False}
    if field.errors:
        attributes["aria-invalid"] = "true"
    placeholder = str(field.field.widget.attrs.get("placeholder", ""))
    if placeholder.startswith(str(field.label)):
        attributes["placeholder"] = False  # it says the label again, and goes when one types
    return SafeString(field.as_widget(attrs=attributes))


@register.filter
def total_minor(parts: Iterable[Mapping[str, Any]]) -> int:
    return sum(int(part["minor"]) for part in parts)


def _money(amount: Money | int, currency: str) -> Money:
    return amount if isinstance(amount, Money) else Money(int(amount), currency)


def _with_zones(at: datetime, where: str, other: str, *, whole: bool) -> str:
    said = f"{instants.time_of_day(at, where)} your time ({instants.zone_label(at, where)})"
    if whole:
        said = f"{instants.day(at, where)}, {said}"
    if other and instants.zone_label(at, other) != instants.zone_label(at, where):
        other_day = instants.day(at, other)
        there = instants.time_of_day(at, other)
        if other_day != instants.day(at, where):
            there = f"{other_day}, {there}"
        said = f"{said} · {there} theirs ({instants.zone_label(at, other)})"
    return said
