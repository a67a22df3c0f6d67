"""What is printed about the mutants: survivors with their change, and a line for each room."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.mutation.accepted import Accepted, complaints
from tests.mutation.children import Tried, Verdict
from tests.mutation.mutants import Change

GOAL = 0.85
FOUND = (Verdict.KILLED, Verdict.TOO_LONG)
ESCAPED = (Verdict.SURVIVED, Verdict.UNREACHED)


def say(words: str) -> None:
    print(words, file=sys.__stderr__, flush=True)


def say_in_place(words: str) -> None:
    """Over the line before, on a terminal; else nothing."""
    if sys.__stderr__ is not None and sys.__stderr__.isatty():
        print(f"\r\x1b[K{words[:100]}", end="", file=sys.__stderr__, flush=True)


def told(
    rooms: Sequence[str],
    *,
    changes: Mapping[str, Sequence[Change]],
    tried: Sequence[Tried],
    accepted: Sequence[Accepted],
) -> int:
    """Print it all; 1 where a room is below its goal, or the list of accepted ones is not right."""
    for one in sorted(tried, key=lambda one: (one.mutant.path, one.mutant.line)):
        if one.verdict in ESCAPED and not _is_accepted(one, accepted):
            _print_survivor(one)
    wrong = complaints(accepted, changes=changes, tried=tried)
    print(*wrong, sep="\n")
    print(f"{'room':26}{'mutants':>9}{'tried':>7}{'killed':>8}{'accepted':>10}{'untried':>9}{'share':>8}")
    shares = [_print_room(room, len(changes[room]), tried, accepted) for room in rooms]
    took_s = [one.took_s for one in tried if one.took_s]
    if took_s:
        print(f"{sum(took_s) / len(took_s):.1f} s a mutant on average, {max(took_s):.0f} s at most.")
    return 1 if wrong or any(share < GOAL for share in shares) else 0


def _print_room(room: str, mutants: int, tried: Sequence[Tried], accepted: Sequence[Accepted]) -> float:
    own = [one for one in tried if one.mutant.path.startswith(room)]
    counts = Counter(one.verdict for one in own)
    known = sum(one.verdict in ESCAPED and _is_accepted(one, accepted) for one in own)
    killed = sum(counts[verdict] for verdict in FOUND)
    counted = killed + sum(counts[verdict] for verdict in ESCAPED) - known
    share = killed / counted if counted else 1.0
    print(f"{room:26}{mutants:>9}{counted:>7}{killed:>8}{known:>10}{counts[Verdict.UNTRIED]:>9}{share:>8.1%}")
    return share


def _print_survivor(one: Tried) -> None:
    mutant = one.mutant
    print(f"{mutant.name} {mutant.owner}: {one.verdict}, {one.tests} tests")
    print(f"  - {mutant.was}\n  + {mutant.becomes}")


def _is_accepted(one: Tried, accepted: Sequence[Accepted]) -> bool:
    return any(entry.is_of(one.mutant) for entry in accepted)
