"""A month of the books: closed by two over its balance, held against the postings, opened again by two."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.access.actors import Actor
from accounts.access.step_up import StaleProof
from accounts.notifications.models import Notification
from kit.errors import Forbidden, Invalid
from kit.transitions import IllegalMove
from payments.adjustments.operations import SameProposer
from payments.books import calendar, month_queries, months, summing
from payments.books.models import DaySum, Month, SummedDay
from payments.inbox import findings
from payments.inbox.models import Finding
from tests import stories
from tests.accounts.browsing import Api, logs_in
from tests.database import together
from tests.payments.books.test_trial import moves
from tests.payments.world import World, someone_in_finance

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def december(world: World) -> World:
    """Some of October, some of November, and it is the third of December."""
    moves(5, at=datetime.fromisoformat("2026-10-20T12:00:00Z"), key="october")
    moves(
        70, at=datetime.fromisoformat("2026-12-01T04:59:59Z"), key="the last second of November in New York"
    )
    moves(900, at=datetime.fromisoformat("2026-12-01T05:00:00Z"), key="the first of December")
    world.now = datetime.fromisoformat("2026-12-03T15:00:00Z")
    return world


def proved(actor: Actor, world: World) -> Actor:
    return replace(actor, proved_at=world.now)


def closes(world: World, month: date = OCTOBER) -> Month:
    made = months.propose(month=month, by=world.freezer, at=world.now)
    by = proved(world.approver, world)
    return months.approve(month=made, seen_hash=made.content_hash, by=by, at=world.now)


class TestClosing:
    def test_seals_what_was_posted_before_its_end_in_the_payroll_zone(self, december: World) -> None:
        closes(december)
        november = closes(december, NOVEMBER)
        (book,) = month_queries.sealed_books(november)
        wallets = next(line for line in book.lines if line.kind == "company_wallet")
        assert wallets.credited_minor % 1000 == 75
        assert book.difference_minor == 0

    def test_tells_finance_and_waits_for_another_person(self, december: World) -> None:
        made = months.propose(month=OCTOBER, by=december.freezer, at=december.now)
        told = Notification.objects.filter(
            user=stories.person(december.approver), path__startswith="/books/months/"
        )
        assert told.count() == 1
        with pytest.raises(SameProposer):
            months.approve(
                month=made,
                seen_hash=made.content_hash,
                by=proved(december.freezer, december),
                at=december.now,
            )
        with pytest.raises(StaleProof):
            months.approve(
                month=made,
                seen_hash=made.content_hash,
                by=replace(december.approver, proved_at=None),
                at=december.now,
            )
        with pytest.raises(months.BalanceChanged):
            months.approve(
                month=made, seen_hash="0" * 64, by=proved(december.approver, december), at=december.now
            )

    def test_twice_is_once(self, december: World) -> None:
        closed = closes(december)
        by = proved(december.approver, december)
        again = months.approve(month=closed, seen_hash=closed.content_hash, by=by, at=december.now)
        assert again.decided_at == closed.decided_at
        with pytest.raises(months.MonthIsClosed):
            months.propose(month=OCTOBER, by=december.freezer, at=december.now)

    def test_not_before_it_has_been_over_for_a_day(self, world: World) -> None:
        world.now = datetime.fromisoformat("2026-11-02T04:59:59Z")
        with pytest.raises(months.MonthNotOver):
            months.propose(month=OCTOBER, by=world.freezer, at=world.now)
        world.now += timedelta(seconds=1)
        assert months.propose(month=OCTOBER, by=world.freezer, at=world.now).state == "proposed"

    def test_one_after_the_other(self, december: World) -> None:
        closes(december)
        december.now += timedelta(days=70)
        with pytest.raises(months.MonthOutOfOrder):
            months.propose(month=date(2026, 12, 1), by=december.freezer, at=december.now)
        assert closes(december, NOVEMBER).state == "closed"
        found = month_queries.next_to_close(at=december.now)
        assert found is not None
        assert (found.month, found.is_ready) == (date(2026, 12, 1), True)

    def test_none_over_an_earlier_one_that_is_not_closed(self, december: World) -> None:
        """January and February both proposed, the first declined: the second must not be closed."""
        first = months.propose(month=OCTOBER, by=december.freezer, at=december.now)
        with pytest.raises(months.MonthOutOfOrder, match="October 2026 comes before November 2026"):
            months.propose(month=NOVEMBER, by=december.freezer, at=december.now)
        months.decline(month=first, answer="Not yet.", by=december.approver, at=december.now)
        with pytest.raises(months.MonthOutOfOrder):
            months.propose(month=NOVEMBER, by=december.freezer, at=december.now)
        closes(december)
        assert closes(december, NOVEMBER).state == "closed"

    def test_a_month_in_which_nothing_was_posted_keeps_none_back(self, december: World) -> None:
        moves(1, at=datetime.fromisoformat("2026-08-20T12:00:00Z"), key="august")
        august = closes(december, date(2026, 8, 1))
        found = month_queries.next_to_close(at=december.now)
        assert found is not None
        assert found.month == OCTOBER
        assert closes(december).starts_on > august.starts_on

    def test_what_waits_is_said_before_what_comes_next(self, december: World) -> None:
        made = months.propose(month=OCTOBER, by=december.freezer, at=december.now)
        found = month_queries.next_to_close(at=december.now)
        assert found is not None
        assert (found.month, found.waits, found.is_ready) == (NOVEMBER, made, False)
        page = logs_in(stories.person(december.approver)).get("/books/months/").content.decode()
        assert "October 2026 comes first" in page
        assert "Propose to close November" not in page

    def test_the_database_keeps_the_order_too(self, december: World) -> None:
        first = closes(december)
        second = months.propose(month=NOVEMBER, by=december.freezer, at=december.now)
        for state in ("reopening", "reopened"):
            with pytest.raises(IntegrityError, match="rests on this one"), transaction.atomic():
                Month.objects.filter(pk=first.pk).update(
                    state=state,
                    reopen_reason="By hand.",
                    reopen_asked_by_id=december.approver.user_id,
                    reopened_by_id=december.freezer.user_id,
                    reopened_at=december.now,
                )
        gone = months.decline(month=second, answer="Not yet.", by=december.approver, at=december.now)
        opened = months.ask_to_reopen(month=first, reason="A repair.", by=december.approver, at=december.now)
        months.reopen(month=opened, by=proved(december.freezer, december), at=december.now)
        with pytest.raises(IntegrityError, match="an earlier month"), transaction.atomic():
            Month.objects.filter(pk=gone.pk).update(state="proposed")

    def test_not_where_the_books_differ(self, december: World) -> None:
        summing.sum_days(at=december.now)
        DaySum.objects.create(
            day=SummedDay.objects.order_by("until")[0],
            currency="usd",
            event="lame",
            kind="suspense",
            debited_minor=1,
            credited_minor=0,
        )
        with pytest.raises(months.BooksDiffer):
            months.propose(month=OCTOBER, by=december.freezer, at=december.now)

    def test_a_month_is_named_by_its_first_day_and_closed_by_finance(self, december: World) -> None:
        with pytest.raises(Invalid):
            months.propose(month=date(2026, 10, 2), by=december.freezer, at=december.now)
        with pytest.raises(Forbidden):
            months.propose(month=OCTOBER, by=stories.acting(december.performer()), at=december.now)

    def test_declined_or_taken_back_it_can_be_proposed_anew(self, december: World) -> None:
        made = months.propose(month=OCTOBER, by=december.freezer, at=december.now)
        with pytest.raises(Invalid):
            months.decline(month=made, answer=" ", by=december.approver, at=december.now)
        gone = months.decline(month=made, answer="Not yet.", by=december.approver, at=december.now)
        assert gone.state == "declined"
        made = months.propose(month=OCTOBER, by=december.freezer, at=december.now)
        assert (
            months.decline(month=made, answer="No.", by=december.freezer, at=december.now).state
            == "withdrawn"
        )
        assert closes(december).state == "closed"

    def test_the_seal_is_never_changed(self, december: World) -> None:
        closed = closes(december)
        with pytest.raises(IntegrityError), transaction.atomic():
            Month.objects.filter(pk=closed.pk).update(rows=[])
        with pytest.raises(IntegrityError), transaction.atomic():
            Month.objects.filter(pk=closed.pk).update(decided_by_id=closed.proposed_by_id)


class TestComparing:
    def test_a_closed_month_still_agrees(self, december: World) -> None:
        closes(december)
        closes(december, NOVEMBER)
        december.now += timedelta(days=1)
        assert months.compare_due(at=december.now) == 2
        assert months.compare_due(at=december.now) == 0
        assert set(Month.objects.values_list("agrees", flat=True)) == {True}

    def test_what_is_dated_into_it_is_found(self, december: World) -> None:
        closed = closes(december)
        moves(3, at=datetime.fromisoformat("2026-10-21T12:00:00Z"), key="backdated")
        december.now += timedelta(days=1)
        months.compare_due(at=december.now)
        closed.refresh_from_db()
        assert not closed.agrees
        finding = Finding.objects.get(code="month_differs", resolved_at=None)
        assert "October 2026" in finding.detail
        page = logs_in(stories.person(december.freezer)).get("/books/months/").content.decode()
        assert "differs from its postings" in page

    def test_other_amounts_are_told_anew_after_the_first_was_explained(self, december: World) -> None:
        closed = closes(december)
        differs(december, 3, "backdated")
        (first,) = waiting()
        assert "Balance at Stripe 0.03 USD debited" in first.detail
        findings.resolve(finding=first, resolution="A test.", by=december.freezer, at=december.now)
        december.now += timedelta(days=1)
        months.compare_due(at=december.now)
        assert waiting() == []
        differs(december, 4, "backdated too")
        (second,) = waiting()
        assert "0.07 USD debited" in second.detail
        differs(december, 5, "and once more")
        (third,) = waiting()
        assert "0.12 USD debited" in third.detail
        asked = months.ask_to_reopen(month=closed, reason="It is so.", by=december.approver, at=december.now)
        months.reopen(month=asked, by=proved(december.freezer, december), at=december.now)
        assert waiting() == []
        december.now += timedelta(days=1)
        months.compare_due(at=december.now)
        assert waiting() == []


def differs(world: World, amount: int, key: str) -> None:
    """Something is dated into October, and a day later the month is looked at."""
    moves(amount, at=datetime.fromisoformat("2026-10-21T12:00:00Z"), key=key)
    world.now += timedelta(days=1)
    months.compare_due(at=world.now)


def waiting() -> list[Finding]:
    return list(Finding.objects.filter(code="month_differs", resolved_at=None))


class TestOpeningAgain:
    def test_takes_two_people_and_a_reason(self, december: World) -> None:
        closed = closes(december)
        with pytest.raises(Invalid):
            months.ask_to_reopen(month=closed, reason="", by=december.freezer, at=december.now)
        asked = months.ask_to_reopen(month=closed, reason="A repair.", by=december.approver, at=december.now)
        assert asked.state == "reopening"
        with pytest.raises(months.NotProposed):
            months.approve(
                month=asked,
                seen_hash=asked.content_hash,
                by=proved(december.freezer, december),
                at=december.now,
            )
        with pytest.raises(SameProposer):
            months.reopen(month=asked, by=proved(december.approver, december), at=december.now)
        with pytest.raises(StaleProof):
            months.reopen(month=asked, by=replace(december.freezer, proved_at=None), at=december.now)
        opened = months.reopen(month=asked, by=proved(december.freezer, december), at=december.now)
        assert opened.state == "reopened"
        assert closes(december).state == "closed"

    def test_a_no_leaves_it_closed(self, december: World) -> None:
        closed = closes(december)
        with pytest.raises(months.NotAskedToOpen):
            months.keep_closed(month=closed, answer="No.", by=december.freezer, at=december.now)
        asked = months.ask_to_reopen(month=closed, reason="A repair.", by=december.approver, at=december.now)
        kept = months.keep_closed(month=asked, answer="Not needed.", by=december.freezer, at=december.now)
        assert (kept.state, kept.reopen_reason) == ("closed", "")
        with pytest.raises(IllegalMove):
            months.reopen(month=kept, by=proved(december.freezer, december), at=december.now)

    def test_the_last_one_first(self, december: World) -> None:
        closed = closes(december)
        closes(december, NOVEMBER)
        with pytest.raises(months.LaterMonthFirst, match="November 2026 rests on it"):
            months.ask_to_reopen(month=closed, reason="A repair.", by=december.freezer, at=december.now)

    def test_none_is_proposed_over_one_that_is_asked_to_be_opened(self, december: World) -> None:
        closed = closes(december)
        asked = months.ask_to_reopen(month=closed, reason="A repair.", by=december.freezer, at=december.now)
        with pytest.raises(months.MonthOutOfOrder):
            months.propose(month=NOVEMBER, by=december.freezer, at=december.now)
        months.keep_closed(month=asked, answer="Not needed.", by=december.approver, at=december.now)
        assert closes(december, NOVEMBER).state == "closed"


@pytest.mark.usefixtures("committed_db")
def test_opening_one_and_proposing_the_next_at_once_leaves_them_in_order() -> None:
    """Each rests on what the other changes: whichever comes first, no month is open under a later one."""
    moves(5, at=datetime.fromisoformat("2026-10-20T12:00:00Z"), key="october")
    moves(7, at=datetime.fromisoformat("2026-11-20T12:00:00Z"), key="november")
    now = datetime.fromisoformat("2026-12-03T15:00:00Z")
    one, other = someone_in_finance("Fran"), replace(someone_in_finance("Ana"), proved_at=now)
    made = months.propose(month=OCTOBER, by=one, at=now)
    closed = months.approve(month=made, seen_hash=made.content_hash, by=other, at=now)
    together(
        [
            lambda: months.ask_to_reopen(month=closed, reason="A repair.", by=one, at=now),
            lambda: months.propose(month=NOVEMBER, by=other, at=now),
        ]
    )
    states = dict(Month.objects.values_list("starts_on", "state"))
    assert states in ({OCTOBER: "reopening"}, {OCTOBER: "closed", NOVEMBER: "proposed"})


def test_by_page_and_api(december: World) -> None:
    one, other = (stories.person(each) for each in (december.freezer, december.approver))
    first, second = logs_in(one), logs_in(other)
    summing.sum_days(at=december.now)
    assert "Propose to close October 2026" in first.get("/books/months/").content.decode()
    for never in ("2026-02-30", "2026-13-01", "yesterday", ""):
        answer = first.post("/books/months/propose/", {"month": never}, follow=True)
        assert "Choose a month that is over" in answer.content.decode()
    first.post("/books/months/propose/", {"month": "2026-10-01"})
    made = Month.objects.get()
    second.post(f"/books/months/{made.public_id}/approve/", {"content_hash": made.content_hash})
    made.refresh_from_db()
    assert made.state == "closed"
    first.post(f"/books/months/{made.public_id}/reopen/", {"reason": "A repair."})
    second.post(f"/books/months/{made.public_id}/keep/", {"answer": "No."})
    first.post(f"/books/months/{made.public_id}/reopen/", {"reason": "A repair."})
    second.post(f"/books/months/{made.public_id}/open/")
    made.refresh_from_db()
    assert made.state == "reopened"
    api = Api(one)
    assert api.post("books/months", {"month": "2026-10-02"}).status_code == 422
    assert api.post("books/months", {"month": "2026-10-01"}).status_code == 201
    assert api.get("books/months").status_code == 200


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_months_follow_each_other(day: date) -> None:
    first = calendar.first_of_month(day)
    assert calendar.month_before(calendar.next_month(first)) == first
    assert calendar.next_month(first).day == 1
