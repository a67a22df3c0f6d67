"""Which of the house's routes were walked with success: read off its own `/metrics`, route by route and method by method."""

import re
from typing import NamedTuple

import requests

WAITS_S = 20
LINE = re.compile(
    r"^django_http_responses_total_by_status_view_method_total\{(?P<labels>[^}]*)\} ", re.MULTILINE
)


class Door(NamedTuple):
    """A route by its name, and how it was called."""

    route: str
    method: str


# Of all houses of this run.
BY_NOW: set[Door] = set()


def led_on(route: str) -> None:
    """A journey followed this one, which only ever leads on, and saw where it led."""
    BY_NOW.add(Door(route, "GET"))


def note(url: str) -> None:
    """Add what was done with success in the house that is up there."""
    said = requests.get(f"{url}/metrics", timeout=WAITS_S)
    said.raise_for_status()
    BY_NOW.update(successes(said.text))


def successes(metrics: str) -> set[Door]:
    """What was shown, done or made. A page that leads elsewhere when it is looked at showed nothing; one that leads on when
    something was sent did it."""
    found = set()
    for line in LINE.finditer(metrics):
        labels = dict(re.findall(r'(\w+)="([^"]*)"', line["labels"]))
        status = int(labels["status"])
        if status in (200, 201, 204) or (status == 302 and labels["method"] != "GET"):
            found.add(Door(labels["view"], labels["method"]))
    return found
