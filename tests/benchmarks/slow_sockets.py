"""The board while 1,000 senders take their time, beside the same board alone: medians of forty answers, in paired rounds."""

import statistics
import time
from collections.abc import Iterator

import requests

from tests.benchmarks.row import Row
from tests.server import slow, web

ROUNDS, SLOW, ANSWERS = 5, 500, 40


def rows() -> Iterator[Row]:
    """With 500 slow headers and 500 slow bodies open, an answer takes at most three times as long."""
    with web.running() as house:
        _median_ms(f"{house.url}/")
        pairs = [(_beside(house.url), _median_ms(f"{house.url}/")) for _ in range(ROUNDS)]
    beside, alone = (statistics.median(column) for column in zip(*pairs, strict=True))
    said = f"beside them {beside:.1f} ms  alone {alone:.1f} ms"
    yield Row("board beside 1,000 slow sockets", beside / alone, 3.0, said, at_most=True)


def _beside(url: str) -> float:
    with (
        slow.sockets(url, begun=slow.HEADERS, number=SLOW),
        slow.sockets(url, begun=slow.BODY, number=SLOW) as held,
    ):
        median = _median_ms(f"{url}/")
        if slow.drip(held, b"a") < SLOW:
            raise RuntimeError("The slow were hung up on before the board was measured.")
    return median


def _median_ms(url: str) -> float:
    taken = []
    for _ in range(ANSWERS):
        began = time.perf_counter()
        requests.get(url, timeout=slow.PATIENCE_S).raise_for_status()
        taken.append((time.perf_counter() - began) * 1_000)
    return statistics.median(taken)
