"""A second person approves, through every door that there is: the page, the API in a browser's session, an app's token."""

import html
import json
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.http import HttpResponse
from django.urls import reverse

from accounts.access.roles import Staff
from accounts.audit.models import AuditEvent
from accounts.identity.models import User
from accounts.keys import acting
from accounts.notifications.models import Notification
from kit import clock
from payments.payroll import operations
from payments.payroll.models import PayRun
from payments.payroll.states import RunState
from tests import stories
from tests.accounts.browsing import (
    Api,
    an_app_of,
    app_auth,
    body_of,
    browser,
    code_of,
    logs_in,
    proves_in_an_app,
)
from tests.payments.payroll.approvals import (
    TOO_LONG,
    approves,
    by_api,
    by_page,
    freezes,
    gives_the_second_factor,
    is_paid,
    reads_payday,
    state,
)
from tests.payments.world import World, a_week


class TestThePage:
    def test_approves_right_after_logging_in(self, world: World, run: PayRun, ana: User) -> None:
        finance = logs_in(ana)
        assert "Approve and pay 100.00 USD" in finance.get(reverse("payday")).content.decode()
        answer = by_page(finance, run)
        assert answer.headers["Location"] == reverse("payday_run", args=[run.public_id])
        assert is_paid(world, run)

    def test_asks_for_the_second_factor_when_that_was_a_while_ago_and_then_approves(
        self, world: World, run: PayRun, ana: User
    ) -> None:
        finance = logs_in(ana)
        world.wait(**TOO_LONG)
        asked = by_page(finance, run)
        assert asked.headers["Location"].startswith(reverse("mfa_reauthenticate"))
        assert state(run) == RunState.FROZEN
        assert "a code from your app" in finance.get(asked.headers["Location"]).content.decode()
        wrong = finance.post(reverse("mfa_reauthenticate"), {"code": "00000000"})
        assert wrong.status_code == HTTPStatus.OK
        finance.post(reverse("account_reauthenticate"), {"password": stories.PASSWORD})
        assert by_page(finance, run).headers["Location"] == asked.headers["Location"]
        assert gives_the_second_factor(finance, ana).headers["Location"] == reverse("payday")
        assert by_page(finance, run).headers["Location"] == reverse("payday_run", args=[run.public_id])
        assert is_paid(world, run)

    def test_holds_to_the_last_second_of_five_minutes(self, world: World, run: PayRun, ana: User) -> None:
        finance = logs_in(ana)
        world.wait(minutes=5)
        by_page(finance, run)
        assert is_paid(world, run)

    def test_a_session_that_never_saw_a_proof_approves_nothing(self, run: PayRun, ana: User) -> None:
        assert by_page(browser(ana), run).headers["Location"].startswith(reverse("mfa_reauthenticate"))
        assert state(run) == RunState.FROZEN


class TestTheApi:
    def test_approves_in_a_browsers_session(self, world: World, run: PayRun, ana: User) -> None:
        assert body_of(by_api(Api(client=logs_in(ana)), run))["state"] == "approved"
        assert is_paid(world, run)

    def test_approves_with_an_apps_token(self, world: World, run: PayRun, ana: User) -> None:
        assert body_of(by_api(Api(token=an_app_of(ana)), run))["state"] == "approved"
        assert is_paid(world, run)

    def test_refuses_a_stale_browser_until_the_second_factor_is_given_again(
        self, world: World, run: PayRun, ana: User
    ) -> None:
        client = logs_in(ana)
        world.wait(**TOO_LONG)
        assert code_of(by_api(Api(client=client), run)) == "reauthentication_required"
        assert state(run) == RunState.FROZEN
        gives_the_second_factor(client, ana)
        assert body_of(by_api(Api(client=client), run))["state"] == "approved"
        assert is_paid(world, run)

    def test_refuses_a_stale_token_until_the_second_factor_is_given_again(
        self, world: World, run: PayRun, ana: User
    ) -> None:
        token = an_app_of(ana)
        world.wait(**TOO_LONG)
        refused = by_api(Api(token=token), run)
        assert (refused.status_code, code_of(refused)) == (403, "reauthentication_required")
        assert state(run) == RunState.FROZEN
        app_auth("2fa/reauthenticate", {"code": "00000000"}, token=token)
        token = proves_in_an_app(token, password=stories.PASSWORD)
        assert code_of(by_api(Api(token=token), run)) == "reauthentication_required"
        token = proves_in_an_app(token, code=stories.a_recovery_code_of(ana))
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


def moves(run: PayRun) -> int:
    return AuditEvent.objects.filter(thing=run.public_id, to_state=RunState.APPROVED).count()


class TestTwice:
    """One approval is one: a double press is told so, and whoever comes second is told who was first."""

    def test_a_double_press_on_the_page_says_that_it_was_approved_already(
        self, world: World, run: PayRun, ana: User
    ) -> None:
        finance = logs_in(ana)
        by_page(finance, run)
        assert "Approved. It starts by itself" in reads_payday(finance)
        world.wait(seconds=1)
        by_page(finance, run)
        assert "You approved this run already" in reads_payday(finance)
        assert (state(run), moves(run)) == (RunState.APPROVED, 1)

    def test_the_api_answers_a_repeat_with_the_first_approval(
        self, world: World, run: PayRun, ana: User
    ) -> None:
        api = Api(client=logs_in(ana))
        first = body_of(by_api(api, run))
        world.wait(seconds=1)
        assert body_of(by_api(api, run)) == first
        assert moves(run) == 1
        assert is_paid(world, run)
        assert body_of(by_api(api, run))["approved_at"] == first["approved_at"]

    def test_another_person_is_told_who_was_first(self, world: World, run: PayRun, ana: User) -> None:
        by_page(logs_in(ana), run)
        cleo = logs_in(stories.a_member_of_staff(Staff.FINANCE))
        refused = by_api(Api(client=cleo), run)
        assert (refused.status_code, code_of(refused)) == (HTTPStatus.CONFLICT, "run_already_approved")
        said = json.loads(refused.content)["detail"]
        assert said.startswith(f"It was approved already by {ana.name}, ")
        page = by_page(cleo, run)
        assert page.status_code == HTTPStatus.CONFLICT
        assert said in html.unescape(page.content.decode())
        assert (PayRun.objects.get(pk=run.pk).approved_by, moves(run)) == (ana, 1)

    def test_a_cancelled_run_is_not_answered_as_approved(self, run: PayRun, ana: User, fran: User) -> None:
        api = Api(client=logs_in(ana))
        by_api(api, run)
        body_of(Api(client=logs_in(fran)).post(f"pay-runs/{run.public_id}/cancel", {"reason": "A line"}))
        assert code_of(by_api(api, run)) == "illegal_state"


class TestTakenBack:
    @pytest.mark.parametrize("door", ["page", "api"])
    def test_finance_the_approver_too_is_told_who_cancelled_an_approved_run_and_why(
        self, run: PayRun, ana: User, fran: User, door: str
    ) -> None:
        by_page(logs_in(ana), run)
        client, reason = logs_in(fran), {"reason": "Two lines are wrong."}
        if door == "page":
            client.post(reverse("payday_cancel", args=[run.public_id]), reason)
        else:
            body_of(Api(client=client).post(f"pay-runs/{run.public_id}/cancel", reason))
        assert state(run) == RunState.CANCELLED
        for person in (ana, fran):
            told = Notification.objects.get(user=person)
            assert told.title == "The approved pay run of 100.00 USD was cancelled"
            assert (
                f"{fran.name} cancelled {run.public_id} before it paid: “Two lines are wrong.”" in told.body
            )

    def test_nobody_is_told_of_a_run_that_was_never_approved(self, run: PayRun, fran: User) -> None:
        logs_in(fran).post(reverse("payday_cancel", args=[run.public_id]), {"reason": "A line is wrong."})
        assert state(run) == RunState.CANCELLED
        assert not Notification.objects.filter(kind="finance").exists()

    def test_a_run_that_pays_is_cancelled_no_more(
        self, world: World, run: PayRun, ana: User, fran: User
    ) -> None:
        by_page(logs_in(ana), run)
        assert is_paid(world, run)
        refused = Api(client=logs_in(fran)).post(f"pay-runs/{run.public_id}/cancel", {"reason": "Too late"})
        assert code_of(refused) == "illegal_state"
        assert state(run) == RunState.PAID


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
            assert by_page(finance, run).headers["Location"].startswith(reverse("mfa_reauthenticate"))
            gives_the_second_factor(finance, ana)
            assert by_page(finance, run).headers["Location"] == reverse("payday_run", args=[run.public_id])
        finally:
            clock.shift_by(None)
    assert is_paid(world, run)


@pytest.mark.parametrize("door", ["page", "api"])
class TestSomeoneWhomTheRunPays:
    def test_does_not_approve_it_and_a_colleague_does(
        self, world: World, fran: User, ana: User, door: str
    ) -> None:
        performer = world.performer()
        stories.becomes_staff(performer.user, Staff.FINANCE)
        world.earns(performer, "100.00")
        opened = operations.close_week(week=a_week(), currency="usd", by=world.freezer, at=world.now)
        run = operations.freeze(run=opened, by=world.freezer, at=world.now)
        approves(performer.user, run, door)
        run.refresh_from_db()
        assert run.state == RunState.FROZEN
        approves(ana, run, door)
        run.refresh_from_db()
        assert run.state == RunState.APPROVED

    def test_does_not_freeze_it_and_a_colleague_does(self, world: World, ana: User, door: str) -> None:
        performer = world.performer()
        stories.becomes_staff(performer.user, Staff.FINANCE)
        world.earns(performer, "100.00")
        run = operations.close_week(week=a_week(), currency="usd", by=acting.of_user(ana), at=world.now)
        freezes(performer.user, run, door)
        run.refresh_from_db()
        assert (run.state, run.items.count()) == (RunState.DRAFT, 0)
        freezes(ana, run, door)
        run.refresh_from_db()
        assert run.state == RunState.FROZEN
