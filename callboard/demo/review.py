"""What becomes of the week's time: confirmed, approved, disputed, or approved by the calendar for the silent."""

from callboard.demo.doors import Person
from callboard.demo.stage import Stage
from callboard.demo.waiting import ring, until

OPEN_SHEETS = ("open", "performer_review", "submitted", "client_review")


def review_week(stage: Stage) -> None:
    """Most performers confirm; companies pay for what a machine's fault took; two approve, one disputes a line; the calendar
    approves for the silent."""
    ring("timekeeping.calendar")
    some = next(iter(stage.people.performers.values()))
    in_review = ("performer_review", "client_review", "approved", "auto_approved", "locked", "paid")
    until(
        "the week is open for review",
        lambda: all(sheet["state"] in in_review for sheet in some.all("timesheets", week=stage.monday)),
        "timekeeping.calendar",
    )
    confirming = [me for number, me in stage.people.performers.items() if number % 3]
    stage.people.each("Performers confirm their week", confirming, lambda me: _submits(me, stage.monday))
    for owner in stage.people.owners.values():
        _accepts_holds(owner, stage.monday)
    for nth, (name, owner) in enumerate(list(stage.people.owners.items())[:2]):
        if nth == 0:
            _dispute_a_line(owner, stage.monday)
        owner.post(f"companies/{stage.people.company_ids[name]}/weeks/{stage.monday}/approve")


def _submits(me: Person, monday: str) -> None:
    for sheet in list(me.all("timesheets", week=monday, state="performer_review")):
        me.post(f"timesheets/{sheet['id']}/submit")


def _accepts_holds(owner: Person, monday: str) -> None:
    for sheet in list(owner.all("timesheets", week=monday, state="client_review")):
        for line in sheet["lines"]:
            for hold in line["proposed_holds"]:
                owner.post(f"time-lines/{line['id']}/holds", started_at=hold["started_at"])


def _dispute_a_line(owner: Person, monday: str) -> None:
    lines = [
        line
        for sheet in owner.all("timesheets", week=monday, state="client_review")
        for line in sheet["lines"]
        if line["payable_s"] > 0
    ]
    if lines and not any(line["disputes"] for line in lines):
        owner.post(
            f"time-lines/{lines[-1]['id']}/disputes",
            reason="time_too_long",
            text="Our producer's notes end ten minutes earlier. Can we look at it together?",
            claimed_s=max(lines[-1]["payable_s"] - 600, 0),
        )


def calendar_submits(stage: Stage) -> None:
    """Who did not confirm their week in time: it goes on to the companies, in the worker."""

    def submitted() -> bool:
        return not any(
            list(me.all("timesheets", week=stage.monday, state="performer_review"))
            for me in stage.people.performers.values()
        )

    until("the calendar has submitted the rest", submitted, "timekeeping.calendar")


def calendar_approves(stage: Stage) -> None:
    """Nobody answered the rest in time: the calendar submits and approves it, in the worker."""

    def approved() -> bool:
        return not any(
            line["state"] == "recorded"
            for owner in stage.people.owners.values()
            for state in OPEN_SHEETS
            for sheet in owner.all("timesheets", week=stage.monday, state=state)
            for line in sheet["lines"]
        )

    until("the calendar has approved the rest", approved, "timekeeping.calendar")
