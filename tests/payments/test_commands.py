"""The commands of payday where Stripe is away, or a rule says no: one sentence each, and an exit code that is not 0."""

import io
import socket

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.access.roles import Staff
from payments.gateway import client
from tests import stories
from tests.payments.world import World, a_week


def says(name: str, *arguments: str) -> str:
    """What the command says where it refuses."""
    with pytest.raises(CommandError) as refused:
        call_command(name, *arguments, stdout=io.StringIO(), stderr=io.StringIO())
    return str(refused.value)


@pytest.fixture
def stripe_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """Nothing listens where Stripe should be; returns where."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setattr(client, "_http", None)
    return str(settings.STRIPE_API_BASE)


class TestStripeAway:
    def test_books_are_not_compared(self, stripe_away: str) -> None:
        said = f"Stripe does not answer at {stripe_away}. Nothing was changed; try again when it does."
        assert says("reconcile") == said

    @pytest.mark.usefixtures("stripe_away")
    def test_a_week_is_closed_and_a_run_is_looked_at_without_it(self, world: World) -> None:
        world.earns(world.performer(account=False), "10.00")
        out = io.StringIO()
        call_command("close_week", "--week", str(a_week().starts_on), stdout=out)
        call_command("pay_run", "status", stdout=out)
        assert "1 lines became earnings" in out.getvalue()
        assert "draft" in out.getvalue()

    def test_a_key_that_stripe_does_not_take_is_said(self, world: World, settings: Settings) -> None:
        settings.STRIPE_SECRET_KEY = "nonsense"
        assert says("reconcile").startswith("Stripe refused: Invalid API Key")


def test_a_rule_that_says_no_is_a_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.earns(world.performer(account=False), "10.00")
    run = world.pays()
    finance = stories.a_member_of_staff(Staff.FINANCE)
    act = ["pay_run", "cancel", "--run", run.public_id, "--reason", "Too late."]
    typed = f"{finance.email}\n{stories.PASSWORD}\n{stories.a_recovery_code_of(finance)}\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert says(*act) == "The pay run is paid, so it cannot become cancelled."
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{finance.email}\nwrong\n"))
    assert says(*act) == "That address and password do not belong together."
