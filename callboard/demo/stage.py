"""What every act of the demo's week needs, and how the API writes amounts and times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from callboard.demo.doors import Json, Person
from callboard.demo.people import People
from callboard.demo.plan import Plan, PlannedGig
from callboard.demo.video import Video


@dataclass
class Stage:
    """What every act needs: the plan, the people, LiveKit, and somebody who can kill the worker."""

    plan: Plan
    people: People
    video: Video
    kill_worker: Callable[[], object]

    @property
    def monday(self) -> str:
        return self.plan.monday.isoformat()

    def of_company(self, planned: PlannedGig) -> tuple[Person, str]:
        """The company's owner, and its id."""
        return self.people.owners[planned.company], self.people.company_ids[planned.company]

    def gig(self, planned: PlannedGig) -> Json | None:
        owner, company_id = self.of_company(planned)
        rows = owner.all(f"companies/{company_id}/gigs")
        return next((row for row in rows if row["title"] == planned.title), None)


def usd(minor: int) -> Json:
    return {"amount_minor": minor, "currency": "usd"}


def rfc3339(at: datetime | date) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
