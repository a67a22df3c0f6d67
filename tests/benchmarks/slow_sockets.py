"""The board while 1,000 senders take their time, beside the same board alone: the median of a hundred answers each."""

import statistics
import time

import requests

from tests.server import slow, web

SLOW, ANSWERS = 500, 100


def run() -> None:
    """Print the median answer in ms, alone and with 500 slow headers and 500 slow bodies (goal: at most three times)."""
    with web.running() as house:
        board = f"{house.url}/"
        _median_ms(board)
        alone = _median_ms(board)
        with (
            slow.sockets(house.url, begun=slow.HEADERS, number=SLOW),
            slow.sockets(house.url, begun=slow.BODY, number=SLOW),
        ):
            beside = _median_ms(board)
    ratio = beside / alone
    print(f"board  alone {alone:.1f} ms  beside 1,000 slow sockets {beside:.1f} ms  ratio {ratio:.2f}")  # noqa: T201 -- the report


def _median_ms(url: str) -> float:
    taken = []
    for _ in range(ANSWERS):
        began = time.perf_counter()
        requests.get(url, timeout=slow.PATIENCE_S).raise_for_status()
        taken.append((time.perf_counter() - began) * 1_000)
    return statistics.median(taken)
