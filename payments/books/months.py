"""A month of the books, closed by two people over its trial balance, and held against the postings from then on.

An entry carries one time, that at which it was posted: nothing gives it another, so nothing can be dated into a month that is
over. What the seal adds is proof: should a posting of a closed month ever change or appear, the balance and its hash differ.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import PLACE, tell_staff
from kit import instants
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.text import required_text
from payments.adjustments.operations import SameProposer
from payments.books import calendar, month_queries, summing, trial
from payments.books.chart import LABELS
from payments.books.models import Month
from payments.books.states import LIVE, SEALED, MonthState
from payments.inbox import findings

COMPARED_EVERY = timedelta(days=1)
MOST_AT_ONCE = 3
MOST_NAMED = 4
DIFFERS = "month_differs"
Rows = Sequence[Sequence[str | int]]
Sums = dict[tuple[str, str], tuple[int, int]]


class MonthNotOver(DomainError):
    """Wait until a day after its end: by then everything of it is in the books."""

    code = "month_not_over"
    title = "This month is not over"


class MonthIsClosed(DomainError):
    """Look at its closing; it is opened again by two people, with a reason."""

    code = "month_closed"
    title = "This month is closed, or waits to be"


class MonthOutOfOrder(DomainError):
    """Close the months one after the other: first the one that is named."""

    code = "month_out_of_order"
    title = "An earlier month comes first"


class LaterMonthFirst(DomainError):
    """Open the later month again first, or decline it where it waits."""

    code = "later_month_first"
    title = "A later month rests on this one"


class BooksDiffer(DomainError):
    """Read the trial balance of that moment; it names what differs."""

    code = "books_differ"
    title = "The trial balance does not agree"


class BalanceChanged(DomainError):
    """Read the month again, and decline it if it is not right."""

    code = "balance_changed"
    title = "This is not the balance that you looked at"


class NotAskedToOpen(DomainError):
    """Nothing to do: it is as it was."""

    code = "not_asked_to_open"
    title = "Nobody asks for it to be opened"


class NotProposed(DomainError):
    """Read the month again; somebody else has decided it, or it was closed before."""

    code = "month_not_proposed"
    title = "This month does not wait to be closed"


def propose(*, month: date, by: Actor, at: datetime) -> Month:
    """Propose to close the month that begins on this day, with its trial balance as it is.

    Raises Forbidden (403), Invalid (422) for another day than a first, MonthNotOver, MonthIsClosed, MonthOutOfOrder where an
    earlier one with entries is not closed, BooksDiffer (409).
    """
    by.require_finance()
    person_id = by.require_person("A person in finance closes a month.")
    if month.day != 1:
        raise Invalid.field("month", "Name the month by its first day, as in 2026-11-01.")
    ends_at = calendar.starts(calendar.next_month(month))
    if ends_at + summing.SETTLES_AFTER > at:
        ready = instants.in_words(ends_at + summing.SETTLES_AFTER, by.zone)
        raise MonthNotOver(f"{instants.month(month)} can be closed from {ready} on.")
    summing.sum_days(at=at)
    found = trial.balance(at=ends_at)
    if found.differs:
        raise BooksDiffer(" ".join(found.differs[:3]))
    rows, digest = trial.sealed(found)
    made = Month(
        starts_on=month,
        starts_at=calendar.starts(month),
        ends_at=ends_at,
        rows=rows,
        entries=_entries(calendar.starts(month), ends_at),
        content_hash=digest,
        proposed_by_id=person_id,
        proposed_at=at,
    )
    try:
        with transaction.atomic():
            month_queries.one_at_a_time()
            _refuse_out_of_order(month)
            made.save(force_insert=True)
            audit.record(verb="month.proposed", thing=made, by=by, at=at, content_hash=digest)
            _tell(made, f"{made.name} is ready to be closed.", key="close", at=at)
    except IntegrityError as error:
        if "one_live_month" in str(error):
            raise MonthIsClosed(
                f"{instants.month(month)} is closed already, or waits for a second person."
            ) from error
        raise
    return made


@transaction.atomic
def approve(*, month: Month, seen_hash: str, by: Actor, at: datetime) -> Month:
    """A second person closes it, having just proved who they are, over the balance that they saw. Twice is once.

    Raises Forbidden, SameProposer, StaleProof (403), NotProposed, MonthOutOfOrder, BalanceChanged (409).
    """
    person_id = _require_signer(by, at=at)
    month = _locked(month)
    if month.state == MonthState.CLOSED and month.decided_by_id == person_id:
        return month
    if month.state != MonthState.PROPOSED:
        raise NotProposed(f"{month.name}: {month.get_state_display()}.")
    if month.proposed_by_id == person_id:
        raise SameProposer("You proposed it, so someone else in finance closes it.")
    _refuse_out_of_order(month.starts_on)
    _, digest = trial.sealed(trial.balance(at=month.ends_at))
    if not seen_hash == month.content_hash == digest:
        raise BalanceChanged("The month's balance is not what was proposed. Look at it again.")
    audit.move(
        month,
        MonthState.CLOSED,
        by=by,
        at=at,
        decided_by_id=person_id,
        decided_at=at,
        compared_at=at,
        agrees=True,
    )
    return month


@transaction.atomic
def decline(*, month: Month, answer: str, by: Actor, at: datetime) -> Month:
    """It stays open: the proposer takes it back, or another declines it. Raises Forbidden (403), Invalid (422) without a
    reason, IllegalMove (409)."""
    by.require_finance()
    person_id = by.require_person("A person in finance decides.")
    answer = required_text(answer, field="answer", missing="Say why.")
    month = _locked(month)
    own = month.proposed_by_id == person_id
    to = MonthState.WITHDRAWN if own else MonthState.DECLINED
    audit.move(month, to, by=by, at=at, reason=answer, answer=answer, decided_by_id=person_id, decided_at=at)
    return month


@transaction.atomic
def ask_to_reopen(*, month: Month, reason: str, by: Actor, at: datetime) -> Month:
    """Ask for a closed month to be opened again; it stays closed until a second person agrees.

    Raises Forbidden (403), Invalid (422) without a reason, LaterMonthFirst where a later one is closed or waits,
    IllegalMove (409).
    """
    by.require_finance()
    person_id = by.require_person("A person in finance asks for it.")
    reason = required_text(reason, missing="Say why; the second person reads it.")
    month = _locked(month)
    _refuse_under_a_later(month)
    audit.move(
        month,
        MonthState.REOPENING,
        by=by,
        at=at,
        reason=reason,
        reopen_reason=reason,
        reopen_asked_by_id=person_id,
        reopen_asked_at=at,
    )
    _tell(
        month,
        f"{month.name} is asked to be opened again. The reason: {reason}",
        key=f"open:{at.timestamp():.0f}",
        at=at,
    )
    return month


@transaction.atomic
def reopen(*, month: Month, by: Actor, at: datetime) -> Month:
    """A second person opens it, having just proved who they are: its seal counts no more, and it is closed anew by two.

    What was found to differ in it is over with it. Raises Forbidden, SameProposer, StaleProof (403), LaterMonthFirst,
    IllegalMove (409).
    """
    person_id = _require_signer(by, at=at)
    month = _locked(month)
    if month.state == MonthState.REOPENED and month.reopened_by_id == person_id:
        return month
    if month.reopen_asked_by_id == person_id:
        raise SameProposer("You asked for it, so someone else in finance opens it.")
    _refuse_under_a_later(month)
    audit.move(month, MonthState.REOPENED, by=by, at=at, reopened_by_id=person_id, reopened_at=at)
    findings.end(code=DIFFERS, thing=month.public_id, resolution="The month was opened again.", at=at)
    return month


@transaction.atomic
def keep_closed(*, month: Month, answer: str, by: Actor, at: datetime) -> Month:
    """It is not opened: the asker takes it back, or another says no. Raises Forbidden (403), Invalid (422) without a reason,
    NotAskedToOpen (409)."""
    by.require_finance()
    by.require_person("A person in finance decides.")
    answer = required_text(answer, field="answer", missing="Say why.")
    month = _locked(month)
    if month.state != MonthState.REOPENING:
        raise NotAskedToOpen(f"{month.name}: {month.get_state_display()}.")
    nothing = {"reopen_reason": "", "reopen_asked_by_id": None, "reopen_asked_at": None}
    audit.move(month, MonthState.CLOSED, by=by, at=at, reason=answer, **nothing)
    return month


def compare_due(*, at: datetime) -> int:
    """Hold the seals that were not looked at for a day against the postings; returns how many. What differs is a finding.

    It reads the postings of the month itself, not the day sums that the balance is made of.
    """
    sealed = Month.objects.filter(state__in=SEALED).filter(
        Q(compared_at=None) | Q(compared_at__lte=at - COMPARED_EVERY)
    )
    due = list(sealed.order_by("compared_at", "id")[:MOST_AT_ONCE])
    for month in due:
        _compare(month, at=at)
    return len(due)


def _compare(month: Month, *, at: datetime) -> None:
    before = Month.objects.filter(state__in=SEALED, ends_at=month.starts_at).first()
    posted = _plus(
        before.rows if before is not None else [],
        _moved(since=month.starts_at if before is not None else None, until=month.ends_at),
    )
    differs = _differences(sealed=_plus(month.rows, []), posted=posted)
    with transaction.atomic():
        month = _locked(month)
        if month.state not in SEALED:  # opened again meanwhile
            return
        Month.objects.filter(pk=month.pk).update(compared_at=at, agrees=not differs)
        if differs:
            _report(month, differs, at=at)
        else:
            findings.end(code=DIFFERS, thing=month.public_id, resolution="It agrees again.", at=at)


def _report(month: Month, differs: Sequence[str], *, at: datetime) -> None:
    """The amounts are the fact: another amount is told anew, also where the last one was resolved or still lies there."""
    more = len(differs) - MOST_NAMED
    # What is not named is told apart by a digest, so that a change in it is a new fact too.
    rest = f"; and {more} more ({sha256(repr(differs).encode()).hexdigest()[:8]})" if more > 0 else ""
    said = f"{month.name} is not as it was closed: {'; '.join(differs[:MOST_NAMED])}{rest}."
    findings.end_others(
        code=DIFFERS, thing=month.public_id, detail=said, resolution="It differs otherwise now.", at=at
    )
    findings.report(code=DIFFERS, thing=month.public_id, detail=said, at=at)


def _differences(*, sealed: Sums, posted: Sums) -> list[str]:
    """In words, what is posted beyond the seal (or missing from it) by currency and kind; nothing where both agree."""
    found = []
    for currency, kind in sorted(sealed.keys() | posted.keys()):
        of_seal, of_postings = (each.get((currency, kind), (0, 0)) for each in (sealed, posted))
        debited, credited = (now - then for now, then in zip(of_postings, of_seal, strict=True))
        if debited or credited:
            sides = [(debited, "debited"), (credited, "credited")]
            moved = " and ".join(
                f"{Money(minor, currency).display()} {side}" for minor, side in sides if minor
            )
            found.append(f"{LABELS[kind]} {moved}")
    return found


def _plus(rows: Rows, more: Rows) -> Sums:
    """Both together, by currency and kind: debited and credited."""
    total: Sums = {}
    for currency, kind, debited, credited in (*rows, *more):
        before = total.get((str(currency), str(kind)), (0, 0))
        total[str(currency), str(kind)] = (before[0] + int(debited), before[1] + int(credited))
    return total


def _moved(*, since: datetime | None, until: datetime) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT posting.currency, account.kind, sum(greatest(posting.amount_minor, 0)),
                   sum(greatest(-posting.amount_minor, 0))
            FROM payments_entry entry
            JOIN payments_posting posting ON posting.book = entry.book AND posting.entry_id = entry.id
            JOIN payments_account account ON account.id = posting.account_id
            WHERE entry.posted_at >= coalesce(%s::timestamptz, '-infinity') AND entry.posted_at < %s GROUP BY 1, 2
            """,
            [since, until],
        )
        return [(currency, kind, int(debited), int(credited)) for currency, kind, debited, credited in cursor]


def _entries(since: datetime, until: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM payments_entry WHERE posted_at >= %s AND posted_at < %s", [since, until]
        )
        return int(cursor.fetchone()[0])


def _refuse_out_of_order(month: date) -> None:
    earlier = month_queries.first_not_closed(before=month)
    if earlier is not None:
        raise MonthOutOfOrder(
            f"{instants.month(earlier)} comes before {instants.month(month)}: it has entries and is not closed, "
            "or is asked to be opened again."
        )


def _refuse_under_a_later(month: Month) -> None:
    later = Month.objects.filter(state__in=LIVE, starts_on__gt=month.starts_on).order_by("-starts_on").first()
    if later is not None:
        raise LaterMonthFirst(
            f"{later.name} rests on it: {later.get_state_display().lower()}. Deal with it first."
        )


def _require_signer(by: Actor, *, at: datetime) -> int:
    by.require_finance()
    person_id = by.require_person("Only a person in finance closes or opens a month.")
    by.require_proof(StepUp.CLOSE_MONTH, at=at)
    return person_id


def _locked(month: Month) -> Month:
    """The month as it is, after all other months' moves and before the next."""
    month_queries.one_at_a_time()
    return Month.objects.select_for_update(of=("self",)).get(pk=month.pk)


def _tell(month: Month, said: str, *, key: str, at: datetime) -> None:
    tell_staff(
        kind=MoneyKind.MONTH_WAITS,
        key=f"month:{month.public_id}:{key}",
        about={"month": month.name, "what": said},
        where={PLACE: month.public_id},
        at=at,
    )
