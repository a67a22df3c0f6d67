import sys
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from callboard.clockwork import Clockwork, steps
from callboard.demo.stripe_hands import Hands
from callboard.demo.video import Video
from callboard.embedded import addresses, environment, house_clock
from callboard.settings import connections
from kit import clock
from kit.command import HouseCommand

NOW = "now"
LONGEST = timedelta(days=400)


def _instant(text: str) -> datetime | None:
    """None for "now"."""
    if text == NOW:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"an instant such as 2026-12-04T15:00:00Z, or now, not {text}") from error
    if at.tzinfo is None:
        raise ArgumentTypeError(f"{text} lacks its zone: end it with Z for UTC")
    return at.astimezone(UTC)


def _seconds(text: str) -> timedelta:
    if not text.isdecimal() or not 1 <= int(text) <= 86_400:
        raise ArgumentTypeError(f"from 1 to 86400 seconds, not {text}")
    return timedelta(seconds=int(text))


class Command(HouseCommand):
    help = (
        "Move the clock of the embedded house forward, and with it the sandboxes', doing on the way what beat would. "
        "Only while `make run` is up; never in production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            type=_instant,
            required=True,
            help="An instant ahead, as 2026-12-04T15:00:00Z; or now, back to real time. Stripe's clock never goes back.",
        )
        parser.add_argument(
            "--step", type=_seconds, default=timedelta(hours=1), help="Seconds from tick to tick, 3600."
        )
        parser.add_argument(
            "--by-hand",
            action="store_true",
            help="Say each step, and go on with a line of standard input, so that something happens at it; end with its end.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _require_embedded()
        to: datetime | None = options["to"]
        if to is None:
            house_clock.run_true()
            _show(Video(environment.video_url()), at=clock.now())
        else:
            try:
                self._pass_time(since=clock.now(), to=to, step=options["step"], by_hand=options["by_hand"])
            except requests.ConnectionError as error:
                raise CommandError(
                    f"The sandbox does not answer at {settings.STRIPE_API_BASE}: start the house with `make run` first."
                ) from error
        self.stdout.write(f"It is {clock.now():%Y-%m-%dT%H:%M:%SZ} in this house.")

    def _pass_time(self, *, since: datetime, to: datetime, step: timedelta, by_hand: bool) -> None:
        if to < since:
            raise CommandError(
                f"It is {since:%Y-%m-%dT%H:%M:%SZ} in this house, and its clock moves forward only. "
                "With --to now it shows real time again."
            )
        if to - since > LONGEST:
            raise CommandError(f"At most {LONGEST.days} days at once.")
        stripe, video = Hands(settings.STRIPE_API_BASE), Video(environment.video_url())
        clockwork = Clockwork(settings.CELERY["beat_schedule"], since=since)
        for at in steps(since=since, to=to, step=step):
            # Stripe's first: where no sandbox answers, nothing has moved.
            stripe.clock_shows(at)
            _show(video, at=at)
            # The clock runs on while ticks are done: where they took longer than the step, it is past it already.
            if at > clock.now():
                house_clock.move_to(at)
            clockwork.tick(at=at)
            if by_hand and not self._goes_on(at):
                break

    def _goes_on(self, at: datetime) -> bool:
        self.stdout.write(f"{at:%Y-%m-%dT%H:%M:%SZ}")
        self.stdout.flush()
        return bool(sys.stdin.readline())


def _show(video: Video, *, at: datetime) -> None:
    """LiveKit's stand-in, where the house was started with it, goes by the house's clock."""
    if video.is_there():
        video.clock_shows(at, frozen=False)


def _require_embedded() -> None:
    """Raises CommandError where this is no laptop's house: other settings, or parts that the home does not own."""
    embedded = (
        clock.runs_by(house_clock.offset)
        and connections.database_url() == addresses.database_url()
        and environment.sandbox_url() == settings.STRIPE_API_BASE
    )
    if not embedded:
        raise CommandError(
            "Only the embedded house has a clock that moves: callboard.settings.local with its own database and sandbox."
        )
