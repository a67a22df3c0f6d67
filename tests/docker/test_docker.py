"""The files of docker/: linted, and each step and each process played in a plain folder, for want of an engine."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from callboard.embedded import addresses, binaries
from callboard.settings.parts import PARTS, SECRETS
from tests.docker import dockerfile
from tests.docker.dockerfile import PROJECT

DOCKER = PROJECT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())


def test_the_dockerfile_is_clean_to_its_linter() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", "--ignore", "DL3008", dockerfile.DOCKERFILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_image_is_pinned() -> None:
    images = [service["image"] for service in COMPOSE["services"].values() if "image" in service]
    images += [words for instruction, words in dockerfile.steps() if instruction == "FROM"]
    assert all(re.search(r":\d+\.\d+", image) for image in images), images


def test_no_secret_stands_in_the_environment_and_each_has_its_file() -> None:
    named = {name for service in COMPOSE["services"].values() for name in service.get("secrets", [])}
    assert named == COMPOSE["secrets"].keys()
    for part in PARTS:
        environment = COMPOSE["services"][part]["environment"]
        assert [name for name in environment if not name.endswith("_FILE")] == []
        assert [path for path in environment.values() if Path(path).name not in COMPOSE["secrets"]] == []


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_handed_the_secrets_that_it_needs_and_no_other(part: str) -> None:
    service = COMPOSE["services"][part]
    at = {Path(path).name: name.removesuffix("_FILE") for name, path in service["environment"].items()}
    assert {at[name] for name in service["secrets"]} == {name for name, of in SECRETS.items() if part in of}
    assert service.get("command", "web") == part


def test_every_part_sends_its_logs_to_another_machine_where_one_is_named() -> None:
    elsewhere = yaml.safe_load((DOCKER / "compose.logs.yaml").read_text())["services"]
    assert elsewhere.keys() == COMPOSE["services"].keys()
    for part in elsewhere.values():
        assert part["logging"]["driver"] == "syslog"
        assert part["logging"]["options"]["syslog-address"].startswith("tcp+tls://${SYSLOG:?")


def test_into_the_image_goes_what_runs_and_nothing_else() -> None:
    names = {str(name) for name in dockerfile.sent_to_the_engine()}
    assert {"manage.py", "docker/entrypoint", "requirements/base.lock", "callboard/wsgi.py"} <= names
    assert not [
        name for name in names if name.startswith(("tests/", ".git", ".env", ".callboard", "docker/secrets"))
    ]


def test_the_proxy_loosens_nothing_of_tls() -> None:
    """Caddy's own: TLS 1.2 and 1.3 with suites of forward secrecy, certificates of a public authority, renewed."""
    caddy = Path(sys.executable).parent / "caddy"
    words: list[str | Path] = [caddy, "adapt", "--config", DOCKER / "Caddyfile", "--adapter", "caddyfile"]
    read = json.loads(
        subprocess.check_output(words, env={"SITE": "callboard.org", "HOME": "/nonexistent"}, text=True)
    )
    servers = read["apps"]["http"]["servers"]
    assert [server["listen"] for server in servers.values()] == [[":443"], [":80"]]
    assert all("tls_connection_policies" not in server for server in servers.values())
    assert "tls" not in read["apps"]
    assert {server["automatic_https"]["disable_redirects"] for server in servers.values()} == {True}
    assert not any({"disable", "skip"} & server["automatic_https"].keys() for server in servers.values())


def run(script: str, *words: str, url: str) -> subprocess.CompletedProcess[str]:
    tools = str(Path(binaries.postgres("psql")).parent)
    return subprocess.run(
        [DOCKER / script, *words],
        env={"PATH": f"{tools}:/usr/bin:/bin", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


class TestBackup:
    def test_is_restored_into_an_empty_database_whole(self, database: str, tmp_path: Path) -> None:
        with psycopg.connect(database, autocommit=True) as books:
            books.execute("CREATE TABLE pay (id bigint PRIMARY KEY, minor bigint CHECK (minor > 0))")
            books.execute("INSERT INTO pay SELECT n, n * 7400 FROM generate_series(1, 5000) n")
        made = run("backup", str(tmp_path), url=database)
        assert made.returncode == 0, made.stderr
        with psycopg.connect(database, autocommit=True) as books:
            books.execute("DROP TABLE pay")
        restored = run("restore", made.stdout.strip(), url=database)
        assert restored.returncode == 0, restored.stderr
        with psycopg.connect(database) as books:
            assert books.execute("SELECT count(*), sum(minor) FROM pay").fetchone() == (
                5000,
                7400 * 12_502_500,
            )
        assert (tmp_path / Path(made.stdout.strip()).name).stat().st_mode & 0o077 == 0

    def test_is_not_restored_over_what_is_there(self, database: str, tmp_path: Path) -> None:
        with psycopg.connect(database, autocommit=True) as books:
            books.execute("CREATE TABLE pay (id bigint PRIMARY KEY)")
        made = run("backup", str(tmp_path), url=database)
        refused = run("restore", made.stdout.strip(), url=database)
        assert refused.returncode == 1
        assert "Restore into an empty one" in refused.stderr

    def test_that_breaks_off_leaves_nothing_that_passes_for_one(self, tmp_path: Path) -> None:
        broken = run("backup", str(tmp_path), url="postgresql://nobody@127.0.0.1:1/none")
        assert broken.returncode != 0
        assert not list(tmp_path.glob("*.dump"))


@pytest.mark.slow_run
def test_each_step_of_the_image_runs_and_its_web_answers_the_probe(database: str, tmp_path: Path) -> None:
    environment = dockerfile.build(tmp_path)
    work, port = tmp_path / "srv", _free_port()
    entrypoint = [work / "docker" / "entrypoint"]
    local = {
        "DJANGO_SETTINGS_MODULE": "callboard.settings.local",
        "CALLBOARD_HOME": str(tmp_path / "home"),
        "DATABASE_URL": database,
        "REDIS_URL": addresses.redis_url(),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
    }
    environment |= local
    subprocess.run([*entrypoint, "migrate"], cwd=work, env=environment, check=True, timeout=120)
    subprocess.run([*entrypoint, "audit"], cwd=work, env=environment, check=True, timeout=120)
    web = subprocess.Popen([*entrypoint, "web"], cwd=work, env=environment)
    try:
        for _ in range(60):
            asked = subprocess.run([*entrypoint, "probe"], cwd=work, env=environment, check=False)
            if asked.returncode == 0:
                break
            time.sleep(0.5)
        assert asked.returncode == 0
    finally:
        web.terminate()
        web.wait(timeout=30)
    assert subprocess.run([*entrypoint, "probe"], cwd=work, env=environment, check=False).returncode == 1
    shutil.rmtree(tmp_path / "venv")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
