"""One press of a button: by whom, what must come of it, who must be told; and the presses that must change nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from accounts.access.actors import Actor
from kit.errors import DomainError
from tests import database

# What any press that changes something leaves a trace in; the number of the last news first.
TRACES = """
    SELECT (SELECT coalesce(max(id), 0) FROM accounts_notification), (SELECT max(id) FROM accounts_auditevent),
      (SELECT count(*) FROM accounts_notification),
      (SELECT coalesce(sum(committed_minor), 0) FROM marketplace_gig),
      (SELECT max(id) FROM marketplace_presencedelivery),
      (SELECT count(*) * 1000 + count(ended_at) FROM marketplace_mark),
      (SELECT count(confirmed_at) * 1000 + count(released_at) FROM marketplace_seat),
      (SELECT count(*) FROM marketplace_timeline)
"""
NEWS = "SELECT user_id, kind, count(*) FROM accounts_notification WHERE id > %s GROUP BY 1, 2"


class Violation(Exception):
    """Something that must hold does not."""


@dataclass(frozen=True)
class Press:
    """`call` by `by`. `told`: readers and the kind of news each must have once. `must`: it is legal, so never refused.

    `again`: whether a second press is refused; None where it may do something anew. `strangers`: to whom it is refused.
    """

    call: Callable[[Actor], object]
    by: Actor
    told: Sequence[tuple[int, str]] = ()
    must: bool = False
    again: bool | None = None
    strangers: Sequence[Actor] = ()
    # What is refused at a door is kept all the same: that they came, or that they had fallen silent.
    knocks: bool = False


def traces() -> tuple[int, ...]:
    return tuple(_ask(TRACES)[0])


def is_refused(press: Press, by: Actor, what: str) -> None:
    """By a stranger, or a second time: a refusal in words, and nothing is changed."""
    before = traces()
    try:
        with transaction.atomic():
            press.call(by)
    except DomainError:
        pass
    else:
        raise Violation(f"{what}, and was not refused")
    if traces() != before:
        raise Violation(f"{what}: refused, and yet something changed")


def is_done(press: Press) -> str:
    """The code of the refusal, or nothing where it was done; who is concerned was told once."""
    before = traces()
    try:
        press.call(press.by)
    except DomainError as error:
        if press.must:
            raise Violation(f"a legal press was refused: {error.code}: {error.detail}") from error
        if not press.knocks and traces() != before:
            raise Violation(f"refused as {error.code}, and yet something changed") from error
        return error.code
    _check_told(press.told, {(user, kind): n for user, kind, n in _ask(NEWS, before[0])})
    return ""


def at_once(presses: Sequence[Press]) -> list[str]:
    """Two press at the same moment, each on a connection of their own; the code of each one's refusal."""
    found = database.together([lambda press=press: press.call(press.by) for press in presses])  # type: ignore[misc]
    for each in found:
        if isinstance(each, Exception) and not isinstance(each, DomainError):
            raise Violation(f"pressed at once: {type(each).__name__}: {each}"[:300]) from each
    return [each.code if isinstance(each, DomainError) else "" for each in found]


def _check_told(told: Sequence[tuple[int, str]], news: Mapping[tuple[int, str], int]) -> None:
    for user, kind in told:
        if news.get((user, kind), 0) != told.count((user, kind)):
            raise Violation(f"{kind} reached user {user} {news.get((user, kind), 0)} times")


def _ask(sql: str, *given: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
