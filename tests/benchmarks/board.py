"""The board at 10,000 gigs and 100,000 applications: a page of it, and its counts, beside the same statement in bare SQL."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.identity.models import User
from accounts.performers.models import Performer
from kit.http.pagination import page
from marketplace.casting import answering
from marketplace.casting.models import Application
from marketplace.casting.queries import queue
from marketplace.gigs import queries
from marketplace.gigs.models import Gig
from tests import stories
from tests.benchmarks.row import Row

GIGS, OF_A_GIG, PERFORMERS = 10_000, 10, 200
TIMES, AT_MOST = 30, 3.0
SEARCH = queries.Search(skills=("duo",), language="en", no_replica=True)
HERE = "America/New_York"
AT = stories.BEFORE + timedelta(days=1)


def rows() -> Iterator[Row]:
    """Each beside what it asks of the database, sent by itself: what is left over is the house's own."""
    gig = _many()
    newest = queries.ORDER["newest"]
    yield _beside("the board, a page", lambda: page(queries.board(SEARCH, at=AT), by=newest, limit=20))
    yield _beside("the board, its counts", lambda: queries.counts(SEARCH, at=AT, reader_zone=HERE))
    by = ("waits", "answer_due_at", "id")
    yield _beside("a gig's applicants, a page", lambda: page(queue(gig.pk), by=by, limit=25))
    yield _beside("a gig's unanswered", lambda: list(answering.waiting_for(gig)[: answering.MOST_NAMED]))


def _many() -> Gig:
    """Gigs of every sort, and as many applications to each; the last gig."""
    first = stories.a_gig(stories.a_company(), openings=100)
    like = {
        each.attname: getattr(first, each.attname)
        for each in Gig._meta.concrete_fields
        if each.name not in ("id", "public_id", "search")
    }
    gigs = Gig.objects.bulk_create((Gig(**(like | _sort(n))) for n in range(1, GIGS)), batch_size=1_000)
    people = User.objects.bulk_create(
        User(email=f"board{n}@example.com", name=f"Number {n}", password="!") for n in range(PERFORMERS)
    )
    performers = Performer.objects.bulk_create(Performer(user=each, stage_name=each.name) for each in people)
    Application.objects.bulk_create(
        (
            Application(
                gig=gig,
                performer=performers[(place + n) % PERFORMERS],
                state="submitted",
                submitted_at=AT,
                answer_due_at=AT + timedelta(days=n),
            )
            for place, gig in enumerate([first, *gigs])
            for n in range(OF_A_GIG)
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return gigs[-1]


def _sort(n: int) -> dict[str, Any]:
    return {
        "title": f"Scene {n}",
        "rate_minor": 4_000 + n % 8_000,
        "seats": 1 + n % 4,
        "exclusive": n % 5 == 0,
        "audition": "A tape." if n % 3 == 0 else "",
        "skills": ["duo", "comedy"] if n % 2 else ["harold"],
        "languages": ["fr"] if n % 4 == 0 else ["en"],
        "time_zone": ("America/New_York", "Europe/Berlin", "Asia/Tokyo")[n % 3],
        "published_at": AT - timedelta(minutes=n),
        "listed_at": AT - timedelta(minutes=n),
    }


def _beside(name: str, work: Callable[[], object]) -> Row:
    """How long the database works for us, beside the same statements sent by themselves; what we take on top is printed."""
    with CaptureQueriesContext(connection) as asked:
        work()
    statements = [each["sql"] for each in asked.captured_queries]
    whole, ours, bare = [], [], []
    for _ in range(TIMES):
        clock = _Clock()
        with connection.execute_wrapper(clock):
            whole.append(_took(work))
        ours.append(clock.took_s)
        bare.append(_took(lambda: _run(statements)))
    mine, theirs, all_of_it = (statistics.median(each) * 1_000 for each in (ours, bare, whole))
    said = f"{mine:.1f} ms beside {theirs:.1f} ms bare, {len(statements)} statement, {all_of_it - mine:.1f} ms of our own"
    return Row(name, mine / theirs, AT_MOST, said, at_most=True)


class _Clock:
    """What the statements take, of all that is done."""

    def __init__(self) -> None:
        self.took_s = 0.0

    def __call__(self, execute: Callable[..., Any], *given: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*given)
        finally:
            self.took_s += time.perf_counter() - began


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()
