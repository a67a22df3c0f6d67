"""Above a total more than one person signs, and each up to a limit."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import Settings

from accounts.access.roles import Staff
from accounts.identity import operations as people
from accounts.identity.models import User
from accounts.keys import acting
from accounts.notifications.models import Notification
from callboard.settings.signatures import run_signatures
from payments.control import audit
from payments.payroll import limits, off_cycle, operations
from payments.payroll.models import PayRun, RunSignature, SigningLimit
from payments.payroll.states import RunState
from tests import stories
from tests.accounts.browsing import (
    Api,
    body_of,
    code_of,
    logs_in,
)
from tests.payments.payroll.approvals import by_api, by_page, is_paid, reads_payday, reads_text, state
from tests.payments.world import World, usd


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
