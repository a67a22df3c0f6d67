"""An explanation laid out for the page: the way of the money first, then each earning with what is under it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from payments.statements.explain import Step


@dataclass
class Earned:
    """One earning: its title, its steps from zero inwards, and where its session is shown."""

    first: Step
    title: str
    steps: list[Step] = field(default_factory=list)
    session_path: str = ""


def lay_out(steps: Iterable[Step]) -> tuple[list[Step], list[Earned]]:
    """The steps above the earnings, and the earnings in their order. Titles are the sentences of the sessions and pay lines,
    where there is one."""
    above: list[Step] = []
    earned: list[Earned] = []
    for step in steps:
        if step.kind == "earning":
            earned.append(Earned(first=step, title=step.sentence))
        if not earned:
            above.append(step)
        elif step.kind == "session":
            earned[-1].title, earned[-1].session_path = step.sentence, step.path
        elif step.kind == "pay_line":
            earned[-1].title = step.sentence
        else:
            # The session became the title, so what stood under it moves out by one.
            inside = step.depth - earned[-1].first.depth - (step.kind == "seconds")
            earned[-1].steps.append(replace(step, depth=inside))
    return above, earned
