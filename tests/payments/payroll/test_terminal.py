"""`manage.py pay_run approve`: the named run, the hash that was seen, and who one is, by second factor, checked for real."""

import io
import json

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.access.roles import Staff
from accounts.identity.models import User
from payments.payroll.models import PayRun
from payments.payroll.states import RunState
from tests import stories, totp
from tests.payments.world import World


@pytest.fixture
def run(world: World) -> PayRun:
    world.earns(world.performer(), "100.00")
    return world.a_frozen_run()


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> "Typing":
    cache.clear()
    return Typing(monkeypatch)


class Typing:
    """Someone at the terminal, whose lines answer its questions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def __call__(self, *lines: str, act: str = "approve", **named: str) -> str:
        self.monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        out = io.StringIO()
        call_command(
            "pay_run",
            act,
            *[word for item in named.items() for word in (f"--{item[0]}", item[1])],
            stdout=out,
        )
        return out.getvalue()


def approver(world: World) -> User:
    return stories.person(world.approver)


def state(run: PayRun) -> RunState:
    return RunState(PayRun.objects.get(pk=run.pk).state)


class TestApproving:
    def test_takes_a_code_of_the_app(self, world: World, run: PayRun, types: Typing) -> None:
        who = approver(world)
        code = totp.code(stories.TOTP_SECRET)
        said = types(who.email, stories.PASSWORD, code, run=run.public_id, hash=run.content_hash)
        assert f"{run.public_id}  approved" in said
        approved = PayRun.objects.get(pk=run.pk)
        assert (approved.approved_by, approved.approved_hash) == (who, run.content_hash)
        world.sweep()
        assert state(run) == RunState.PAID

    def test_takes_a_recovery_code_once(self, world: World, run: PayRun, types: Typing) -> None:
        who = approver(world)
        code = stories.a_recovery_code_of(who)
        types(who.email, stories.PASSWORD, code, run=run.public_id, hash=run.content_hash)
        assert state(run) == RunState.APPROVED
        with pytest.raises(CommandError, match="That is not the code"):
            types(who.email, stories.PASSWORD, code, act="cancel", run=run.public_id, reason="A line.")
        assert state(run) == RunState.APPROVED

    def test_status_shows_the_hash_that_it_asks_for(self, run: PayRun, types: Typing) -> None:
        assert run.content_hash in types(act="status", run=run.public_id)
        out = io.StringIO()
        call_command("pay_run", "status", "--json", stdout=out)
        assert json.loads(out.getvalue())["hash"] == run.content_hash

    def test_takes_a_named_run_and_what_was_seen(self, world: World, run: PayRun, types: Typing) -> None:
        who = approver(world)
        with pytest.raises(CommandError, match="Name the run"):
            types(who.email, stories.PASSWORD, "1", hash=run.content_hash)
        with pytest.raises(CommandError, match="Say what you looked at"):
            types(who.email, stories.PASSWORD, "1", run=run.public_id)
        code = stories.a_recovery_code_of(who)
        with pytest.raises(CommandError, match="not what was frozen"):
            types(who.email, stories.PASSWORD, code, run=run.public_id, hash="0" * 64)
        assert state(run) == RunState.FROZEN

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"password": "wrong"}, "do not belong together"),
            ({"email": "nobody@example.org"}, "do not belong together"),
            ({"code": "000000"}, "That is not the code"),
            ({"code": ""}, "This field is required"),
        ],
    )
    def test_refuses_what_is_wrong(
        self, world: World, run: PayRun, types: Typing, typed: dict[str, str], said: str
    ) -> None:
        who = approver(world)
        right = {"email": who.email, "password": stories.PASSWORD, "code": stories.a_recovery_code_of(who)}
        with pytest.raises(CommandError, match=said):
            types(*(right | typed).values(), run=run.public_id, hash=run.content_hash)
        assert state(run) == RunState.FROZEN

    def test_refuses_whoever_has_no_second_factor(self, world: World, run: PayRun, types: Typing) -> None:
        user = stories.a_person()
        stories.says_yes_to_the_house(user, Staff.FINANCE)
        with pytest.raises(CommandError, match="takes a second factor"):
            types(user.email, stories.PASSWORD, "1", run=run.public_id, hash=run.content_hash)
        assert state(run) == RunState.FROZEN

    def test_refuses_who_froze_it(self, world: World, run: PayRun, types: Typing) -> None:
        fran = stories.person(world.freezer)
        code = stories.a_recovery_code_of(fran)
        with pytest.raises(CommandError, match="someone else in finance"):
            types(fran.email, stories.PASSWORD, code, run=run.public_id, hash=run.content_hash)

    def test_keeps_the_pace_of_the_log_in(
        self, world: World, run: PayRun, types: Typing, settings: Settings
    ) -> None:
        settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/5m/key"}
        who = approver(world)
        seen = {"run": run.public_id, "hash": run.content_hash}
        for _ in range(2):
            with pytest.raises(CommandError, match="do not belong together"):
                types(who.email, "wrong", "1", **seen)
        with pytest.raises(CommandError, match="wrong too often"):
            types(who.email, stories.PASSWORD, stories.a_recovery_code_of(who), **seen)
        assert state(run) == RunState.FROZEN
        cache.clear()
        for _ in range(2):
            with pytest.raises(CommandError, match="That is not the code"):
                types(who.email, stories.PASSWORD, "000000", **seen)
        with pytest.raises(CommandError, match="wrong too often"):
            types(who.email, stories.PASSWORD, stories.a_recovery_code_of(who), **seen)
        cache.clear()
        types(who.email, stories.PASSWORD, stories.a_recovery_code_of(who), **seen)
        assert state(run) == RunState.APPROVED
