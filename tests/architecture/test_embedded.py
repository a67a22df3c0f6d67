"""The embedded servers come up for whoever asks, survive kills and reboots, and go when nobody is left."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest

from callboard.demo.evidence import Move
from callboard.demo.video import Video
from callboard.embedded import addresses, environment, keeper, postgres, site, valkey
from callboard.embedded.supervisor import Process, Supervisor
from tests.processes import plain_environment

PREFERRED = 32_123  # as 8000 is of every checkout's web
ENSURE = "from callboard.embedded import keeper; keeper.ensure(durable=False); print('up', flush=True); "


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home with a short path, whose servers are gone when the test ends."""
    folder = Path(tempfile.mkdtemp(prefix="cb")).resolve()
    monkeypatch.setenv("CALLBOARD_HOME", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield folder
    keeper.release()
    until(lambda: not keeper.is_running())
    shutil.rmtree(folder)


def until(true: Callable[[], object], *, within_s: float = 15.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)


def user(then: str = "") -> "subprocess.Popen[str]":
    """Another process that uses the home until it is ended; returns when it has what it asked for."""
    process = subprocess.Popen(
        [sys.executable, "-c", ENSURE + (then or "import time; time.sleep(60)")],
        cwd=addresses.PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.slow
def test_the_house_plays_at_livekits_stand_in_when_asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes are told where LiveKit is, and what LiveKit tells arrives at the house's own door."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    with site.running(worker=False, beat=False, video=True) as up:
        assert up.video_url == up.environment["LIVEKIT_URL"] == environment.video_url()
        video = Video(str(up.video_url))
        now = datetime.now(UTC)
        video.happens("lobby", Move(now, "ann", leaves=False))
        assert video.inside("lobby") == {"ann"}
        until(video.is_quiet)
        video.happens("lobby", Move(now, "ann", leaves=True))
        until(video.is_quiet)


def test_without_being_asked_it_plays_in_its_own_room(home: Path) -> None:
    told = environment.child_environment(web_port=1, sandbox_port=2)
    assert "LIVEKIT_URL" not in told
    assert not Video(environment.video_url()).is_there()


SETTLE = """
import json, sys
from callboard.embedded import addresses as a
said = {"home": str(a.home()), "socket": str(a.socket_folder())}
said |= {name: a.settle_port(name) for name in ("sandbox", "video", "valkey")}
said |= {"web": a.settle_port("web", preferred=PREFERRED)}
print(json.dumps(said), flush=True)
sys.stdin.read()
"""


def started_in_a_clone(project: Path) -> "subprocess.Popen[str]":
    """A house in a copy of the checkout that has settled where it will be, and has started nothing yet."""
    embedded = Path("callboard", "embedded")
    shutil.copytree(addresses.PROJECT / embedded, project / embedded)
    return subprocess.Popen(
        [sys.executable, "-c", SETTLE.replace("PREFERRED", str(PREFERRED))],
        cwd=project,
        env=plain_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def server_pids(home: Path) -> list[int]:
    """The processes that work in the home's folders."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) in {home / "postgres", home / "valkey"}:
                found.append(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def keeper_pid(home: Path) -> int:
    return int(
        [line for line in (home / "keeper.log").read_text().splitlines() if " keeper " in line][-1].split()[
            -1
        ]
    )


def kept_rows() -> int:
    """Adds a row to what is kept and counts."""
    with psycopg.connect(addresses.database_url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


class TestEnsure:
    def test_twenty_processes_at_once_share_one_set(self, home: Path) -> None:
        # One core each would be kinder; what matters is that they all ask before anything runs.
        processes = [
            subprocess.Popen([sys.executable, "-c", ENSURE], cwd=addresses.PROJECT, stdout=subprocess.DEVNULL)
            for _ in range(20)
        ]
        assert [process.wait(60) for process in processes] == [0] * 20
        assert (home / "keeper.log").read_text().count(" started postgres") == 1

    def test_leaves_nothing_when_its_last_user_is_killed(self, home: Path) -> None:
        first, second = user(), user()
        end(first)
        time.sleep(1)
        assert postgres.answers()
        assert valkey.answers()
        end(second)
        until(lambda: not keeper.is_running())
        assert server_pids(home) == []

    def test_comes_back_with_its_data_after_kills(self, home: Path) -> None:
        keeper.ensure()
        assert kept_rows() == 1
        os.kill(keeper_pid(home), signal.SIGKILL)
        until(lambda: not keeper.is_running())
        keeper.ensure()
        assert kept_rows() == 2
        os.kill(int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        until(lambda: not postgres.answers())
        keeper.ensure()
        assert kept_rows() == 3
        os.kill(int((home / "valkey" / "valkey.pid").read_text()), signal.SIGKILL)
        until(lambda: not valkey.answers())
        keeper.ensure()

    def test_after_a_reboot_a_stranger_with_the_old_number_is_let_be(self, home: Path) -> None:
        end(user())
        until(lambda: not keeper.is_running())
        with subprocess.Popen(["sleep", "60"]) as stranger:
            # As the last run left them, were the machine switched off.
            lines = f"{stranger.pid}\n{home}/postgres\n1\n5432\n\n\n0 0\nready\n"
            (home / "postgres" / "postmaster.pid").write_text(lines)
            (home / "valkey" / "valkey.pid").write_text(f"{stranger.pid}\n")
            keeper.ensure(durable=False)
            assert stranger.poll() is None
            stranger.kill()

    def test_takes_another_port_where_a_stranger_has_it(self, home: Path) -> None:
        taken = addresses.port("valkey")
        with socket.create_server(("127.0.0.1", taken)):
            keeper.ensure(postgres=False, durable=False)
            assert addresses.port("valkey") != taken
            assert valkey.answers()
        assert not (home / "postgres").exists()

    def test_two_homes_do_not_touch_each_other(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        keeper.ensure(durable=False)
        assert kept_rows() == 1
        ours = addresses.port("valkey")
        with tempfile.TemporaryDirectory(prefix="a long way down ") as folder:
            # Longer than a socket's path may be, and with spaces.
            other = Path(folder).resolve() / ("x" * 90)
            with monkeypatch.context() as patch:
                patch.setenv("CALLBOARD_HOME", str(other))
                process = user()
                assert kept_rows() == 1
                assert addresses.port("valkey") != ours
                end(process)
                until(lambda: not keeper.is_running())
        assert kept_rows() == 2

    def test_two_clones_that_start_at_once_share_nothing(self, tmp_path: Path) -> None:
        """Not even a port on which neither listens yet."""
        clones = [started_in_a_clone(tmp_path / name) for name in ("one", "two")]
        assert all(clone.stdout is not None for clone in clones)
        said = [json.loads(clone.stdout.readline()) for clone in clones if clone.stdout is not None]
        for clone in clones:
            end(clone)
        assert said[0].keys() == said[1].keys() == {"home", "socket", "web", "sandbox", "video", "valkey"}
        assert len({value for each in said for value in each.values()}) == 2 * len(said[0])

    def test_nobody_else_can_enter(self, home: Path) -> None:
        keeper.ensure(durable=False)
        for folder in ("postgres", "run", "valkey"):
            assert (home / folder).stat().st_mode & 0o077 == 0
        environment.secrets()
        for file in ("services.json", "secrets.json"):
            assert (home / file).stat().st_mode & 0o077 == 0

    def test_forgets_a_home_that_was_removed(self, home: Path) -> None:
        process = user()
        (home / "users.lock").unlink()
        until(lambda: server_pids(home) == [])
        end(process)


class TestSupervisor:
    def test_starts_again_what_was_killed_and_stops_all(self, tmp_path: Path) -> None:
        environ = dict(os.environ)
        processes = [Process(name, ["sleep", "60"], environ) for name in ("one", "two")]
        with Supervisor(processes, tmp_path) as supervisor:
            first = supervisor.pid("two")
            supervisor.kill("two")
            until(lambda: supervisor.restarts("two") == 1)
            assert supervisor.restarts("one") == 0
            pids = [supervisor.pid("one"), supervisor.pid("two")]
            assert first not in pids
        assert not any(psutil.pid_exists(pid) for pid in pids if pid is not None)

    def test_its_children_end_with_it_when_it_is_killed(self, tmp_path: Path) -> None:
        code = (
            "import os, time; from pathlib import Path\n"
            "from callboard.embedded.supervisor import Process, Supervisor\n"
            f"with Supervisor([Process('one', ['sleep', '60'], dict(os.environ))], Path({str(tmp_path)!r})) as s:\n"
            "    print(s.pid('one'), flush=True); time.sleep(60)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=addresses.PROJECT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            child = int(process.stdout.readline())
            process.kill()
        until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
