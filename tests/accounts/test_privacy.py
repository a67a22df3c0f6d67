"""One's own data: carried away, or forgotten, by page and by API; and what goes by itself."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.http import HttpResponse

from accounts.access.roles import Role, Staff
from accounts.identity.models import User
from accounts.invitations.models import Invitation
from accounts.keys.models import ApiKey
from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from accounts.privacy.holdings import REGISTRY
from accounts.privacy.models import Erasure
from accounts.tasks import erase as the_hour_comes
from accounts.tasks import let_go as the_night_comes
from marketplace.casting import operations as casting
from marketplace.casting.models import Answer, Application
from marketplace.engagements.models import Engagement, Terms
from tests import stories
from tests.accounts.browsing import Api, an_app_of, body_of, code_of, logs_in

ItIs = Callable[[datetime], None]
pytestmark = pytest.mark.django_db
DOORS = pytest.mark.parametrize("door", ["page", "api"])
AT = stories.BEFORE
A_WEEK = timedelta(days=7)
PATHS = {
    "ask": ("/settings/privacy/erasure/", "me/erasure"),
    "take back": ("/settings/privacy/erasure/take-back/", "me/erasure/take-back"),
    "export": ("/settings/privacy/export/", "me/export"),
}


@pytest.fixture(autouse=True)
def _now(it_is: ItIs) -> None:
    it_is(AT)


def does(what: str, user: User, *, door: str) -> HttpResponse:
    page, path = PATHS[what]
    if door == "api":
        return Api(token=an_app_of(user)).post(path)
    return logs_in(user).post(page)  # type: ignore[return-value] # Django's test client says so too


def is_there(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_active


def told(user: User) -> list[str]:
    return list(
        Notification.objects.filter(user=user, kind="erasure").order_by("id").values_list("title", flat=True)
    )


def files_of(answer: Any) -> dict[str, Any]:
    sent = BytesIO(b"".join(answer.streaming_content))
    with zipfile.ZipFile(sent) as archive:
        assert archive.testzip() is None
        return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


class TestTheTable:
    def test_misses_no_table_of_the_house_and_names_none_twice(self) -> None:
        named = [each.model for each in REGISTRY.holdings] + sorted(REGISTRY.of_nobody)
        assert sorted(named) == sorted(
            model._meta.label for model in apps.get_models(include_auto_created=True)
        )

    def test_names_fields_that_there_are(self) -> None:
        for each in REGISTRY.holdings:
            fields = {field.name for field in each.rows.model._meta.concrete_fields}
            assert each.hidden <= fields, each.model

    def test_says_where_every_tie_to_a_person_leads(self) -> None:
        """A table with a person in it is somebody's, unless what it says of them is what they did for others."""
        acts = {"payments.PayRun", "payments.Halt", "admin.LogEntry", "accounts.User_groups"}
        for label in REGISTRY.of_nobody - acts - {"accounts.User_user_permissions"}:
            related = {field.related_model for field in apps.get_model(label)._meta.concrete_fields}
            assert not related & {User, Performer}, label

    def test_stands_on_a_page_that_everyone_reads(self) -> None:
        page = Api().client.get("/privacy/").content.decode()
        for each in REGISTRY.holdings:
            assert each.what in page or each.what.replace("'", "&#x27;") in page, each.model


@DOORS
class TestACopy:
    def test_holds_what_is_ones_own_and_nobody_elses(self, door: str) -> None:
        ada, bo = stories.a_performer("Ada"), stories.a_performer("Bo")
        gig = stories.a_gig(stories.a_company())
        stories.accepts(ada, gig)
        stories.accepts(bo, gig)
        files = files_of(does("export", ada.user, door=door))
        assert [row["email"] for row in files["accounts.user.json"]] == [ada.user.email]
        assert [row["performer__public_id"] for row in files["marketplace.application.json"]] == [
            str(ada.public_id)
        ]
        assert len(files["marketplace.terms.json"]) == 1
        assert bo.user.email not in json.dumps(files)

    def test_gives_no_secret_away(self, door: str) -> None:
        user = stories.a_person()
        files = files_of(does("export", user, door=door))
        said = json.dumps(files)
        assert User.objects.get(pk=user.pk).password not in said
        assert "argon2" not in said
        assert "session_key" not in said


@DOORS
class TestBeingForgotten:
    def test_comes_a_week_after_one_asked(self, door: str, it_is: ItIs) -> None:
        ada = stories.a_performer("Ada Okafor")
        address = ada.user.email
        assert does("ask", ada.user, door=door).status_code in (201, 302)
        it_is(AT + A_WEEK - timedelta(seconds=1))
        the_hour_comes()
        assert is_there(ada.user)
        it_is(AT + A_WEEK)
        the_hour_comes()
        user = User.objects.get(pk=ada.user_id)
        assert not user.is_active
        assert address not in user.email
        assert "Okafor" not in user.name + Performer.objects.get(pk=ada.pk).stage_name
        [last] = [each for each in mail.outbox if each.to == [address]]
        assert "forgotten" in last.subject
        assert not Erasure.objects.exclude(mail_to="").exists()
        assert stories.a_person(address).pk  # the address is free for whoever signs up with it

    def test_is_taken_back(self, door: str, it_is: ItIs) -> None:
        user = stories.a_person()
        does("ask", user, door=door)
        assert does("take back", user, door=door).status_code in (200, 302)
        it_is(AT + 2 * A_WEEK)
        the_hour_comes()
        assert is_there(user)
        assert told(user) == ["You asked to be forgotten", "You stay"]

    def test_is_asked_once_and_taken_back_once(self, door: str) -> None:
        user = stories.a_person()
        does("ask", user, door=door)
        again = does("ask", user, door=door)
        assert again.status_code == 409
        does("take back", user, door=door)
        assert does("take back", user, door=door).status_code == 404
        if door == "api":
            assert code_of(again) == "erasure_already_asked"
        assert does("ask", user, door=door).status_code in (201, 302)

    def test_waits_for_a_session_that_is_booked_and_says_so_once(self, door: str, it_is: ItIs) -> None:
        session = stories.a_pair_booked()
        performer = session.seats.all()[0].performer
        does("ask", performer.user, door=door)
        for days in (7, 8):
            it_is(AT + timedelta(days=days))
            the_hour_comes()
        assert is_there(performer.user)
        assert told(performer.user) == ["You asked to be forgotten", "You cannot be forgotten yet"]
        page = logs_in(performer.user).get("/settings/privacy/").content.decode()
        assert "You are booked for a session" in page

    def test_of_the_only_owner_waits_until_there_is_another(self, door: str, it_is: ItIs) -> None:
        owner = stories.a_person()
        stories.a_company("Northlight", owner=owner)
        does("ask", owner, door=door)
        it_is(AT + A_WEEK)
        the_hour_comes()
        assert is_there(owner)
        if door == "api":
            told_by = body_of(Api(token=an_app_of(stories.a_person())).post("me/erasure"))
            assert told_by["stands_against"] == []
        body = Notification.objects.get(user=owner, title="You cannot be forgotten yet").body
        assert "only owner of Northlight" in body

    def test_ends_what_one_made_for_a_company(self, door: str, it_is: ItIs) -> None:
        company = stories.a_company()
        second = stories.a_member(company, Role.OWNER)
        api, path = Api(client=logs_in(second)), f"companies/{company.public_id}"
        body_of(api.post(f"{path}/api-keys", {"name": "k", "scopes": ["gigs:read"], "days": 90}))
        body_of(api.post(f"{path}/invitations", {"email": "bo@example.org", "role": "reviewer"}))
        does("ask", second, door=door)
        it_is(AT + A_WEEK)
        the_hour_comes()
        assert not is_there(second)
        assert ApiKey.objects.get(company=company).revoked_at == AT + A_WEEK
        assert Invitation.objects.get(company=company).state == "withdrawn"

    def test_ends_what_is_open_with_others(self, door: str, it_is: ItIs) -> None:
        ada = stories.a_performer("Ada")
        company = stories.a_company()
        signed = stories.an_active_engagement(stories.a_gig(company), ada, grants=["evaluation"])
        waiting = stories.applies(ada, stories.a_gig(company))
        offered = stories.is_offered(ada, stories.a_gig(company))
        does("ask", ada.user, door=door)
        it_is(AT + A_WEEK)
        the_hour_comes()
        assert Engagement.objects.get(pk=signed.pk).state == "terminated"
        states = Application.objects.in_bulk([waiting.pk, offered.pk])
        assert [states[waiting.pk].state, states[offered.pk].state] == ["withdrawn", "declined"]
        assert not Answer.objects.filter(application__performer=ada).exists()
        assert signed.application.grants.get().state == "withdrawn"
        assert Terms.objects.filter(engagement=signed).exists()  # what both signed stays


class TestRetention:
    def test_drops_old_notices_and_keeps_new_ones(self, it_is: ItIs) -> None:
        user = stories.a_person()
        Api(token=an_app_of(user)).post("me/erasure")
        assert told(user)
        it_is(AT + timedelta(days=2 * 365, seconds=-1))
        the_night_comes()
        assert told(user)
        it_is(AT + timedelta(days=2 * 365))
        the_night_comes()
        assert not told(user)

    def test_ends_no_session_because_the_house_plays_another_day(self, it_is: ItIs) -> None:
        client = logs_in(stories.a_person())
        it_is(AT + timedelta(days=30))
        the_night_comes()
        assert client.get("/settings/").status_code == 200
        Session.objects.update(expire_date=datetime.now(UTC))
        the_night_comes()
        assert not Session.objects.exists()

    def test_keeps_what_an_application_says_that_led_to_work(self, it_is: ItIs) -> None:
        gig = stories.a_gig(company := stories.a_company())
        gone, here = (stories.applies(stories.a_performer(), gig, note="I improvise.") for _ in range(2))
        Api(gone.performer.user).post(f"applications/{gone.public_id}/withdraw")
        casting.offer(applications=[here], by=stories.owner_of(company), at=AT)
        assert Api(here.performer.user).post(f"applications/{here.public_id}/accept-offer").status_code < 300
        it_is(AT + timedelta(days=366))
        the_night_comes()
        left = Application.objects.in_bulk([gone.pk, here.pk])
        assert [left[gone.pk].note, left[here.pk].note] == ["", "I improvise."]


def test_the_only_administrator_stays(it_is: ItIs) -> None:
    admin = stories.a_member_of_staff(Staff.ADMIN)
    Api(token=an_app_of(admin)).post("me/erasure")
    it_is(AT + A_WEEK)
    the_hour_comes()
    assert is_there(admin)
    stories.a_member_of_staff(Staff.ADMIN)
    it_is(AT + 2 * A_WEEK)
    the_hour_comes()
    assert not is_there(admin)
