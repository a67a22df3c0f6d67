"""Children that cannot outlive us, and strangers that we never signal."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

_PR_SET_PDEATHSIG = 1
# Looked up before any fork: a child of a process with threads must not load a library.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
Bounds = Sequence[tuple[signal.Signals, float]]


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    run_as: pwd.struct_passwd | None = None,
    on_our_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, its output appended to `log`.

    The kernel sends it `on_our_death` when the calling thread ends, kill -9 included (Linux, prctl(2)).
    """
    user: dict[str, Any] = {}
    if run_as is not None:
        user = {"user": run_as.pw_uid, "group": run_as.pw_gid, "extra_groups": []}
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 -- callers pass their own programs
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            start_new_session=True,
            preexec_fn=_tie(os.getpid(), on_our_death),  # noqa: PLW1509 -- one system call, already looked up
            **user,
        )


def stop(child: subprocess.Popen[bytes], bounds: Bounds) -> int:
    """Send each signal in turn and wait its seconds; return the child's exit status as soon as it has one."""
    for sent, wait_s in bounds:
        if child.poll() is None:
            child.send_signal(sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(wait_s)
    child.kill()
    return child.wait()


def has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether the child ended, without taking its status: its number, and so its group's, stays reserved."""
    if child.returncode is not None:
        return True
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def end_group(child: subprocess.Popen[bytes], *, after_s: float = 0.0) -> int:
    """Ask the child to end, wait, then kill what is left of it and its children; return its status."""
    if child.returncode is not None:
        return child.returncode
    deadline = time.monotonic() + after_s
    if after_s and not has_ended(child):
        child.terminate()
    while not has_ended(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    # Before its status is taken, so that the group's number cannot have passed to a stranger.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    return child.wait()


def stop_leftover(pid: int, *, program: str, cwd: Path, bounds: Bounds) -> None:
    """End a server that an earlier keeper left behind; a process that merely has its number is let be.

    It is ours if it runs `program` with `cwd` as its folder, which no other home's server does.
    """
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        process = psutil.Process(pid)
        if not process.name().startswith(program) or Path(process.cwd()) != cwd:
            return
        for sent, wait_s in (*bounds, (signal.SIGKILL, 5.0)):
            # psutil compares the start time first: the number may have passed to another process.
            process.send_signal(sent)
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(wait_s)
                return


def _tie(parent: int, sent: signal.Signals) -> Callable[[], None]:
    def tie() -> None:
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(sent))
            if os.getppid() != parent:
                # We died between the fork and the call above.
                os._exit(1)

    return tie
