"""The agreement's text, laid out for reading. What both sign stays the text itself, by its hash."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.agreements.compose import PLAIN


@dataclass(frozen=True)
class Part:
    """`plain`: what the paragraphs mean, in plain words; empty in terms of before there were any."""

    heading: str
    paragraphs: Sequence[str]
    plain: str = ""


@dataclass(frozen=True)
class Change:
    """What a version says otherwise than the one before; `before` is empty for what is new, `after` for what is gone."""

    heading: str
    before: str
    after: str


def parts(text: str) -> list[Part]:
    """The headed parts, in order; a line that starts with "#" heads what follows it."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith("#"):
            found.append((line.lstrip("#").strip(), []))
        elif line.strip():
            if not found:
                found.append(("", []))
            found[-1][1].append(line.strip())
    return [_part(heading, paragraphs) for heading, paragraphs in found]


def _part(heading: str, lines: Sequence[str]) -> Part:
    plain = [line.removeprefix(PLAIN) for line in lines if line.startswith(PLAIN)]
    return Part(heading, [line for line in lines if not line.startswith(PLAIN)], " ".join(plain))


def changes(before: str, after: str) -> list[Change]:
    """The parts in which two versions differ: those of the later in its order, then what is gone."""
    old, new = ({part.heading: _whole(part) for part in parts(text)} for text in (before, after))
    named = [*new, *(heading for heading in old if heading not in new)]
    return [
        Change(heading, old.get(heading, ""), new.get(heading, ""))
        for heading in named
        if old.get(heading) != new.get(heading)
    ]


def _whole(part: Part) -> str:
    return " ".join([*part.paragraphs, part.plain]).strip()
