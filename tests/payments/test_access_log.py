"""The log of who looked at other people's money: what stands in it, what does not, and who reads it."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.shortcuts import render
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.access_log import operations, queries
from accounts.access_log.models import AccessEntry, Way
from accounts.access_log.queries import Asked
from accounts.identity.models import User
from accounts.keys import acting
from accounts.keys import operations as keys
from accounts.privacy.retention import let_go
from kit.errors import Forbidden, Invalid
from payments.payroll.models import PayItem
from payments.statements import pages
from tests import stories
from tests.accounts.browsing import browser
from tests.payments.world import World

ItIs = Callable[[datetime], None]
A_YEAR = timedelta(days=365)


@pytest.fixture
def admin(db: None) -> User:
    return stories.a_member_of_staff(Staff.ADMIN, "Ada Min")


@pytest.fixture
def item(world: World) -> PayItem:
    """Robin's pay of a week, sent."""
    world.earns(world.performer(), "100.00")
    return PayItem.objects.get(run=world.pays())


def finance(world: World) -> Client:
    return browser(stories.person(world.freezer))


def opens(client: Client, item: PayItem, name: str = "statement") -> None:
    assert client.get(reverse(name, args=[item.public_id])).status_code == HTTPStatus.OK


def stands(**fields: Any) -> list[tuple[str, str, list[str], str, bool]]:
    rows = AccessEntry.objects.filter(**fields).order_by("id")
    return list(rows.values_list("role", "route", "things", "way", "pressed"))


class TestALook:
    def test_of_finances_is_a_row_with_ids_alone(self, world: World, item: PayItem, it_is: ItIs) -> None:
        it_is(world.now)
        opens(finance(world), item)
        row = AccessEntry.objects.get()
        assert (row.actor, row.at) == (world.freezer.label, world.now)
        assert stands() == [("finance", "statement", [item.public_id], "page", False)]
        assert "Robin" not in str(AccessEntry.objects.values())

    def test_says_whether_it_was_a_page_a_file_or_the_api(self, world: World, item: PayItem) -> None:
        me = finance(world)
        opens(me, item, "statement_csv")
        opens(me, item, "statement_pdf")
        assert me.get(reverse("api_explain", args=[item.public_id])).status_code == HTTPStatus.OK
        assert [way for *_, way, _ in stands()] == ["file", "file", "api"]

    def test_of_the_performers_own_is_none(self, world: World, item: PayItem) -> None:
        for name in ("statement", "statement_csv", "statement_pdf"):
            opens(browser(item.performer.user), item, name)
        assert stands() == []

    def test_of_ones_own_is_none_whatever_else_one_is(self, world: World, item: PayItem) -> None:
        stories.becomes_staff(item.performer.user, Staff.FINANCE)
        me = browser(item.performer.user)
        opens(me, item)
        opens(me, item, "statement_csv")
        assert stands() == []
        assert me.get(reverse("payday_held")).status_code == HTTPStatus.OK
        assert stands() == [("finance", "payday_held", [], "page", False)]

    def test_of_a_page_that_says_what_is_wrong_in_its_form_is_one_all_the_same(self, world: World) -> None:
        """It shows all the rest beside it, and nothing was done: a form that nobody fills in hides no look."""
        answer = finance(world).post(reverse("house_deduction"), {})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert stands() == [("finance", "house_deduction", [], "page", False)]

    def test_that_is_refused_or_finds_nothing_is_none(self, world: World, item: PayItem, admin: User) -> None:
        for client in (browser(), browser(world.performer("Sam").user), browser(admin)):
            assert client.get(reverse("statement", args=[item.public_id])).status_code != HTTPStatus.OK
            assert client.get(reverse("api_pay_runs")).status_code != HTTPStatus.OK
        nobody = item.public_id.replace("itm_", "itm_0", 1)[: len(item.public_id)]
        assert finance(world).get(reverse("statement", args=[nobody])).status_code == HTTPStatus.NOT_FOUND
        assert stands() == []

    def test_by_a_companys_key_is_one_and_by_its_people_is_none(self, world: World, it_is: ItIs) -> None:
        it_is(world.now)
        owner = stories.proved(stories.owner_of(world.company), at=world.now)
        key, secret = keys.create(
            company=world.company, name="k", scopes=["billing:read"], days=9, by=owner, at=world.now
        )
        path = reverse("api_company_invoices", args=[world.company.public_id])
        assert browser(stories.person(owner)).get(path).status_code == HTTPStatus.OK
        assert stands() == []
        assert Client().get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == HTTPStatus.OK
        assert stands(actor=key.public_id) == [
            ("key", "api_company_invoices", [world.company.public_id], "api", False)
        ]

    def test_again_within_a_minute_is_the_same_row_and_after_it_another(
        self, world: World, item: PayItem, it_is: ItIs
    ) -> None:
        me, at = finance(world), world.now.replace(second=50, microsecond=0)
        for seconds, rows in ((0, 1), (20, 1), (59, 1), (60, 2), (75, 2)):
            it_is(at + timedelta(seconds=seconds))
            opens(me, item)
            assert AccessEntry.objects.count() == rows, seconds
        opens(me, item, "statement_csv")
        opens(browser(stories.person(world.approver)), item)
        assert AccessEntry.objects.count() == 4

    def test_costs_one_statement(self, world: World, item: PayItem) -> None:
        path = reverse("payday_held")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert finance(world).get(path).status_code == HTTPStatus.OK
        written = [query["sql"] for query in asked if "accounts_accessentry" in query["sql"]]
        assert len(written) == 1


class TestAPress:
    def test_is_a_row_each_time(self, world: World, it_is: ItIs) -> None:
        it_is(world.now)
        world.earns(world.performer(onboarded=False), "20.00")
        world.pays()
        held, me = PayItem.objects.get(state="held"), finance(world)
        for _ in range(2):
            assert me.post(reverse("held_remind", args=[held.public_id])).status_code == HTTPStatus.FOUND
        assert stands() == [("finance", "held_remind", [held.public_id], "page", True)] * 2

    def test_that_is_refused_is_none(self, world: World, item: PayItem) -> None:
        back = {"Referer": f"http://testserver{reverse('payday_held')}"}
        sent = finance(world).post(reverse("held_retry", args=[item.public_id]), headers=back)
        assert (sent.status_code, sent.headers["Location"]) == (HTTPStatus.FOUND, back["Referer"])
        assert stands() == []


class TestAPage:
    def test_is_shown_though_nothing_can_be_written(
        self, world: World, item: PayItem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operations, "_WRITE", "INSERT INTO nowhere VALUES (%(at)s)")
        opens(finance(world), item)
        assert PayItem.objects.filter(pk=item.pk).exists()  # and the transaction around it lives

    def test_is_written_down_only_once_its_answer_is_there(
        self, world: World, item: PayItem, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By then whatever transaction the page read in is over, be it one that cannot write."""
        at_the_page: list[int] = []

        def shown(*args: Any, **kwargs: Any) -> Any:
            at_the_page.append(AccessEntry.objects.count())
            return render(*args, **kwargs)

        monkeypatch.setattr(pages, "render", shown)
        opens(finance(world), item)
        assert (at_the_page, AccessEntry.objects.count()) == ([0], 1)


class TestTheRows:
    def look(self, at: datetime) -> AccessEntry:
        by = Actor(label="usr_01k9x6m3v8e4ttk0c1c9y7q2zb")
        assert operations.write(
            route="books", things=[], way=Way.PAGE, pressed=False, role="finance", by=by, at=at
        )
        return AccessEntry.objects.latest("id")

    def test_are_never_changed(self, world: World) -> None:
        row = self.look(world.now)
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            AccessEntry.objects.filter(pk=row.pk).update(role="admin")

    def test_are_not_deleted_while_they_are_young(self, world: World) -> None:
        row = self.look(world.now)
        with pytest.raises(IntegrityError, match="kept for a year"), transaction.atomic():
            row.delete()
        self.look(world.now + A_YEAR + timedelta(days=300))
        row.delete()

    def test_go_by_themselves_after_two_years(self, world: World) -> None:
        old = self.look(world.now)
        newer = self.look(world.now + timedelta(days=730))
        almost = old.at + timedelta(days=730) - timedelta(seconds=1)
        assert let_go(at=almost)["accounts.AccessEntry"] == 0
        assert let_go(at=old.at + timedelta(days=730))["accounts.AccessEntry"] == 1
        assert list(AccessEntry.objects.all()) == [newer]


class TestAdministration:
    def test_reads_it_by_name_mail_id_page_thing_and_day(
        self, world: World, item: PayItem, admin: User, it_is: ItIs
    ) -> None:
        it_is(world.now)
        opens(finance(world), item)
        it_is(world.now + timedelta(days=1))
        assert browser(stories.person(world.approver)).get(reverse("books")).status_code == HTTPStatus.OK
        me, fran = browser(admin), stories.person(world.freezer)
        path = reverse("access_log")
        for fits in (
            {"who": "fran"},
            {"who": fran.email},
            {"who": str(fran.public_id)},
            {"route": "statement"},
            {"thing": item.public_id},
            {"first": f"{world.now:%Y-%m-%d}", "last": f"{world.now:%Y-%m-%d}"},
        ):
            said = me.get(path, fits).content.decode()
            assert item.public_id in said, fits
            assert ">Fran<" in said, fits
            assert f"<code>itm_…{item.public_id[-5:]}</code>" in said, fits
            assert ">Ana<" not in said, fits
        assert "Nobody looked at that" in me.get(path, {"who": "Nobody"}).content.decode()
        for wrong in ({"first": "yesterday"}, {"first": "2026-11-02", "last": "2026-11-01"}):
            refused = me.get(path, wrong)
            assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
            assert "Nobody looked" not in refused.content.decode()
            assert me.get(reverse("api_access_log"), wrong).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        both = me.get(path).content.decode()
        assert ">Fran<" in both
        assert ">Ana<" in both

    def test_finds_who_looked_among_however_many_of_their_name(
        self, world: World, item: PayItem, admin: User
    ) -> None:
        User.objects.bulk_create(User(name="Fran", email=f"fran{n}@example.org") for n in range(60))
        late = stories.a_member_of_staff(Staff.FINANCE, "Fran")
        opens(browser(late), item)
        (row,) = browser(admin).get(reverse("api_access_log"), {"who": "fran"}).json()["data"]
        assert row["who"] == str(late.public_id)

    def test_says_so_while_nobody_has_looked(self, admin: User) -> None:
        assert "Nobody has looked yet" in browser(admin).get(reverse("access_log")).content.decode()

    def test_stands_in_it_with_each_look_at_it(self, admin: User) -> None:
        me = browser(admin)
        for name in ("access_log", "access_log_csv", "api_access_log"):
            assert me.get(reverse(name)).status_code == HTTPStatus.OK
        assert [(row[0], row[1], row[3]) for row in stands()] == [
            ("admin", "access_log", "page"),
            ("admin", "access_log_csv", "file"),
            ("admin", "api_access_log", "api"),
        ]

    def test_reads_it_page_by_page_over_the_api(self, world: World, item: PayItem, admin: User) -> None:
        me, path = browser(admin), reverse("api_access_log")
        opens(finance(world), item)
        opens(finance(world), item, "statement_csv")
        first = me.get(path, {"limit": "1", "thing": item.public_id}).json()
        (row,) = first["data"]
        assert (row["route"], row["way"], row["things"]) == ("statement_csv", "file", [item.public_id])
        assert (row["who"], row["role"], row["pressed"]) == (world.freezer.label, "finance", False)
        rest = me.get(path, {"cursor": first["next_cursor"], "thing": item.public_id}).json()
        assert [each["route"] for each in rest["data"]] == ["statement"]

    def test_takes_it_along_as_a_file_that_is_no_formula(
        self, world: World, item: PayItem, admin: User
    ) -> None:
        User.objects.filter(pk=stories.person(world.freezer).pk).update(name="=HYPERLINK(1)")
        opens(finance(world), item)
        content = browser(admin).get(reverse("access_log_csv"), {"thing": item.public_id}).content
        (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        assert (row["Name"], row["Route"], row["What"]) == ("'=HYPERLINK(1)", "statement", item.public_id)

    def test_narrows_what_is_more_than_a_file_holds(
        self, world: World, item: PayItem, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opens(finance(world), item)
        opens(finance(world), item, "statement_csv")
        me = acting.of_user(admin)
        monkeypatch.setattr(queries, "MOST_LINES", 2)
        assert queries.csv_of(me, Asked()).count(b"\r\n") == 3
        monkeypatch.setattr(queries, "MOST_LINES", 1)
        with pytest.raises(Invalid, match="fewer days"):
            queries.csv_of(me, Asked())

    def test_alone_reads_it(self, world: World, item: PayItem) -> None:
        opens(finance(world), item)
        for name in ("access_log", "access_log_csv", "api_access_log"):
            assert finance(world).get(reverse(name)).status_code == HTTPStatus.FORBIDDEN
        with pytest.raises(Forbidden):
            queries.entries(world.freezer, Asked())


class TestAPerformer:
    def test_reads_when_the_house_opened_their_statement_and_as_what_but_not_who(
        self, world: World, item: PayItem
    ) -> None:
        me = browser(item.performer.user)
        path = reverse("statement", args=[item.public_id])
        assert "Nobody, so far as it is kept." in me.get(path).content.decode()
        opens(finance(world), item)
        said = me.get(path).content.decode()
        assert "<li>Finance, " in said
        assert "Fran" not in said
        assert "Who of the house opened it" not in finance(world).get(path).content.decode()
