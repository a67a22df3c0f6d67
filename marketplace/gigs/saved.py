"""Saved searches: new gigs that fit come by mail in the performer's morning, each once; one press ends it."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, fields
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.operations import hand_over
from accounts.performers.models import Performer
from kit.errors import DomainError, Invalid, NotFound
from kit.instants import for_machines
from kit.jobs import next_try
from kit.money import Money
from kit.rows import by_public_id
from kit.text import required_text
from marketplace.gigs.limits import LONGEST_SEARCH_NAME, MOST_SAVED_SEARCHES
from marketplace.gigs.models import Gig, SavedSearch, ToldGig
from marketplace.gigs.queries import LAST_TO_END, NOT_ASKED, Search, board

MORNING = time(8)
log = structlog.get_logger(__name__)
# A gig that is published at this moment may not be seen yet; so long after, all that were are.
SETTLED_AFTER = timedelta(minutes=10)
MOST_IN_A_MAIL, LONGEST_SWEEP_S = 20, 60.0
MOST_FORGOTTEN = 20_000
SALT = "saved search"
# A part of a search, and its name in the address of the board.
ADDRESS = {
    "text": "q",
    "rate_min_minor": "rate_min",
    "skills": "skill",
    "language": "language",
    "seats": "seats",
    "starts_before": "starts_before",
    "starts_within": "starts_within",
    "near_zone": "near",
    **{name: name for name in NOT_ASKED},
}


class SavedAlready(DomainError):
    """Give it another name, or delete the one that has this one."""

    code = "search_saved_already"
    title = "You have a search by that name"


class TooManySaved(DomainError):
    """Delete one that you need no longer."""

    code = "too_many_saved_searches"
    title = "You have as many as can be saved"


def save(*, performer: Performer, name: str, search: Search, by: Actor, at: datetime) -> SavedSearch:
    """Keep what is looked for; what is on the board already is not told, what comes from now on is.

    Raises NotFound (404), SavedAlready, TooManySaved (409), Invalid (422) without a name, or where nothing is looked for.
    """
    by.require_performer(performer.pk)
    name = required_text(
        name, field="name", missing="Give it a name, to know its mail by.", longest=LONGEST_SEARCH_NAME
    )
    looks_for = _as_json(search)
    if not looks_for:
        said = "Look for something first: a word, or one of the filters."
        raise Invalid.field("name", said, code="nothing_looked_for")
    try:
        with transaction.atomic():
            # Locked, so that two presses at once cannot save more than the most.
            locked = (
                Performer.objects.select_for_update(of=("self",)).select_related("user").get(pk=performer.pk)
            )
            if locked.saved_searches.count() >= MOST_SAVED_SEARCHES:
                raise TooManySaved(f"At most {MOST_SAVED_SEARCHES} can be saved. Delete one first.")
            saved = SavedSearch.objects.create(
                performer=locked,
                name=name,
                looks_for=looks_for,
                created_at=at,
                told_to=at,
                due_at=next_morning(at, locked.user.time_zone),
            )
            audit.record(verb="saved_search.saved", thing=saved, by=by, at=at)
    except IntegrityError as error:
        if "one_saved_search_a_name" in str(error):
            raise SavedAlready("Give it another name, or delete the other one.") from error
        raise
    return saved


def own(actor: Actor) -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(performer_id=actor.performer_id).order_by("-id")


@transaction.atomic
def end(*, saved_id: str, by: Actor, at: datetime) -> None:
    """It is gone, and sends no mail any more. Raises NotFound (404), also for another's."""
    saved = by_public_id(own(by), saved_id)
    audit.record(verb="saved_search.ended", thing=saved, by=by, at=at)
    saved.delete()


def signed(saved: SavedSearch) -> str:
    """What the link in its mail carries: whoever has the mail may end the search, and nothing else."""
    return signing.Signer(salt=SALT).sign(str(saved.public_id))


def of_signed(text: str) -> SavedSearch | None:
    """The search that a mail's link is about; None once it has ended. Raises NotFound (404) for what we did not sign."""
    try:
        public_id = signing.Signer(salt=SALT).unsign(text)
    except signing.BadSignature:
        raise NotFound from None
    return SavedSearch.objects.filter(public_id=public_id).first()


@transaction.atomic
def end_by_mail(*, text: str, at: datetime) -> None:
    """The press in the mail; twice is once. Raises NotFound (404) for what we did not sign."""
    saved = of_signed(text)
    if saved is not None:
        audit.record(verb="saved_search.ended", thing=saved, by=Actor.of_system("a link in its mail"), at=at)
        saved.delete()


def next_morning(after: datetime, zone: str) -> datetime:
    """The next MORNING there: by local dates, so that it is the same hour on each side of a change of the clocks."""
    where = ZoneInfo(zone)
    today = after.astimezone(where).date()
    mornings = (datetime.combine(today + timedelta(days=n), MORNING, where) for n in (0, 1))
    return next(each for each in mornings if each > after).astimezone(after.tzinfo)


def send_due(*, at: datetime) -> int:
    """The tick: each search whose morning it is, with what is new, for LONGEST_SWEEP_S at most; returns how many mails went out.

    That a gig was told is written down before its mail goes out: a crash in between loses one performer's mail, and sends none
    twice. Where the mail server says no, or a search cannot be read, it is taken back, and tried again.
    """
    _forget(at=at)
    sent, until = 0, monotonic() + LONGEST_SWEEP_S
    with closing(get_connection()) as line:
        while monotonic() < until and (claimed := _claim(at=at)):
            known: set[int] = set()
            for saved, since in claimed:
                sent += _tell(saved, known, since=since, line=line, at=at)
    return sent


def _tell(
    saved: SavedSearch, known: set[int], *, since: datetime, line: BaseEmailBackend, at: datetime
) -> bool:
    """One search's mail, without the gigs that another search of theirs has told just now; those join what is known."""
    fresh: list[Gig] = []
    try:
        fresh = [gig for gig in new_for(saved, since=since, at=at) if gig.pk not in known]
        known.update(gig.pk for gig in fresh)
        ToldGig.objects.bulk_create(
            (ToldGig(performer_id=saved.performer_id, gig=gig) for gig in fresh), ignore_conflicts=True
        )
        sent = bool(fresh) and _send(saved, fresh, line=line)
    except Exception as error:  # whatever is wrong with one search, the others are told
        log.warning("search_failed", about=saved.public_id, error=type(error).__name__)
        _take_back(saved, fresh, since=since, at=at)
        return False
    if fresh and not sent:
        _take_back(saved, fresh, since=since, at=at)
    return sent


def new_for(saved: SavedSearch, *, since: datetime, at: datetime) -> list[Gig]:
    """What fits, came onto the board in (since, told_to] and was not told to them yet, the newest first.

    A gig that comes back from a pause is new to whoever had no mail of it: it may have been away in their morning.
    """
    window = {"listed_at__gt": since, "listed_at__lte": saved.told_to}
    told = ToldGig.objects.filter(performer=saved.performer_id, gig=OuterRef("pk"))
    found = board(search_of(saved), at=at).filter(~Exists(told), **window)
    return list(found.order_by("-listed_at", "-id"))


@transaction.atomic
def _claim(*, at: datetime) -> list[tuple[SavedSearch, datetime]]:
    """All that are due of one performer, with when each was told last. They are due again tomorrow."""
    due = SavedSearch.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        due_at__lte=at, performer__user__is_active=True
    )
    first = due.order_by("due_at", "id").first()
    if first is None:
        return []
    rows = list(due.filter(performer=first.performer_id).select_related("performer__user").order_by("id"))
    claimed = [(saved, saved.told_to) for saved in rows]
    for saved in rows:
        saved.told_to = max(saved.told_to, at - SETTLED_AFTER)
        saved.due_at = next_morning(at, saved.performer.user.time_zone)
    SavedSearch.objects.bulk_update(rows, ["told_to", "due_at"])
    return claimed


def _send(saved: SavedSearch, gigs: list[Gig], *, line: BaseEmailBackend) -> bool:
    many = "1 new gig" if len(gigs) == 1 else f"{len(gigs)} new gigs"
    ends = f"{settings.PUBLIC_URL}{reverse('saved_search_end', args=[signed(saved)])}"
    done = hand_over(
        f"{many} for your search",
        _text(saved, gigs, ends),
        to=saved.performer.user.email,
        about=saved.public_id,
        tries=saved.tries + 1,
        line=line,
        # RFC 8058: the mail program's own button ends it with one POST.
        headers={"List-Unsubscribe": f"<{ends}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    if done:
        SavedSearch.objects.filter(pk=saved.pk).update(tries=0)
    return done


@transaction.atomic
def _take_back(saved: SavedSearch, gigs: list[Gig], *, since: datetime, at: datetime) -> None:
    row = SavedSearch.objects.filter(pk=saved.pk, told_to=saved.told_to)
    tries = saved.tries + 1
    row.update(told_to=since, due_at=next_try(at=at, tries=tries), tries=min(tries, 99))
    ToldGig.objects.filter(performer=saved.performer_id, gig__in=gigs).delete()


def _forget(*, at: datetime) -> None:
    """Who was told of a gig is of no use once it is over everywhere: it never comes back."""
    over = ToldGig.objects.filter(gig__ends_on__lt=(at - LAST_TO_END).date())
    ToldGig.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:MOST_FORGOTTEN])).delete()


def _text(saved: SavedSearch, gigs: list[Gig], ends: str) -> str:
    lines = [f"New on the board for “{saved.name}”:", ""]
    for gig in gigs[:MOST_IN_A_MAIL]:
        rate = Money(gig.rate_minor, gig.currency).display()
        address = f"{settings.PUBLIC_URL}{reverse('gig_detail', args=[gig.public_id])}"
        lines += [f"{rate} an hour: {gig.title}", f"{gig.company.name} · {gig.scene}", address, ""]
    if len(gigs) > MOST_IN_A_MAIL:
        lines += [f"And {len(gigs) - MOST_IN_A_MAIL} more:"]
    found = f"{settings.PUBLIC_URL}{reverse('gig_board')}?{address_of(search_of(saved))}"
    return "\n".join([*lines, "All that fit:", found, "", "No more mail for this search:", ends, ""])


def search_of(saved: SavedSearch) -> Search:
    kept: dict[str, Any] = dict(saved.looks_for)
    if "starts_before" in kept:
        kept["starts_before"] = date.fromisoformat(kept["starts_before"])
    return Search(**kept)


def address_of(search: Search) -> str:
    """The query of the board's address that looks for the same."""
    looks_for = _as_json(search)
    return urlencode(
        {name: _in_address(looks_for[part]) for part, name in ADDRESS.items() if part in looks_for}
        | ({"near": "on"} if search.near_zone else {})
    )


def _in_address(value: Any) -> str:
    if value is True:
        return "on"
    return str(value[0] if isinstance(value, list) else value)


def _as_json(search: Search) -> Mapping[str, Any]:
    """The parts that are set; the order is no part of what is looked for."""
    told, empty = asdict(search), asdict(Search())
    set_parts: Iterable[str] = (each.name for each in fields(Search) if told[each.name] != empty[each.name])
    looks_for = {name: told[name] for name in set_parts if name != "order"}
    if "skills" in looks_for:
        looks_for["skills"] = list(looks_for["skills"])
    if "starts_before" in looks_for:
        looks_for["starts_before"] = for_machines(looks_for["starts_before"])
    if "text" in looks_for and not search.text.strip():
        del looks_for["text"]
    return {name: value for name, value in looks_for.items() if value not in ([], ())}
