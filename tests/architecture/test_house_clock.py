"""A house's clock moves forward on a laptop and nowhere else, and what falls due on the way is done."""

import os
import runpy
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from accounts.audit import operations as audit
from accounts.audit.models import AuditSeal
from accounts.keys.acting import of_user
from callboard import clockwork
from callboard.celery import app
from kit import clock
from tests import stories

PROJECT = Path(__file__).parents[2]
STRONG: dict[str, str] = runpy.run_path(str(PROJECT / ".ci" / "check_deploy.py"))["ENVIRONMENT"]
START = datetime(2026, 12, 1, 9, tzinfo=UTC)


def says(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`manage.py house_clock …` with this environment alone."""
    command = [sys.executable, "manage.py", "house_clock", *words]
    kept = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=PROJECT, env=kept | environment, capture_output=True, text=True, check=False
    )


def here(home: Path, **environment: str) -> dict[str, str]:
    return {"CALLBOARD_HOME": str(home), "DJANGO_SETTINGS_MODULE": "callboard.settings.local", **environment}


class TestOnALaptop:
    """These need no server: the clock is a file, and time that does not pass has no ticks."""

    def test_goes_back_to_real_time(self, tmp_path: Path) -> None:
        (tmp_path / "clock").write_text("86400")
        said = says("--to", "now", **here(tmp_path))
        assert (said.returncode, said.stderr) == (0, "")
        assert said.stdout.startswith(f"It is {datetime.now(UTC):%Y-%m-%dT%H:}")
        assert not (tmp_path / "clock").exists()

    def test_does_not_go_back_otherwise(self, tmp_path: Path) -> None:
        (tmp_path / "clock").write_text("86400")
        said = says("--to", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", **here(tmp_path))
        assert said.returncode == 1
        assert "moves forward only" in said.stderr
        assert (tmp_path / "clock").read_text() == "86400"

    @pytest.mark.parametrize("to", ["tomorrow", "2026-12-04T15:00:00", "9999-12-31T00:00:00Z"])
    def test_refuses_an_instant_that_is_none(self, tmp_path: Path, to: str) -> None:
        assert says("--to", to, **here(tmp_path)).returncode != 0
        assert not (tmp_path / "clock").exists()

    def test_moves_nothing_where_no_house_is_up(self, tmp_path: Path) -> None:
        said = says("--to", f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}", **here(tmp_path))
        assert said.returncode == 1
        assert "start the house with `make run` first" in said.stderr
        assert not (tmp_path / "clock").exists()


class TestElsewhere:
    ONLY = "Only the embedded house has a clock that moves"

    def test_is_refused_in_production(self, tmp_path: Path) -> None:
        said = says("--to", "now", **(STRONG | {"CALLBOARD_HOME": str(tmp_path)}))
        assert said.returncode == 1
        assert self.ONLY in said.stderr

    @pytest.mark.parametrize(
        "environment",
        [
            {"DJANGO_SETTINGS_MODULE": "callboard.settings.test"},
            {"DATABASE_URL": "postgresql://u@127.0.0.1/elsewhere"},
            {"STRIPE_API_BASE": "https://api.stripe.com"},
        ],
        ids=["tests", "database", "stripe"],
    )
    def test_is_refused_where_a_part_is_not_the_homes_own(
        self, tmp_path: Path, environment: dict[str, str]
    ) -> None:
        said = says("--to", "now", **here(tmp_path, **environment))
        assert said.returncode == 1
        assert self.ONLY in said.stderr


class TestClockwork:
    def test_all_that_beat_would_do_is_known(self) -> None:
        works = clockwork.Clockwork(settings.CELERY["beat_schedule"], since=START)
        due = works.due(at=START + timedelta(days=1))
        assert set(due) <= set(app.tasks)
        assert len(due) == len(settings.CELERY["beat_schedule"])

    def test_each_when_its_interval_is_over_and_once(self) -> None:
        schedule = {
            "often": {"task": "audit.seal", "schedule": 5},
            "rare": {"task": "privacy.retention", "schedule": 60},
        }
        works = clockwork.Clockwork(schedule, since=START)
        assert works.due(at=START + timedelta(seconds=4)) == []
        assert works.due(at=START + timedelta(seconds=5)) == ["audit.seal"]
        assert works.due(at=START + timedelta(hours=1)) == ["audit.seal", "privacy.retention"]

    @pytest.mark.django_db
    def test_a_step_does_what_falls_due(self) -> None:
        person = stories.a_person()
        audit.record(verb="user.updated", thing=person, by=of_user(person), at=clock.now())
        works = clockwork.Clockwork({"seal": {"task": "audit.seal", "schedule": 60}}, since=START)
        assert works.tick(at=START + timedelta(seconds=59)) == []
        assert not AuditSeal.objects.exists()
        assert works.tick(at=START + timedelta(seconds=60)) == ["audit.seal"]
        assert AuditSeal.objects.get().events > 0

    def test_steps_end_where_they_are_to(self) -> None:
        to = START + timedelta(minutes=150)
        assert list(clockwork.steps(since=START, to=to, step=timedelta(hours=1))) == [
            START + timedelta(hours=1),
            START + timedelta(hours=2),
            to,
        ]
        assert list(clockwork.steps(since=START, to=START, step=timedelta(hours=1))) == []
