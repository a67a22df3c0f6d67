"""Telling a company: those of its members who may do what waits for it, and its own systems."""

from collections.abc import Mapping
from datetime import datetime

from accounts.access.acts import Act
from accounts.companies import events
from accounts.companies.queries import ids_of_those_who
from accounts.notifications.news import About, News
from accounts.notifications.operations import notify_many


def tell_company(
    *, kind: News, company_id: int, key: str, about: About, at: datetime, where: Mapping[str, str]
) -> None:
    """Tell the members whose role allows the act that the kind is for. In the caller's transaction, like `notify`."""
    if not isinstance(kind.audience, Act):
        raise TypeError(f"{kind} is not for a company's members")
    members = ids_of_those_who(kind.audience, company_id=company_id)
    notify_many(kind=kind, user_ids=members, key=key, about=about, at=at, where=where)
    events.write(kind=kind, company_id=company_id, key=key, where=where, at=at)
