"""Pages and the API while many read them at once, beside one reader alone: answers per second, in paired rounds."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import requests

from callboard.embedded import addresses
from kit import clock
from tests import database, stories
from tests.benchmarks.row import Row
from tests.server import slow, web

ROUNDS, READERS, ANSWERS, GIGS = 5, 16, 160, 60
READ = {"board": "/", "API list of gigs": "/api/v1/gigs"}


def rows() -> Iterator[Row]:
    """Sixteen at once get at least as many answers a second as one alone, and none is refused."""
    _fill_the_board()
    own = addresses.database_url(name=database.current())
    with web.running(DATABASE_URL=own, WEB_WORKERS="2", WEB_THREADS="8") as house:
        for name, path in READ.items():
            _per_second(house.url + path, readers=READERS)
            pairs = [_pair(house.url + path) for _ in range(ROUNDS)]
            many, one = (statistics.median(column) for column in zip(*pairs, strict=True))
            said = f"{READERS} at once {many:,.0f}/s  one {one:,.0f}/s"
            yield Row(f"{name}, {READERS} readers", many / one, 1.0, said)


def _pair(url: str) -> tuple[float, float]:
    return _per_second(url, readers=READERS), _per_second(url, readers=1)


def _per_second(url: str, *, readers: int) -> float:
    """Each reader over connections of their own. Raises HTTPError for a refusal."""
    began = time.perf_counter()
    with ThreadPoolExecutor(readers) as at_once:
        for _ in at_once.map(_reads, [(url, ANSWERS // readers)] * readers):
            pass
    return ANSWERS / (time.perf_counter() - began)


def _reads(what: tuple[str, int]) -> None:
    url, times = what
    with requests.Session() as reader:
        for _ in range(times):
            reader.get(url, timeout=slow.PATIENCE_S).raise_for_status()


def _fill_the_board() -> None:
    """More gigs than a page of it shows, in a database of this run's own."""
    company, today = stories.a_company(), clock.now().date()
    for _ in range(GIGS):
        stories.a_gig(company, starts_on=today, ends_on=today + timedelta(days=60))
