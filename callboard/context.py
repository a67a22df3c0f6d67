"""What every page knows of the site: who reads it, in which zone, and where they can go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.companies.queries import companies_of
from accounts.notifications.models import Notification

MOST_TABS = 6
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Place:
    label: str
    path: str
    icon: str
    here: bool


# Name of the route, what the reader calls it, icon. A room that is not built yet offers no route and is left out.
PERFORMER = (
    ("today", "Today", "sun"),
    ("gig_board", "Board", "clipboard-list"),
    ("my_work", "My work", "drama"),
    ("my_sessions", "Sessions", "video"),
    ("my_week", "My week", "calendar-days"),
    ("my_pay", "Pay", "banknote"),
)
COMPANY = (
    ("company_gigs", "Gigs", "clipboard-list"),
    ("company_applicants", "Applicants", "users"),
    ("company_sessions", "Sessions", "video"),
    ("company_week", "Week", "calendar-days"),
    ("company_wallet", "Wallet", "wallet"),
)
FINANCE = (
    ("payday", "Payday", "banknote"),
    ("payday_held", "Held", "octagon-alert"),
    ("payday_returned", "Came back", "undo-2"),
    ("house_pay_lines", "Pay lines", "receipt"),
    ("net_terms", "Terms", "handshake"),
    ("adjustments", "Adjustments", "scale"),
    ("reconcile", "Reconcile", "scale"),
    ("books", "Books", "book-open"),
)
TALENT = (
    ("desk", "Desk", "inbox"),
    ("people", "People", "users"),
    ("disputes", "Disputes", "message-circle-question-mark"),
    ("house_pay_lines", "Pay lines", "receipt"),
)
ADMIN = (("staff", "Staff", "users"),)
STAFF = (("today", "Today", "sun"), ("gig_board", "Board", "clipboard-list"))
VISITOR = (("gig_board", "Board", "clipboard-list"),)


def site(request: HttpRequest) -> dict[str, Any]:
    actor: Actor = getattr(request, "actor", None) or Actor.anonymous()
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    companies: list[Company] = SimpleLazyObject(lambda: list(companies_of(actor)))  # type: ignore[assignment] # read as one
    nav: list[Place] = SimpleLazyObject(lambda: _places(actor, companies, request.path))  # type: ignore[assignment] # likewise
    return {
        "actor": actor,
        "nav": nav,
        "tabs": SimpleLazyObject(lambda: _tabs(nav)),
        "reader_zone": SimpleLazyObject(lambda: actor.zone),
        "zone_is_known": SimpleLazyObject(lambda: bool(actor.time_zone)),
        "my_companies": companies,
        "unread": SimpleLazyObject(lambda: _unread(actor)),
        "theme": theme if theme in THEMES else "",
        "theme_cookie": settings.THEME_COOKIE_NAME,
        "site_mode": settings.ENVIRONMENT,
    }


def _unread(actor: Actor) -> int:
    return Notification.objects.visible_to(actor).filter(read_at=None).count() if actor.user_id else 0


def _places(actor: Actor, companies: Sequence[Company], here: str) -> list[Place]:
    if actor.user_id is None:
        wanted: tuple[tuple[str, str, str], ...] = VISITOR
    elif actor.is_performer:
        wanted = PERFORMER
    elif actor.company_ids:
        wanted = (("today", "Today", "sun"), *COMPANY)
    else:
        wanted = STAFF
    if actor.is_talent:
        wanted = (*wanted, *TALENT)
    if actor.is_finance:
        wanted = (*wanted, *FINANCE)
    if actor.is_admin:
        wanted = (*wanted, *ADMIN)
    company = companies[0] if actor.company_ids and companies else None
    paths = [(_path(name, company), label, icon) for name, label, icon in dict.fromkeys(wanted)]
    places = [Place(label, path, icon, here=False) for path, label, icon in paths if path]
    # The longest path that leads here is where one is: the board at "/" is not everywhere.
    best = max((p.path for p in places if _leads(p.path, here)), key=len, default="")
    return [Place(p.label, p.path, p.icon, p.path == best) for p in places]


def _tabs(nav: Sequence[Place]) -> dict[str, Sequence[Place]]:
    """The foot of a phone: all places side by side, or the first and, behind one tab, the rest."""
    shown = len(nav) if len(nav) <= MOST_TABS else MOST_TABS - 1
    return {"first": nav[:shown], "more": nav[shown:]}


def _path(name: str, company: Company | None) -> str:
    tries: list[dict[str, Any]] = [{}, {"company_id": company.public_id}] if company else [{}]
    for kwargs in tries:
        try:
            return reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    return ""


def _leads(path: str, here: str) -> bool:
    return here == path or (path != "/" and here.startswith(path))
