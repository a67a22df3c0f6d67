import json
import shutil
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from callboard.demo import begun, casting, payday, people, review, sessions, waiting
from callboard.demo.doors import Refused
from callboard.demo.plan import make_plan
from callboard.demo.report import Report, make_report
from callboard.demo.stage import Stage
from callboard.demo.stripe_hands import Hands
from callboard.demo.video import Video
from callboard.embedded import addresses, house_clock, keeper, site, supervisor
from kit import clock
from kit.command import HouseCommand
from kit.money import Money
from marketplace.presence.calendar import monday_of, week_dates
from marketplace.timekeeping.weeks import ensure_week
from payments.payroll.models import PayRun

# Eight gigs play in pairs, so fewer than sixteen people would meet themselves.
FEWEST, MOST, MOST_SESSIONS = 16, 900, 168


def _within(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ArgumentTypeError(f"from {least} to {most}, not {text}")
        return int(text)

    return read


class Command(HouseCommand):
    help = "Play a week: gigs, sessions, approvals and a payday, through the real parts. Goes on where it was stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop everything when the week is played.")
        parser.add_argument(
            "--json",
            action="store_true",
            help="One JSON object on standard output; progress goes to the other.",
        )
        parser.add_argument(
            "--fresh", action="store_true", help="Forget everything of this checkout and start anew."
        )
        parser.add_argument("--seed", type=int)
        parser.add_argument("--performers", type=_within(FEWEST, MOST))
        parser.add_argument("--sessions", type=_within(1, MOST_SESSIONS))
        parser.add_argument(
            "--kill-worker", type=int, default=0, metavar="N", help="Kill the worker N times while it pays."
        )
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        self.console = Console(stderr=options["json"], highlight=False)
        began = time.monotonic()
        if options["fresh"]:
            self._forget()
        self._begin(options)
        try:
            with site.running(web_port=options["port"], beat=False) as up:
                if up.sandbox_url is None:
                    raise CommandError(
                        "The demo plays with the Stripe sandbox only: unset STRIPE_SECRET_KEY and STRIPE_API_BASE."
                    )
                settings.PUBLIC_URL = up.web_url
                settings.STRIPE_API_BASE = up.sandbox_url
                settings.LIVEKIT_URL = up.start_video()
                report = self._play(up, kills=options["kill_worker"], began=began)
                self._say(report, as_json=options["json"])
                if not options["once"]:
                    self._stay(up)
        except (
            keeper.ServersNotStarted,
            site.MigrationFailed,
            supervisor.ProcessNotReady,
            waiting.StoodStill,
            Refused,
        ) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.console.print("Stopped. Run it again and the week goes on from here.")
            sys.exit(130)
        finally:
            house_clock.run_true()
        if not report.ok:
            sys.exit(1)

    def _begin(self, options: dict[str, Any]) -> None:
        """Plan the week that is here, else one that begins now; before the clock is touched, by which another may play."""
        zone = ZoneInfo(settings.PAYROLL_TIME_ZONE)
        asked = {name: options[name] for name in begun.FIRST}
        try:
            site.ensure_servers()
            numbers, monday = begun.numbers(asked=asked, monday=_monday(zone))
        except (keeper.ServersNotStarted, begun.BegunOtherwise) as error:
            raise CommandError(str(error)) from error
        self.plan = make_plan(monday=monday, zone=zone, **numbers)

    def _play(self, up: site.Site, *, kills: int, began: float) -> Report:
        plan = self.plan
        hands = Hands(str(up.sandbox_url))
        with self._progress() as progress:
            everyone = people.People(
                plan=plan,
                web_url=up.web_url,
                hands=hands,
                track=lambda act, things: _track(progress, act, things),
            )
            stage = Stage(
                plan=plan,
                people=everyone,
                video=Video(settings.LIVEKIT_URL),
                kill_worker=lambda: up.supervisor.kill("worker"),
            )
            for at, act in _acts(stage):
                if at > house_clock.now() or not house_clock.is_moved():
                    house_clock.move_to(at)
                act()
            house_clock.run_true()
            up.start_beat()
            run_id = payday.close_and_approve(stage)
            payday.play(stage, run_id, kills=kills)
            payday.money_arrives(stage, run_id)
        run = PayRun.objects.select_related("week").get(public_id=run_id)
        report = make_report(run, plan, hands, seconds=time.monotonic() - began)
        report.facts["worker_restarts"] = up.supervisor.restarts("worker")
        return report

    def _progress(self) -> Progress:
        columns = (
            TextColumn("{task.description:<34}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self.console)

    def _say(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.facts | report.agreements))
            return
        facts, say = report.facts, self.console.print
        say(f"\n[bold]The week of {facts['week']}[/bold]")
        say(
            f"  {facts['sessions']} sessions, {facts['lines']} lines, {facts['payable_s'] / 3600:,.2f} payable hours"
        )
        say(
            f"  evidence graded {', '.join(f'{grade}: {n}' for grade, n in sorted(facts['evidence'].items()))}"
        )
        for label, name in (("earned", "earned_minor"), ("paid", "paid_minor"), ("fees", "fees_minor")):
            say(f"  {label:<8}{Money(facts[name], 'usd').display():>18}")
        say(
            f"  {facts['performers_paid']} performers paid by {facts['transfers']} transfers, {facts['in_the_bank']} in the bank"
        )
        say(f"  {facts['disputed']} line is disputed; the rest of that week is paid on time")
        for held in facts["held"]:
            amount = Money(held["amount_minor"], "usd").display()
            say(f"  held: {held['performer']}, {amount}. {held['means']} {held['fix']}")
        say("\n[bold]From one transfer back to the seconds[/bold]")
        for step in report.explained[:14]:
            say(f"  {'   ' * step.depth}{step.sentence}", soft_wrap=True)
        say("\n[bold]What must agree[/bold]")
        for name, holds in report.agreements.items():
            say(f"  {'yes' if holds else 'NO ':<4} {name.replace('_', ' ')}")
        say(f"\n  {facts['seconds']} s")

    def _stay(self, up: site.Site) -> None:
        say = self.console.print
        say(
            f"\n[bold]Callboard[/bold]       {up.web_url}\nStripe sandbox  {up.sandbox_url}\nMail            {up.web_url}/mail/\n"
        )
        for who, email in people.logins(self.plan):
            say(f"  {who:<32} {email}   {people.PASSWORD}", soft_wrap=True)
        say(
            f"  The code of the app on someone's phone, where one is asked for: {up.web_url}/phones/",
            soft_wrap=True,
        )
        say("\nCtrl-C stops everything; the week stays. [dim]make demo ARGS=--fresh[/dim] starts anew.")
        up.supervisor.run_forever()

    def _forget(self) -> None:
        """Stop this checkout's servers and remove what they kept; secrets and ports stay."""
        keeper.release()
        deadline = time.monotonic() + 30
        while keeper.is_running() and time.monotonic() < deadline:
            time.sleep(0.1)
        if keeper.is_running():
            raise CommandError("Something else of this checkout is running. Stop it, then start anew.")
        for name in ("postgres", "valkey", "sandbox", "mail", "logs"):
            shutil.rmtree(addresses.home() / name, ignore_errors=True)
        begun.forget()
        house_clock.run_true()


def _monday(zone: ZoneInfo) -> date:
    """The newest week whose payday has come."""
    now = clock.now()
    monday = monday_of(now, zone=zone)
    while week_dates(monday, zone=zone).pay_on > now.astimezone(zone).date():
        monday -= timedelta(days=7)
    return monday


def _acts(stage: Stage) -> list[tuple[datetime, Callable[[], None]]]:
    """Each act with the time at which it plays: the house's clock is moved there first."""
    week, before, everyone = ensure_week(starts_on=stage.plan.monday), stage.plan.at(-3), stage.people
    over, reviewed = week.ends_at + timedelta(minutes=10), week.company_due_at + timedelta(minutes=1)
    return [
        *((before, partial(act, everyone)) for act in (people.staff_comes, people.companies_come)),
        *((before, partial(act, everyone)) for act in (people.performers_come, people.talent_vets)),
        *(
            (before, partial(act, stage))
            for act in (casting.fund_wallets, casting.post_gigs, casting.cast_gigs)
        ),
        (before, partial(sessions.book, stage)),
        (before, partial(sessions.play, stage)),
        (over, partial(sessions.reckon, stage)),
        (over + timedelta(hours=6), partial(review.review_week, stage)),
        # The week was opened six hours late, and the performers have ten from then.
        (over + timedelta(hours=17), partial(review.calendar_submits, stage)),
        (reviewed, partial(review.calendar_approves, stage)),
    ]


def _track(progress: Progress, act: str, things: Sequence[Any]) -> Iterable[Any]:
    yield from progress.track(things, description=act, total=len(things))
