"""The laptop's house clock: real time, or beside it by what a file in the home says, for all processes alike."""

from datetime import UTC, datetime, timedelta

from callboard.embedded import addresses


def offset() -> timedelta:
    """How far the house's clock is from the real one; zero where nobody moved it."""
    try:
        return timedelta(seconds=float((addresses.home() / "clock").read_text()))
    except (FileNotFoundError, ValueError):
        return timedelta(0)


def is_moved() -> bool:
    """Whether it shows another time than the real one."""
    return (addresses.home() / "clock").exists()


def now() -> datetime:
    """What it shows."""
    return datetime.now(UTC) + offset()


def move_to(instant: datetime) -> None:
    """Let it be `instant` in every process of this checkout, running on from there."""
    seconds = (instant - datetime.now(UTC)).total_seconds()
    aside = addresses.home() / "clock.new"
    aside.write_text(f"{seconds:.0f}")
    aside.replace(addresses.home() / "clock")


def run_true() -> None:
    """Back to real time."""
    (addresses.home() / "clock").unlink(missing_ok=True)
