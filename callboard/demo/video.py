"""What people do at LiveKit, done through the stand-in's controls: come into a room and go; and its clock."""

from datetime import datetime
from typing import Any

import requests

from callboard.demo.evidence import Move
from kit.instants import for_machines

TIMEOUT_S = 30
# As real networks are: some webhooks come twice, some late and after others.
DISTURBED = {"duplicate": 0.08, "reorder": 0.2}


class Video:
    """The controls of the stand-in at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def is_there(self) -> bool:
        """Whether it answers."""
        try:
            self.session.get(f"{self.url}/_sandbox/clock", timeout=TIMEOUT_S).raise_for_status()
        except (requests.ConnectionError, requests.exceptions.InvalidURL):
            return False
        return True

    def is_disturbed(self) -> None:
        """From now on its webhooks arrive as over a real network."""
        self._post("webhooks", **DISTURBED)

    def clock_shows(self, at: datetime, *, frozen: bool = True) -> None:
        """Its clock stands at `at`, so that what happens now happens in that second; or it runs on from there."""
        self._post("clock", now=for_machines(at), frozen=frozen)

    def happens(self, room: str, move: Move) -> None:
        """The move is made, at its second. Whoever is out already stays out."""
        self.clock_shows(move.at)
        if not move.leaves:
            self._post(f"rooms/{room}/join", identity=move.identity, silent=move.silent)
        elif move.identity in self.inside(room):
            gone = {"identity": move.identity, "reason": move.reason, "silent": move.silent}
            self._post(f"rooms/{room}/leave", **gone)

    def inside(self, room: str) -> set[str]:
        """Who is in the room, by identity."""
        rooms = self._get("rooms")["rooms"]
        return {who["identity"] for each in rooms if each["name"] == room for who in each["people"]}

    def is_quiet(self) -> bool:
        """Whether all that it had to tell has arrived, or was given up."""
        return bool(self._get("webhooks")["waiting"] == 0)

    def _get(self, path: str) -> Any:
        answer = self.session.get(f"{self.url}/_sandbox/{path}", timeout=TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()

    def _post(self, path: str, **body: Any) -> None:
        self.session.post(f"{self.url}/_sandbox/{path}", json=body, timeout=TIMEOUT_S).raise_for_status()
