"""A month of money after the fact, as a file of events, through the house's own operations on real Postgres.

python -m tests.simulation.month --events month.jsonl --out books.json
"""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.simulation.set_up import set_up


def main(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.simulation.month", description=__doc__)
    parser.add_argument("--events", type=Path, required=True, help="one JSON object a line")
    parser.add_argument("--out", type=Path, help="where everyone stands at the end; else on the screen")
    parser.add_argument("--expected", type=Path, help="exit 1 where it differs from this")
    options = parser.parse_args(given)
    set_up()
    playing = import_module("tests.simulation.month.playing")  # now, since it needs Django
    events = [json.loads(line) for line in options.events.read_text().splitlines() if line.strip()]
    books = playing.play(events)
    text = json.dumps(books, indent=1, sort_keys=False)
    if options.out:
        options.out.write_text(text + "\n")
    else:
        sys.stdout.write(text + "\n")
    if options.expected is None:
        return 0
    differs = list(playing.differences(json.loads(options.expected.read_text()), books))
    for line in differs:
        sys.stderr.write(line + "\n")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
