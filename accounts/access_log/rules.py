"""What the log is about: the one place that says which routes show other people's money, and who is written down there.

Told from what each route declares already, so that a new one of finance's is in the log without anybody remembering.
"""

from typing import Any

from django.conf import settings

from accounts.access.actors import Actor
from accounts.access.rules import Audience, declared

# As what somebody of the house is let in, the one who handles money first.
HOUSE = (Audience.FINANCE, Audience.ADMIN, Audience.TALENT, Audience.STAFF)
KEY = "key"


def shows_money(view: Any) -> bool:
    """Whether a route is finance's, or one of the rooms of money that others of the house come into.

    What anybody may read shows nobody's own money. `settings.MONEY_ROOMS` are the modules; a view lies in one by its own.
    """
    audiences = declared(view) or ()
    if Audience.ANYONE in audiences:
        return False
    in_a_room = view.__module__.startswith(settings.MONEY_ROOMS)
    return Audience.FINANCE in audiences or (in_a_room and any(each in HOUSE for each in audiences))


def written_down_as(view: Any, actor: Actor) -> str:
    """As what `actor` stands in the log after looking at `view`; empty where it is none of its affair.

    A performer, or a company's member, comes to their own pay and their own invoices by the same routes: that is nobody
    else's look. A key is a program, which may be anywhere, and stands there whomever it belongs to.
    """
    if not shows_money(view):
        return ""
    if actor.is_key:
        return KEY
    audiences = declared(view) or ()
    return next((each.name.lower() for each in HOUSE if each in audiences and each.admits(actor)), "")
