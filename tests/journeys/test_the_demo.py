"""The first command of the README: the demo's people play a week through the house's doors, and its books agree."""

import re
import tempfile

import pytest

from tests.journeys import reached
from tests.processes import plain_environment, staying_up

STANDS = "Ctrl-C stops everything"


@pytest.mark.long_journey
def test_its_people_are_paid_to_the_cent() -> None:
    with tempfile.TemporaryDirectory(prefix="callboard-demo-", ignore_cleanup_errors=True) as home:
        told = plain_environment(CALLBOARD_HOME=home, COLUMNS="200")
        played = ["make", "demo", "ARGS=--performers 16 --sessions 24 --port 0"]
        with staying_up(played, until=STANDS, environment=told) as said:
            agreed = re.findall(r"^\s+(yes|NO)\s+(\w.*)$", said, re.MULTILINE)
            assert len(agreed) == 7, said[-4000:]
            assert [what for holds, what in agreed if holds != "yes"] == []
            address = re.search(r"^Callboard\s+(http://\S+)", said, re.MULTILINE)
            assert address is not None
            reached.note(address[1])
