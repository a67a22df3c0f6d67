"""Plays a Dockerfile's steps in a plain folder, since there is no engine here: what is copied, run and started is the same."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
DOCKERFILE = PROJECT / "docker" / "Dockerfile"


def steps() -> list[tuple[str, str]]:
    """Instruction and words of each step, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", DOCKERFILE.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def sent_to_the_engine() -> list[Path]:
    """The files of the project that .dockerignore lets through."""
    kept = [
        line.removeprefix("!")
        for line in (PROJECT / ".dockerignore").read_text().splitlines()
        if line[:1] == "!"
    ]
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=PROJECT, text=True)
    return [
        Path(name)
        for name in listed.splitlines()
        if any(name == each or name.startswith(f"{each}/") for each in kept) and (PROJECT / name).is_file()
    ]


def build(folder: Path) -> dict[str, str]:
    """Play every step below `folder`; the environment that a container would have. Raises CalledProcessError."""
    work = folder / "srv"
    work.mkdir(parents=True)
    environment = {"PATH": f"{folder / 'venv' / 'bin'}:{os.environ['PATH']}", "HOME": str(folder)}
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    for instruction, words in steps():
        match instruction:
            case "ENV":
                environment |= dict(pair.split("=", 1) for pair in words.split())
            case "COPY":
                _copy(words.split()[0], work)
            case "RUN" if not words.startswith(("useradd", "apt-get")):
                said = re.sub(r"CALLBOARD_HOME=\S+", f"CALLBOARD_HOME={folder / 'build'}", words)
                subprocess.run(["sh", "-c", said], cwd=work, env=environment, check=True)
    return environment


def _copy(what: str, work: Path) -> None:
    for name in sent_to_the_engine():
        if what == "." or name == Path(what):
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, work / name)
