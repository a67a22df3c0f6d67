"""What must stand in no log of the house, looked for in all that it wrote: whom it serves, and what opens its doors."""

import json
import re
from pathlib import Path

from tests.journeys.house import House, Person

# Everyone who ever came in here, with what only they know.
_people: list[Person] = []
_told: set[str] = set()
SHAPES = re.compile(
    r"[\w.+-]+(?:@|%40)example\.(?:org|com)"
    r"|\b(?:cb|sk_test|whsec)_[\w+/=-]{8,}"
    r"|calendar/feed/(?!\[removed\])[^/\s]{20,}"
    r"|confirm-email/(?!\[removed\])[^/\s]{8,}|reset/key/(?!\[removed\])[^/\s]{8,}"
)


def watches(person: Person) -> None:
    """From now on the person's name, address, password and cookies are looked for."""
    _people.append(person)


def keeps(secret: str) -> None:
    """So is this."""
    _told.add(secret)


def found_in(house: House) -> list[str]:
    """Each place with what stands there that must not."""
    private = {*_told, *_secrets_of(house)}
    for person in _people:
        private |= {person.name, person.email, person.password, *person.cookies()}
    found = []
    for path in logs_of(house):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            if SHAPES.search(line) or any(word in line for word in private):
                found.append(f"{path.name}:{number} {line[:300]}")
    return found


def logs_of(house: House) -> list[Path]:
    return sorted([*house.home.glob("*.log"), *house.home.glob("logs/*.log")])


def _secrets_of(house: House) -> set[str]:
    kept = json.loads((house.home / "secrets.json").read_text()) | json.loads(
        (house.home / "services.json").read_text()
    )
    return {value for value in kept.values() if isinstance(value, str)}
