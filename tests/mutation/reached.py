"""Which tests reach which lines, by coverage; remembered for each file of tests until it or the code changes."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from coverage import CoverageData

from tests.mutation.mutants import Mutant
from tests.processes import PROJECT

APPS = ("kit", "accounts", "marketplace", "payments", "callboard")
SPECIMEN = "tests/mutation/specimen"
KEPT = PROJECT / ".callboard" / "mutate"


@dataclass
class Trace:
    """What one file of tests reaches: for each test its seconds, and for each line of the project the tests that ran it."""

    file: str
    digest: str
    takes_s: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    lines: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, data: CoverageData) -> None:
        for file in data.measured_files():
            by_line = data.contexts_by_lineno(file).items()
            path = str(Path(file).relative_to(PROJECT))
            self.lines[path] = {str(line): [test for test in tests if test] for line, tests in by_line}

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Trace":
        return cls(**json.loads(text))

    def remember(self) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{self.digest}.json").write_text(self.as_text())


class Reached:
    """All traces together."""

    def __init__(self, traces: Sequence[Trace]) -> None:
        self._takes_s = {test: s for trace in traces for test, s in trace.takes_s.items()}
        self._failed = {test for trace in traces for test in trace.failed}
        self._lines: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for trace in traces:
            for path, lines in trace.lines.items():
                for line, tests in lines.items():
                    self._lines[path][int(line)].update(tests)

    def tests_of(self, mutant: Mutant) -> list[tuple[str, float]]:
        """The tests that reach it and their seconds, the likeliest to notice first.

        Those of the room itself before others, the quick before the slow; each further one of many parameters counts for
        that much slower.
        """
        room = f"tests/{mutant.path.rpartition('/')[0]}/"
        times: Counter[str] = Counter()
        weighed: list[tuple[bool, float, str]] = []
        for test in sorted(
            self._reaching(mutant) - self._failed, key=lambda test: (self._takes_s[test], test)
        ):
            function = test.partition("[")[0]
            times[function] += 1
            # Beside the room's own stand those of a folder above, which are of all its rooms.
            is_own = room.startswith(test.partition("::")[0].rpartition("/")[0] + "/")
            weighed.append((not is_own, self._takes_s[test] * times[function], test))
        return [(test, self._takes_s[test]) for *_, test in sorted(weighed)]

    def _reaching(self, mutant: Mutant) -> set[str]:
        lines = self._lines[mutant.path]
        # Nothing runs where a constant is defined: whoever uses the module may use it.
        wanted = lines.keys() if mutant.is_constant else mutant.lines
        return {test for line in wanted for test in lines[line]}


def remembered(files: Mapping[Path, list[str]]) -> tuple[list[Trace], list[tuple[Path, str, list[str]]]]:
    """The traces that still hold, and what is to be traced: each file with its digest and its tests."""
    traces, missing = [], []
    for file, tests in files.items():
        digest = hashlib.sha256(_shared() + file.read_bytes() + "\n".join(tests).encode()).hexdigest()[:32]
        kept = KEPT / f"{digest}.json"
        if kept.exists():
            traces.append(Trace.from_text(kept.read_text()))
        else:
            missing.append((file, digest, tests))
    return traces, missing


@cache
def _shared() -> bytes:
    """A digest of all that every file of tests may lean on: the code, and what tests share."""
    digest = hashlib.sha256()
    for file in sorted(_leant_on()):
        digest.update(f"{file}\0".encode() + file.read_bytes())
    return digest.digest()


def _leant_on() -> Iterator[Path]:
    for app in APPS:
        yield from (PROJECT / app).rglob("*.py")
        yield from (PROJECT / app).rglob("*.html")
    tool = PROJECT / "tests" / "mutation"
    for file in (PROJECT / "tests").rglob("*.py"):
        if not file.name.startswith("test_") and file.parent != tool:
            yield file
