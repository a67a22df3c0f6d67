"""Programs that stay up while a test looks at them. Nothing of the product is imported here."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1]
LEAVES_S = 90


def plain_environment(**more: str) -> dict[str, str]:
    """What a person's own terminal would give it, and `more`: nothing of the tests' settings."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | more


@contextlib.contextmanager
def staying_up(
    command: Sequence[str], *, until: str, environment: dict[str, str], cwd: Path = PROJECT
) -> Iterator[str]:
    """Run it until the block ends, then press Ctrl-C; gives what it said up to the line with `until`.

    RuntimeError, with what it said, when it ends before.
    """
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield _said(process, until=until)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=LEAVES_S)
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _said(process: "subprocess.Popen[str]", *, until: str) -> str:
    said = ""
    for line in process.stdout or ():
        said += line
        if until in line:
            return said
    raise RuntimeError(said[-4000:])
