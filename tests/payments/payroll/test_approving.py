"""A second person approves, through every door that there is: the page, the API in a browser's session, an app's token."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.access.roles import Staff
from accounts.identity.models import User
from accounts.keys import acting
from kit import clock
from payments.payroll import operations
from payments.payroll.models import PayRun
from payments.payroll.states import RunState
from tests import stories
from tests.accounts.browsing import Api, an_app_of, app_auth, body_of, browser, code_of, logs_in
from tests.payments.world import World, a_week

TOO_LONG = {"minutes": 5, "seconds": 1}


@pytest.fixture
def fran(world: World) -> User:
    """The one in finance who freezes."""
    user = stories.a_member_of_staff(Staff.FINANCE)
    world.freezer = acting.of_user(user)
    return user


@pytest.fixture
def ana() -> User:
    """The other one."""
    return stories.a_member_of_staff(Staff.FINANCE)


@pytest.fixture
def run(world: World, fran: User) -> PayRun:
    world.earns(world.performer(), "100.00")
    opened = operations.close_week(week=a_week(), currency="usd", by=world.freezer, at=world.now)
    return operations.freeze(run=opened, by=world.freezer, at=world.now)


def by_page(client: Client, run: PayRun) -> HttpResponse:
    return client.post(  # type: ignore[return-value] # Django's test client says so too
        reverse("payday_approve", args=[run.public_id]), {"content_hash": run.content_hash}
    )


def by_api(api: Api, run: PayRun) -> HttpResponse:
    return api.post(f"pay-runs/{run.public_id}/approve", {"content_hash": run.content_hash})


def gives_the_password(client: Client) -> HttpResponse:
    return client.post(  # type: ignore[return-value] # as above
        reverse("account_reauthenticate"), {"password": stories.PASSWORD, "next": reverse("payday")}
    )


def state(run: PayRun) -> RunState:
    return RunState(PayRun.objects.get(pk=run.pk).state)


def is_paid(world: World, run: PayRun) -> bool:
    world.sweep()
    return state(run) == RunState.PAID


class TestThePage:
    def test_approves_right_after_logging_in(self, world: World, run: PayRun, ana: User) -> None:
        finance = logs_in(ana)
        assert "Approve and pay 100.00 USD" in finance.get(reverse("payday")).content.decode()
        answer = by_page(finance, run)
        assert answer.headers["Location"] == reverse("payday")
        assert is_paid(world, run)

    def test_asks_for_the_password_when_that_was_a_while_ago_and_then_approves(
        self, world: World, run: PayRun, ana: User
    ) -> None:
        finance = logs_in(ana)
        world.wait(**TOO_LONG)
        asked = by_page(finance, run)
        assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
        assert state(run) == RunState.FROZEN
        assert "password" in finance.get(asked.headers["Location"]).content.decode()
        wrong = finance.post(reverse("account_reauthenticate"), {"password": "not hers"})
        assert wrong.status_code == HTTPStatus.OK
        assert by_page(finance, run).headers["Location"] == asked.headers["Location"]
        assert gives_the_password(finance).headers["Location"] == reverse("payday")
        assert by_page(finance, run).headers["Location"] == reverse("payday")
        assert is_paid(world, run)

    def test_holds_to_the_last_second_of_five_minutes(self, world: World, run: PayRun, ana: User) -> None:
        finance = logs_in(ana)
        world.wait(minutes=5)
        by_page(finance, run)
        assert is_paid(world, run)

    def test_a_session_that_never_saw_a_password_approves_nothing(self, run: PayRun, ana: User) -> None:
        assert by_page(browser(ana), run).headers["Location"].startswith(reverse("account_reauthenticate"))
        assert state(run) == RunState.FROZEN


class TestTheApi:
    def test_approves_in_a_browsers_session(self, world: World, run: PayRun, ana: User) -> None:
        assert body_of(by_api(Api(client=logs_in(ana)), run))["state"] == "approved"
        assert is_paid(world, run)

    def test_approves_with_an_apps_token(self, world: World, run: PayRun, ana: User) -> None:
        assert body_of(by_api(Api(token=an_app_of(ana)), run))["state"] == "approved"
        assert is_paid(world, run)

    def test_refuses_a_stale_browser_until_the_password_is_given_again(
        self, world: World, run: PayRun, ana: User
    ) -> None:
        client = logs_in(ana)
        world.wait(**TOO_LONG)
        assert code_of(by_api(Api(client=client), run)) == "reauthentication_required"
        assert state(run) == RunState.FROZEN
        gives_the_password(client)
        assert body_of(by_api(Api(client=client), run))["state"] == "approved"
        assert is_paid(world, run)

    def test_refuses_a_stale_token_until_the_password_is_given_again(
        self, world: World, run: PayRun, ana: User
    ) -> None:
        token = an_app_of(ana)
        world.wait(**TOO_LONG)
        refused = by_api(Api(token=token), run)
        assert (refused.status_code, code_of(refused)) == (403, "reauthentication_required")
        assert state(run) == RunState.FROZEN
        app_auth("reauthenticate", {"password": "not hers"}, token=token)
        assert code_of(by_api(Api(token=token), run)) == "reauthentication_required"
        body_of(app_auth("reauthenticate", {"password": stories.PASSWORD}, token=token))
        assert body_of(by_api(Api(token=token), run))["state"] == "approved"
        assert is_paid(world, run)

    def test_another_persons_fresh_session_does_not_freshen_a_stale_token(
        self, world: World, run: PayRun, ana: User, fran: User
    ) -> None:
        token = an_app_of(ana)
        world.wait(**TOO_LONG)
        both = Api(token=token, client=logs_in(fran))
        assert code_of(by_api(both, run)) == "reauthentication_required"
        assert state(run) == RunState.FROZEN


@pytest.mark.parametrize(
    "approves",
    [
        lambda user, run: by_page(logs_in(user), run),
        lambda user, run: by_api(Api(client=logs_in(user)), run),
        lambda user, run: by_api(Api(token=an_app_of(user)), run),
    ],
    ids=["page", "api", "app"],
)
def test_who_froze_it_approves_it_at_no_door(
    world: World, run: PayRun, fran: User, ana: User, approves: Callable[[User, PayRun], HttpResponse]
) -> None:
    assert approves(fran, run).status_code == HTTPStatus.FORBIDDEN
    assert state(run) == RunState.FROZEN
    approves(ana, run)
    assert is_paid(world, run)


def test_freshness_is_by_the_house_clock_wherever_that_stands(
    world: World, run: PayRun, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a laptop the house may live weeks from the machine; both run on."""
    monkeypatch.undo()
    with time_machine.travel(world.now - timedelta(days=40), tick=False) as machine:
        clock.shift_by(lambda: timedelta(days=40))
        try:
            finance = logs_in(ana)
            machine.shift(timedelta(**TOO_LONG))
            assert by_page(finance, run).headers["Location"].startswith(reverse("account_reauthenticate"))
            gives_the_password(finance)
            assert by_page(finance, run).headers["Location"] == reverse("payday")
        finally:
            clock.shift_by(None)
    assert is_paid(world, run)
