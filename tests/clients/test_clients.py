"""Clients made from openapi.yaml by others' generators: type-checked, and each plays a journey against the running site."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer

from tests import stories

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
DOCUMENT = PROJECT / "openapi.yaml"
BIN = Path(sys.executable).parent
pytestmark = pytest.mark.slow


def run(*words: str | Path, within: Path, **environment: str) -> None:
    """Run a program; what it said is shown where it fails."""
    done = subprocess.run(
        list(map(str, words)),
        cwd=within,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{words}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"


@pytest.fixture
def session_token(live_server: LiveServer) -> str:
    """An app's person, logged in as apps do, with the second factor that an owner needs."""
    user = stories.a_person()
    stories.sets_up_a_second_factor(user)
    auth = f"{live_server.url}/_allauth/app/v1/auth"
    asked = httpx.post(f"{auth}/login", json={"email": user.email, "password": stories.PASSWORD})
    answer = httpx.post(
        f"{auth}/2fa/authenticate",
        json={"code": stories.a_recovery_code_of(user)},
        headers={"X-Session-Token": asked.json()["meta"]["session_token"]},
    )
    token: str = answer.json()["meta"]["session_token"]
    return token


def test_the_python_client_is_typed_and_plays_a_companys_journey(
    live_server: LiveServer, session_token: str, tmp_path: Path
) -> None:
    client = tmp_path / "callboard_client"
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    run(
        BIN / "openapi-python-client", "generate", "--path", DOCUMENT, "--output-path", client,
        "--meta", "none", "--config", HERE / "python_client.yaml", "--fail-on-warning",
        within=tmp_path, PATH=path,
    )  # fmt: skip
    journey = HERE / "python_journey.py"
    run(
        BIN / "mypy", "--strict", "--config-file=", "--follow-imports=silent", journey,
        within=tmp_path, MYPYPATH=str(tmp_path),
    )  # fmt: skip
    run(sys.executable, journey, live_server.url, session_token, within=tmp_path, PYTHONPATH=str(tmp_path))


def _node_modules(package: Path) -> Path:
    """The packages that package.json names, installed once for each version of it."""
    name = hashlib.sha256(package.read_bytes()).hexdigest()[:12]
    home = PROJECT / ".callboard" / "npm" / name
    if not (home / "node_modules" / ".done").exists():
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(package, home)
        run("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent", within=home)
        (home / "node_modules" / ".done").touch()
    return home / "node_modules"


@pytest.mark.skipif(
    shutil.which("npm") is None, reason="no Node.js: install one to check the TypeScript client"
)
def test_the_typescript_client_is_type_checked_and_plays_a_performers_journey(
    live_server: LiveServer, session_token: str, tmp_path: Path
) -> None:
    for name in ("journey.ts", "package.json", "tsconfig.json"):
        shutil.copy(HERE / "typescript" / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(_node_modules(HERE / "typescript" / "package.json"))
    tools = tmp_path / "node_modules" / ".bin"
    run(tools / "openapi-typescript", DOCUMENT, "--output", "api.ts", within=tmp_path)
    run(tools / "tsc", "--project", "tsconfig.json", within=tmp_path)
    run("node", "out/journey.js", live_server.url, session_token, within=tmp_path)
