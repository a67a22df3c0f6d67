"""Finds a Chromium for the browser tests. As a program, installs Debian's where it is missing and that is possible."""

import functools
import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_INSTALL_S = 600
HOW_TO = "apt-get install --yes chromium"
WHY_SKIPPED = f"no Chromium: install one ({HOW_TO}) or name it in CHROMIUM"


@functools.cache
def find() -> str | None:
    """The path of a Chromium that runs: CHROMIUM if set, else one of the usual names."""
    given = os.environ.get("CHROMIUM")
    for candidate in [given] if given else map(shutil.which, _NAMES):
        if candidate is not None and _runs(candidate):
            return candidate
    return None


def _runs(path: str) -> bool:
    """Some systems ship a stub under this name that only says where to get the real one."""
    try:
        return (
            subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install() -> None:
    """Bounded, and no failure of it is an error: the browser tests then skip and say why."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (
        ["update"],
        ["install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"],
    ):
        command = ["apt-get", "--quiet", "--quiet", *words]
        try:
            done = subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_INSTALL_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return
        if done.returncode:
            return


def main() -> None:
    if find() is None and "CHROMIUM" not in os.environ and os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("Installing Chromium for the browser tests.\n")
        sys.stdout.flush()
        _install()
        find.cache_clear()
    if find() is None:
        sys.stdout.write(f"No Chromium: the browser tests will be skipped. To have them: {HOW_TO}\n")


if __name__ == "__main__":
    main()
