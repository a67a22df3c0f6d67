"""Planted bugs: each takes one decision of the marketplace away. A life that does not catch them proves nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db import transaction

from accounts.audit import operations as audit
from accounts.notifications import operations as notifications
from kit.money import Money
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement, Terms
from marketplace.presence import calculate, fold
from marketplace.sessions import booking, calling_off, folding
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import Mark, Seat
from marketplace.timekeeping import disputes, reckoning
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import TimeLine, Timesheet
from tests.simulation.life import quiet
from tests.simulation.life.money_mutants import MONEY_MUTANTS


def _nothing(*_: Any, **__: Any) -> None:
    """Takes an act away."""


def _seats_stay_taken() -> Any:
    release = calling_off.release

    def kept(session: Any, seat: Seat, *given: Any, **named: Any) -> Any:
        done = release(session, seat, *given, **named)
        Seat.objects.filter(pk=seat.pk, released_by__gt="").update(released_at=None, released_by="")
        return done

    return patch.object(calling_off, "release", kept)


def _no_show_boundary() -> Any:
    """Whoever comes in the last second has not showed."""
    showed = fold._showed

    def sooner(presence: Any, concerned: Any, terms: Any) -> bool:
        policy = replace(terms.policy, no_show_after_s=terms.policy.no_show_after_s - 1)
        return showed(presence, concerned, replace(terms, policy=policy))

    return patch.object(fold, "_showed", sooner)


def _knocking_pays_nothing() -> Any:
    of = folding.marks_of

    def without(session: Any, *, at: datetime) -> Any:
        return [mark for mark in of(session, at=at) if mark.kind != "arrived"]

    return patch.object(reckoning, "marks_of", without)


def _a_cent_too_much() -> Any:
    pay = calculate.pay_seat

    def paid_more(**given: Any) -> Any:
        paid = pay(**given)
        return replace(paid, amount=Money(paid.amount.minor + 1, paid.amount.currency))

    return patch.object(reckoning, "pay_seat", paid_more)


def _told_twice() -> Any:
    notify = notifications.notify

    def again(**given: Any) -> bool:
        notify(**{**given, "key": given["key"][:100] + ":again"})
        return notify(**given)

    return _in_rooms("notify", again)


def _in_rooms(name: str, stand_in: Any) -> Any:
    @contextmanager
    def everywhere() -> Iterator[None]:
        with (
            patch.object(casting, name, stand_in),
            patch.object(engagements, name, stand_in),
            patch.object(sessions, name, stand_in),
            patch.object(calling_off, name, stand_in),
        ):
            yield

    return everywhere()


def _more_places_than_there_are() -> Any:
    locked = casting.locked

    def with_many(application: Application) -> Application:
        found = locked(application)
        found.gig.openings = 99
        return found

    return patch.object(casting, "locked", with_many)


def _a_day_early() -> Any:
    def submit(*, at: datetime) -> int:
        soon = at + timedelta(days=1)
        silent = Timesheet.objects.filter(state="performer_review", week__performer_due_at__lte=soon)
        with transaction.atomic():
            return timekeeping._to_companies(silent, at=at)

    return patch.object(timekeeping, "submit_due", submit)


def _offers_never_expire() -> Any:
    return patch.object(casting, "expire", lambda *, at: 0)


def _offers_expire_early() -> Any:
    expire = casting.expire

    def sooner(*, at: datetime) -> int:
        soon = at + timedelta(hours=6)
        for offered in Application.objects.filter(state="offered", offer_expires_at__range=(at, soon)):
            audit.move(offered, "expired", by=casting.SYSTEM, at=at, decided_at=at)
        return expire(at=at)

    return patch.object(casting, "expire", sooner)


def _dispute_left_open() -> Any:
    """A dispute that is settled leaves its line as it was: in dispute for ever."""
    return patch.object(disputes, "_decide", _nothing)


def _late_word_is_ignored() -> Any:
    return patch.object(reckoning, "_reckon_again", lambda *_, **__: [])


def _next_version_unsigned() -> Any:
    """The newest terms hold at once, whoever has signed them."""

    def latest(engagement: Any) -> Terms:
        return engagement.versions.order_by("-version").first()  # type: ignore[no-any-return]

    return patch.object(booking, "terms_in_force", latest)


def _marks_outlive() -> Any:
    wrap = sessions.wrap

    def wrapped(**given: Any) -> Any:
        running = list(
            Mark.objects.filter(session=given["session"], ended_at=None).values_list("pk", flat=True)
        )
        done = wrap(**given)
        Mark.objects.filter(pk__in=running).update(ended_at=None)
        return done

    return patch.object(sessions, "wrap", wrapped)


def _places_are_kept() -> Any:
    return patch.object(casting, "end_work", _nothing)


def _anyone_resumes() -> Any:
    resume = engagements.resume

    def whoever(*, engagement: Engagement, by: Any, at: datetime) -> Engagement:
        side = engagements._side(engagement, by)
        Engagement.objects.filter(pk=engagement.pk, state="paused").update(paused_by=side)
        return resume(engagement=engagement, by=by, at=at)

    return patch.object(engagements, "resume", whoever)


def _approves_disputed() -> Any:
    """Approving a week takes its disputed lines along."""

    def every(keys: Sequence[int], *, by: Any, at: datetime, but: Sequence[str] = ()) -> int:
        lines = TimeLine.objects.filter(timesheet__in=keys, state__in=["recorded", "disputed"])
        return len(
            audit.move_many(lines.exclude(public_id__in=but), "approved", by=by, at=at, approved_at=at)
        )

    return patch.object(timekeeping, "_approve_lines", every)


def _commitment_grows() -> Any:
    """A budget that is given back is taken once more instead."""
    change = sessions.change_commitment

    def only_more(*, gig_id: int, delta_minor: int) -> None:
        change(gig_id=gig_id, delta_minor=max(delta_minor, 0))

    return patch.object(sessions, "change_commitment", only_more)


def _release_is_silent() -> Any:
    return patch.object(calling_off, "_tell_of_release", _nothing)


MUTANTS: dict[str, Callable[[], Any]] = {
    "offers outlive a cancelled gig": lambda: patch.object(casting, "answer_all", lambda **_: 0),
    "bookings outlive an engagement": lambda: patch.object(calling_off, "release", _nothing),
    "a released seat stays taken": _seats_stay_taken,
    "the last second is no show": _no_show_boundary,
    "knocking pays nothing": _knocking_pays_nothing,
    "a cent too much is paid": _a_cent_too_much,
    "budgets are never given back": _commitment_grows,
    "news are sent twice": _told_twice,
    "nobody is told of a released seat": _release_is_silent,
    "places are given away twice": _more_places_than_there_are,
    "the week is sent on a day early": _a_day_early,
    "offers never run out": _offers_never_expire,
    "offers run out too early": _offers_expire_early,
    "a settled dispute stays open": _dispute_left_open,
    "late word is not heard": _late_word_is_ignored,
    "terms hold unsigned": _next_version_unsigned,
    "a mark outlives its session": _marks_outlive,
    "an ended engagement keeps its place": _places_are_kept,
    "either side resumes": _anyone_resumes,
    "disputed lines are approved": _approves_disputed,
    **MONEY_MUTANTS,
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The product with one of its decisions taken away."""
    quiet.forget_all()
    try:
        with MUTANTS[name]():
            yield
    finally:
        quiet.forget_all()
