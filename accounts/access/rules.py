"""Who may come in where. Each page and endpoint says so; one that does not is closed."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from accounts.access.actors import Actor

View = TypeVar("View", bound=Callable[..., Any])


class Audience(Enum):
    """The door to a route. Which object one may see behind it, each query says (`visible_to`)."""

    ANYONE = "anyone"
    HALF_IN = "password given"  # and no second factor: its endpoint knows them by that alone
    SIGNED_IN = "signed in"
    PERFORMER = "performer"
    COMPANY = "company"
    STAFF = "staff"
    FINANCE = "finance"
    TALENT = "talent"
    ADMIN = "admin"
    MACHINE = "machine"  # a signed webhook: it proves itself by its signature

    def admits(self, actor: Actor) -> bool:
        match self:
            case Audience.ANYONE | Audience.MACHINE:
                return True
            case Audience.SIGNED_IN | Audience.HALF_IN:
                return not actor.is_anonymous
            case Audience.PERFORMER:
                return actor.is_performer
            case Audience.COMPANY:
                return bool(actor.company_ids)
            case Audience.STAFF:
                return actor.is_staff
            case Audience.FINANCE:
                return actor.is_finance
            case Audience.TALENT:
                return actor.is_talent
            case Audience.ADMIN:
                return actor.is_admin


def allow(*audiences: Audience) -> Callable[[View], View]:
    """Declare who may call a page: any of `audiences`."""

    def declare(view: View) -> View:
        view.allow = audiences  # type: ignore[attr-defined] # the declaration travels on the view
        return view

    return declare


def paced(scope: str) -> Callable[[View], View]:
    """Declare that calls of a page count by themselves: `scope` of `settings.PACE`, instead of the person's own."""

    def declare(view: View) -> View:
        view.pace = scope  # type: ignore[attr-defined] # the declaration travels on the view
        return view

    return declare


def pace_scope(view: Any, actor: Actor) -> str:
    """Against which line of `settings.PACE` a call of `view` counts."""
    return getattr(view, "pace", "") or ("key" if actor.is_key else "account")


def declared(view: Any) -> tuple[Audience, ...] | None:
    """What a view declares, whether a function, a Django class or a DRF class."""
    for holder in (view, getattr(view, "cls", None), getattr(view, "view_class", None)):
        if holder is not None and getattr(holder, "allow", None):
            return tuple(holder.allow)
    return None


def admitted(actor: Actor, audiences: tuple[Audience, ...]) -> bool:
    return any(audience.admits(actor) for audience in audiences)


def waits_for_second_factor(actor: Actor, audiences: tuple[Audience, ...]) -> bool:
    """Whether only a second factor is missing for them to come in."""
    return actor.is_withheld and admitted(actor.with_withheld(), audiences)
