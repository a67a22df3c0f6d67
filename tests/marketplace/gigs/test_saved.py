"""Saved searches: what is new comes by mail in the performer's morning, nothing twice, and one press ends it."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.notifications import operations as notifications
from accounts.performers.models import Performer
from accounts.privacy import operations as privacy
from kit.errors import Invalid, NotFound
from marketplace.gigs import operations as gigs
from marketplace.gigs import saved
from marketplace.gigs.forms import BoardForm
from marketplace.gigs.limits import MOST_SAVED_SEARCHES
from marketplace.gigs.models import Gig, SavedSearch, ToldGig
from marketplace.gigs.queries import Search
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.casting.test_answering import html

AT = stories.BEFORE  # Monday, 04:00 in New York
MORNING = datetime(2026, 11, 2, 13, tzinfo=UTC)  # 08:00 there
DAY = timedelta(days=1)
As = Callable[[Any], Any]


@pytest.fixture
def performer(db: None) -> Performer:
    return stories.a_performer()


def saves(performer: Performer, name: str = "Lifts", **looks_for: Any) -> SavedSearch:
    search = Search(**(looks_for or {"text": "lift"}))
    return saved.save(performer=performer, name=name, search=search, by=stories.acting(performer), at=AT)


def published(title: str, *, at: datetime) -> Gig:
    gig = stories.a_gig(stories.a_company(), title=title)
    Gig.objects.filter(pk=gig.pk).update(published_at=at, listed_at=at)
    gig.refresh_from_db()
    return gig


def pauses(gig: Gig, at: datetime, *, until: datetime) -> None:
    us = stories.owner_of(gig.company)
    gigs.pause(gig=gig, by=us, at=at)
    gigs.publish(gig=gig, by=us, at=until)


def read_from(address: str) -> Search:
    """What the board looks for at that address."""
    return BoardForm(QueryDict(address)).search(reader_zone="America/New_York")


def mails() -> list[Any]:
    return list(mail.outbox)


class TestSaving:
    def test_is_by_a_name_that_is_ones_own_only_once(self, performer: Performer) -> None:
        row = saves(performer)
        assert (row.looks_for, row.told_to, row.due_at) == ({"text": "lift"}, AT, MORNING)
        with pytest.raises(saved.SavedAlready):
            saves(performer)
        assert saves(stories.a_performer()).name == "Lifts"

    def test_asks_for_a_name_and_for_something_to_look_for(self, performer: Performer) -> None:
        for name, looks_for in (("", {"text": "lift"}), ("All", {"order": "rate"}), ("All", {"text": "  "})):
            with pytest.raises(Invalid):
                saves(performer, name, **looks_for)

    def test_is_bounded(self, performer: Performer) -> None:
        for number in range(MOST_SAVED_SEARCHES):
            saves(performer, f"{number}")
        with pytest.raises(saved.TooManySaved):
            saves(performer)

    def test_leads_back_to_the_same_board(self, performer: Performer) -> None:
        everything = Search(
            text="a lift", rate_min_minor=7400, skills=("duo",), language="en", seats=2,
            starts_before=date(2026, 12, 24), starts_within=14,
            near_zone="America/New_York", no_replica=True, short_camera=True,
        )  # fmt: skip
        row = saved.save(
            performer=performer, name="All", search=everything, by=stories.acting(performer), at=AT
        )
        row.refresh_from_db()
        assert saved.search_of(row) == Search(**{**everything.__dict__, "skills": ["duo"]})
        assert read_from(saved.address_of(everything)) == everything
        assert saved.address_of(everything) == (
            "q=a+lift&rate_min=7400&skill=duo&language=en&seats=2&starts_before=2026-12-24&starts_within=14"
            "&near=on&no_replica=on&short_camera=on"
        )


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 -- given its zone below
    st.sampled_from(
        ["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]
    ),
)
def test_the_next_morning_is_eight_there_and_at_most_a_day_away(when: datetime, zone: str) -> None:
    after = when.replace(tzinfo=UTC)
    next_one = saved.next_morning(after, zone)
    assert next_one.astimezone(ZoneInfo(zone)).time() == saved.MORNING
    assert timedelta() < next_one - after <= timedelta(hours=25)
    assert saved.next_morning(next_one, zone) > next_one


def test_every_part_of_a_search_is_in_the_address_and_kept() -> None:
    assert {each.name for each in fields(Search)} - {"order"} == set(saved.ADDRESS)
    assert set(saved.ADDRESS.values()) | {"order"} == set(BoardForm().fields)


class TestTheMail:
    def test_comes_in_the_morning_with_what_is_new_and_nothing_twice(self, performer: Performer) -> None:
        published("An old lift", at=AT - DAY)
        row = saves(performer)
        published("A new lift", at=AT + timedelta(hours=1))
        published("A storm", at=AT + timedelta(hours=1))
        Gig.objects.filter(title="A storm").update(scene="Waves", brief="Waves.")
        assert saved.send_due(at=MORNING - timedelta(seconds=1)) == 0
        assert saved.send_due(at=MORNING) == 1
        (told,) = mails()
        assert told.to == [performer.user.email]
        assert "A new lift" in told.body
        assert "old lift" not in told.body
        assert "storm" not in told.body
        for later in (timedelta(), timedelta(minutes=5), DAY, 2 * DAY):
            assert saved.send_due(at=MORNING + later) == 0
        published("Another lift", at=MORNING + 2 * DAY + timedelta(hours=3))
        assert saved.send_due(at=MORNING + 3 * DAY) == 1
        row.refresh_from_db()
        assert row.due_at == MORNING + 4 * DAY

    def test_tells_what_was_published_at_the_very_moment_the_next_day(self, performer: Performer) -> None:
        saves(performer)
        published("A lift just now", at=MORNING - timedelta(minutes=1))
        assert saved.send_due(at=MORNING) == 0
        assert saved.send_due(at=MORNING + DAY) == 1

    def test_names_a_gig_once_however_many_searches_it_fits(self, performer: Performer) -> None:
        saves(performer)
        saves(performer, "Pairs", seats=2)
        published("A new lift", at=AT + timedelta(hours=1))
        assert saved.send_due(at=MORNING) == 1

    def test_leaves_a_gig_out_that_is_not_open_any_more(self, performer: Performer) -> None:
        saves(performer)
        gig = published("A new lift", at=AT + timedelta(hours=1))
        gigs.pause(gig=gig, by=stories.owner_of(gig.company), at=AT)
        assert saved.send_due(at=MORNING) == 0

    def test_names_a_gig_that_was_paused_over_the_morning_once_it_is_back(self, performer: Performer) -> None:
        saves(performer)
        gig = published("A new lift", at=AT + timedelta(hours=1))
        pauses(gig, AT + timedelta(hours=2), until=MORNING + timedelta(hours=2))
        assert [saved.send_due(at=MORNING + n * DAY) for n in range(3)] == [0, 1, 0]
        assert "A new lift" in mails()[0].body

    def test_names_a_gig_once_however_often_it_comes_back(self, performer: Performer) -> None:
        saves(performer)
        gig = published("A new lift", at=AT + timedelta(hours=1))
        assert saved.send_due(at=MORNING) == 1
        pauses(gig, MORNING + timedelta(hours=1), until=MORNING + timedelta(hours=2))
        saves(performer, "Pairs", seats=2)
        late = stories.a_performer()
        saves(late)
        assert saved.send_due(at=MORNING + DAY) == 1
        assert mails()[-1].to == [late.user.email]
        pauses(gig, MORNING + DAY + timedelta(hours=1), until=MORNING + DAY + timedelta(hours=2))
        assert saved.send_due(at=MORNING + 2 * DAY) == 0

    def test_is_told_again_only_where_the_server_refused_it(
        self, performer: Performer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row, gig = saves(performer), published("A new lift", at=AT + timedelta(hours=1))

        def breaks(*_: Any, **__: Any) -> Any:
            raise OSError("The line is dead.")

        with monkeypatch.context() as patched:
            patched.setattr(notifications, "_mail", breaks)
            assert saved.send_due(at=MORNING) == 0
        pauses(gig, MORNING + timedelta(minutes=1), until=MORNING + timedelta(hours=1))
        row.refresh_from_db()
        sent = [saved.send_due(at=when) for when in (row.due_at, MORNING + DAY, MORNING + 2 * DAY)]
        assert sum(sent) == 1

    def test_forgets_what_was_told_of_gigs_that_are_over(self, performer: Performer) -> None:
        saves(performer)
        gig = published("A new lift", at=AT + timedelta(hours=1))
        assert saved.send_due(at=MORNING) == 1
        assert ToldGig.objects.count() == 1
        over = datetime.combine(gig.ends_on, MORNING.time(), tzinfo=UTC) + 3 * DAY
        saved.send_due(at=over)
        assert not ToldGig.objects.exists()

    def test_that_the_server_refuses_is_tried_again(
        self, performer: Performer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = saves(performer)
        published("A new lift", at=AT + timedelta(hours=1))

        def breaks(*_: Any, **__: Any) -> Any:
            raise OSError("The line is dead.")

        with monkeypatch.context() as patched:
            patched.setattr(notifications, "_mail", breaks)
            assert saved.send_due(at=MORNING) == 0
        row.refresh_from_db()
        assert (row.tries, row.told_to) == (1, AT)
        assert MORNING < row.due_at < MORNING + DAY
        assert saved.send_due(at=row.due_at) == 1
        assert saved.send_due(at=MORNING + DAY) == 0

    def test_can_be_ended_by_one_press_of_the_mail_program(
        self, performer: Performer, it_is: Callable[[datetime], None]
    ) -> None:
        it_is(AT)
        saves(performer)
        published("A new lift", at=AT + timedelta(hours=1))
        saved.send_due(at=MORNING)
        (told,) = mails()
        assert told.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = re.fullmatch(r"<https?://[^/]+(/searches/end/\S+/)>", told.extra_headers["List-Unsubscribe"])
        assert link is not None
        assert link[1] in told.body
        program = Client(enforce_csrf_checks=True)
        assert "No more mail for" in html(program.get(link[1]))
        assert SavedSearch.objects.exists()
        for _ in range(2):
            pressed = program.post(link[1], {"List-Unsubscribe": "One-Click"})
            assert "It has ended" in html(pressed)
        assert not SavedSearch.objects.exists()
        assert program.post("/searches/end/sav_made_up:sig/").status_code == 404


class TestItEnds:
    def test_by_page_and_for_its_own_performer_alone(
        self, performer: Performer, it_is: Callable[[datetime], None]
    ) -> None:
        it_is(AT)
        me = browser(performer.user)
        stories.a_gig(stories.a_company())
        board = html(me.get("/", {"q": "lift"}))
        assert "Save it, and mail me what is new" in board
        page = me.post("/work/searches/", {"name": "Lifts", "q": "lift", "near": "on"}, follow=True)
        assert "/?q=lift&amp;near=on" in html(page)
        row = SavedSearch.objects.get()
        assert row.looks_for == {"text": "lift", "near_zone": "America/New_York"}
        with pytest.raises(NotFound):
            saved.end(saved_id=row.public_id, by=stories.acting(stories.a_performer()), at=AT)
        me.post(f"/work/searches/{row.public_id}/delete/")
        assert "Your searches will stand here" in html(me.get("/work/searches/"))

    def test_by_the_api(
        self, performer: Performer, as_someone: As, it_is: Callable[[datetime], None]
    ) -> None:
        it_is(AT)
        me = as_someone(performer)
        status, made = me.post("saved-searches", {"name": "Pairs", "seats": 2, "no_replica": True})
        assert (status, made["query"]) == (201, "seats=2&no_replica=on")
        assert me.post("saved-searches", {"name": "Pairs", "seats": 2})[1]["code"] == "search_saved_already"
        assert me.post("saved-searches", {"name": "All"})[0] == 422
        assert [each["id"] for each in me.get("saved-searches")[1]["data"]] == [made["id"]]
        assert me.api.send("DELETE", f"saved-searches/{made['id']}").status_code == 204
        assert me.get("saved-searches")[1]["data"] == []

    def test_with_the_account(self, performer: Performer) -> None:
        saves(performer)
        me = stories.proved(stories.acting(performer), at=AT)
        privacy.ask(by=me, at=AT)
        privacy.carry_out_due(at=AT + timedelta(days=30))
        assert not SavedSearch.objects.exists()


def test_one_that_cannot_be_read_holds_up_nobody_and_is_tried_again(
    performer: Performer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = saves(performer, "Bad"), saves(stories.a_performer(), "Good")
    published("A lift again", at=AT + timedelta(hours=1))
    reads = saved.new_for

    def fails(row: SavedSearch, **window: Any) -> list[Gig]:
        if row.pk == bad.pk:
            raise ValueError
        return reads(row, **window)

    monkeypatch.setattr(saved, "new_for", fails)
    assert saved.send_due(at=MORNING) == 1
    assert [each.to for each in mails()] == [[good.performer.user.email]]
    monkeypatch.setattr(saved, "new_for", reads)
    assert saved.send_due(at=MORNING + timedelta(hours=1)) == 1
    assert len(mails()) == 2
