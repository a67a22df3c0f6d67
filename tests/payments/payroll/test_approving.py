"""A second person approves, through every door that there is: the page, the API in a browser's session, an app's token."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.access.roles import Staff
from accounts.audit.models import AuditEvent
from accounts.identity import operations as people
from accounts.identity.models import User
from accounts.keys import acting
from accounts.notifications.models import Notification
from callboard.settings.signatures import run_signatures
from kit import clock
from payments.control import audit
from payments.payroll import limits, off_cycle, operations
from payments.payroll.models import PayRun, RunSignature, SigningLimit
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
    proves,
    proves_in_an_app,
)
from tests.payments.world import World, a_week, usd

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


def gives_the_second_factor(client: Client, user: User) -> HttpResponse:
    return proves(client, user, next=reverse("payday"))


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


def reads_payday(client: Client) -> str:
    """What the page says now, as it is read."""
    return html.unescape(client.get(reverse("payday")).content.decode())


def reads_text(client: Client) -> str:
    return re.sub(r"<[^>]+>", "", reads_payday(client))


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


@pytest.fixture
def two_sign(settings: Settings) -> None:
    """Above 50 dollars two people sign beside whoever froze."""
    settings.RUN_SIGNATURES = {"usd": {usd("50.00"): 2}}


@pytest.fixture
def cleo() -> User:
    return stories.a_member_of_staff(Staff.FINANCE)


@pytest.fixture
def root() -> User:
    return stories.a_member_of_staff(Staff.ADMIN)


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("id").values_list("title", flat=True))


def leaves_finance(user: User, root: User, at: datetime) -> None:
    people.withdraw(user=user, role=Staff.FINANCE, by=replace(acting.of_user(root), proved_at=at), at=at)


def a_limit(signer: User, root: User, limit: str) -> HttpResponse:
    sent = {"currency": "usd", "limit": limit, "reason": "New here."}
    return logs_in(root).post(reverse("signer_limit", args=[signer.public_id]), sent)  # type: ignore[return-value] # as above


@pytest.mark.usefixtures("two_sign")
class TestMoreThanOneSigns:
    def test_the_first_signature_pays_nobody_and_the_second_does(
        self, world: World, run: PayRun, ana: User, cleo: User, fran: User
    ) -> None:
        finance = logs_in(ana)
        page = finance.get(reverse("payday")).content.decode()
        assert "Sign for 100.00 USD" in page
        assert ana.name in page
        assert cleo.name in page
        by_page(finance, run)
        assert "You have signed" in reads_payday(finance)
        assert not is_paid(world, run)
        assert told(cleo) == ["A pay run of 100.00 USD waits for signatures"]
        answer = body_of(by_api(Api(client=logs_in(cleo)), run))
        assert (answer["state"], [one["name"] for one in answer["signatures"]]) == (
            "approved",
            [ana.name, cleo.name],
        )
        assert is_paid(world, run)

    def test_one_person_twice_is_one_signature(
        self, world: World, run: PayRun, ana: User, cleo: User
    ) -> None:
        api = Api(client=logs_in(ana))
        first = body_of(by_api(api, run))
        world.wait(seconds=1)
        assert body_of(by_api(api, run)) == first
        assert (state(run), len(told(cleo))) == (RunState.FROZEN, 1)

    def test_who_froze_it_is_none_of_the_two(
        self, world: World, run: PayRun, ana: User, fran: User, cleo: User
    ) -> None:
        by_page(logs_in(ana), run)
        assert code_of(by_api(Api(client=logs_in(fran)), run)) == "approver_is_creator"
        assert state(run) == RunState.FROZEN
        by_page(logs_in(cleo), run)
        assert is_paid(world, run)

    @pytest.mark.parametrize("door", ["page", "api"])
    def test_a_signature_taken_back_counts_no_more_and_can_be_given_again(
        self, world: World, run: PayRun, ana: User, cleo: User, door: str
    ) -> None:
        client = logs_in(ana)
        by_page(client, run)
        assert "Take my signature back" in reads_payday(client)
        if door == "page":
            client.post(reverse("payday_take_back", args=[run.public_id]))
        else:
            back = body_of(Api(client=client).post(f"pay-runs/{run.public_id}/take-back"))
            assert back["signatures"] == []
        assert code_of(Api(client=client).post(f"pay-runs/{run.public_id}/take-back")) == "not_signed"
        assert told(cleo)[-1] == "A signature for a pay run of 100.00 USD was taken back"
        assert f"{ana.name} took theirs back." in Notification.objects.filter(user=cleo).latest("id").body
        by_page(logs_in(cleo), run)
        assert state(run) == RunState.FROZEN
        by_page(client, run)
        assert is_paid(world, run)
        assert (
            code_of(Api(client=client).post(f"pay-runs/{run.public_id}/take-back")) == "run_already_approved"
        )

    def test_of_a_cancelled_run_nothing_is_taken_back_and_the_audit_is_clean(
        self, world: World, run: PayRun, ana: User, cleo: User, fran: User
    ) -> None:
        for user in (ana, cleo):
            by_page(logs_in(user), run)
        body_of(Api(client=logs_in(fran)).post(f"pay-runs/{run.public_id}/cancel", {"reason": "Wrong."}))
        api = Api(client=logs_in(ana))
        assert code_of(api.post(f"pay-runs/{run.public_id}/take-back")) == "illegal_state"
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            RunSignature.objects.filter(run=run).update(taken_back_at=world.now)
        assert [rule.code for rule in audit.run(at=world.now) if not rule.ok] == []

    def test_parts_of_a_week_beside_it_count_as_one(self, world: World, fran: User, ana: User) -> None:
        first, second = (world.performer(name) for name in ("Sam", "Tam"))
        for each in (first, second):
            world.earns(each, "40.00")
        runs = [
            operations.freeze(
                run=off_cycle.open_run(
                    performers=[each], currency="usd", reason="Rent.", by=world.freezer, at=world.now
                ),
                by=world.freezer,
                at=world.now,
            )
            for each in (first, second)
        ]
        assert [one.signatures_needed for one in runs] == [1, 2]

    def test_a_signature_of_somebody_who_left_finance_is_anothers_to_give(
        self, world: World, run: PayRun, ana: User, cleo: User, root: User
    ) -> None:
        by_page(logs_in(ana), run)
        leaves_finance(ana, root, world.now)
        by_page(logs_in(cleo), run)
        assert state(run) == RunState.FROZEN
        by_page(logs_in(stories.a_member_of_staff(Staff.FINANCE)), run)
        assert is_paid(world, run)

    def test_whoever_comes_back_counts_again(
        self, world: World, run: PayRun, ana: User, cleo: User, root: User
    ) -> None:
        by_page(logs_in(ana), run)
        leaves_finance(ana, root, world.now)
        by_page(logs_in(cleo), run)
        stories.becomes_staff(ana, Staff.FINANCE)
        finance = logs_in(cleo)
        assert "Approve and pay" in reads_payday(finance)
        by_page(finance, run)
        assert is_paid(world, run)

    def test_how_many_is_fixed_when_it_is_frozen(self, run: PayRun, ana: User, settings: Settings) -> None:
        settings.RUN_SIGNATURES = {}
        by_page(logs_in(ana), run)
        assert state(run) == RunState.FROZEN

    def test_the_database_approves_no_run_with_a_signature_too_few(
        self, world: World, run: PayRun, ana: User, cleo: User
    ) -> None:
        by_page(logs_in(ana), run)
        approved = {"approved_by": cleo, "approved_at": world.now, "approved_hash": run.content_hash}
        frozen = PayRun.objects.filter(pk=run.pk)
        with pytest.raises(IntegrityError, match="as many people as it needs"), transaction.atomic():
            frozen.update(state=RunState.APPROVED, **approved)
        with pytest.raises(IntegrityError, match="as when it was frozen"), transaction.atomic():
            frozen.update(signatures_needed=1)

    def test_nobody_left_to_sign_is_said_with_what_to_do(self, run: PayRun, ana: User, root: User) -> None:
        for signer in limits.signers(currency="usd"):
            a_limit(signer.user, root, "99.99" if signer.user != ana else "")
        client = logs_in(ana)
        by_page(client, run)
        assert "nobody else: administration" in reads_text(client)


class TestALimit:
    def test_is_what_somebody_signs_for_to_the_cent(
        self, world: World, run: PayRun, ana: User, root: User
    ) -> None:
        a_limit(ana, root, "99.99")
        assert told(ana) == ["How much you sign for has changed"]
        api = Api(client=logs_in(ana))
        assert code_of(by_api(api, run)) == "above_your_limit"
        assert "You sign for at most 99.99 USD, and this run is 100.00 USD." in reads_payday(api.client)
        a_limit(ana, root, "100.00")
        assert body_of(by_api(api, run))["state"] == "approved"
        assert is_paid(world, run)

    def test_is_not_walked_around_by_parts_of_a_week(
        self, world: World, fran: User, ana: User, root: User
    ) -> None:
        a_limit(ana, root, "60.00")
        runs = []
        for name in ("Sam", "Tam"):
            performer = world.performer(name)
            world.earns(performer, "40.00")
            opened = off_cycle.open_run(
                performers=[performer], currency="usd", reason="Rent.", by=world.freezer, at=world.now
            )
            runs.append(operations.freeze(run=opened, by=world.freezer, at=world.now))
        assert code_of(by_api(Api(client=logs_in(ana)), runs[1])) == "above_your_limit"
        operations.cancel(run=runs[0], reason="Not now.", by=world.freezer, at=world.now)
        assert body_of(by_api(Api(client=logs_in(ana)), runs[1]))["state"] == "approved"

    def test_is_lifted_by_none(self, world: World, run: PayRun, ana: User, root: User) -> None:
        a_limit(ana, root, "0")
        assert code_of(by_api(Api(client=logs_in(ana)), run)) == "above_your_limit"
        a_limit(ana, root, "")
        by_page(logs_in(ana), run)
        assert is_paid(world, run)

    def test_is_set_for_others_in_finance_by_administration_alone(
        self, ana: User, cleo: User, root: User
    ) -> None:
        stories.becomes_staff(root, Staff.FINANCE)
        assert a_limit(root, root, "5.00").status_code == HTTPStatus.FORBIDDEN
        assert a_limit(stories.a_person(), root, "5.00").status_code == HTTPStatus.NOT_FOUND
        assert a_limit(ana, cleo, "5.00").status_code == HTTPStatus.FORBIDDEN
        assert a_limit(ana, root, "five").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert limits.limit_of(ana.pk, "usd") is None
        assert a_limit(ana, root, "5.00").status_code == HTTPStatus.FOUND
        assert limits.limit_of(ana.pk, "usd") == usd("5.00")
        assert limits.limit_of(root.pk, "usd") is None

    def test_rows_are_never_rewritten(self, world: World, run: PayRun, ana: User, root: User) -> None:
        a_limit(ana, root, "500.00")
        by_page(logs_in(ana), run)
        a_limit(ana, root, "5.00")
        signature = RunSignature.objects.get(run=run)
        assert signature.limit_minor == usd("500.00")
        with pytest.raises(IntegrityError), transaction.atomic():
            SigningLimit.objects.update(limit_minor=None)
        with pytest.raises(IntegrityError), transaction.atomic():
            RunSignature.objects.update(limit_minor=None)
        assert is_paid(world, run)


@pytest.mark.parametrize(
    "given",
    [
        [],
        {"usd": 2},
        {"usd": {"ten": 2}},
        {"usd": {"10": 0}},
        {"usd": {"-1": 2}},
        {"usd": {"10": 10}},
        {"dollars": {"10": 2}},
        {"USD": {"10": 2}},
        {"usb": {"10": 2}},
    ],
)
def test_a_setting_that_says_nothing_clear_is_refused(given: object) -> None:
    with pytest.raises(ImproperlyConfigured, match="RUN_SIGNATURES"):
        run_signatures(given, currencies=("usd",))
    assert run_signatures({"usd": {"10000000": 2}}, currencies=("usd",)) == {"usd": {10_000_000: 2}}


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


def approves(user: User, run: PayRun, door: str) -> HttpResponse:
    return by_page(logs_in(user), run) if door == "page" else by_api(Api(client=logs_in(user)), run)


def freezes(user: User, run: PayRun, door: str) -> HttpResponse:
    client = logs_in(user)
    if door == "page":
        return client.post(reverse("payday_freeze", args=[run.public_id]))  # type: ignore[return-value] # as above
    return Api(client=client).post(f"pay-runs/{run.public_id}/freeze")
