"""The agreement's text, laid out for reading. What both sign stays the text itself, by its hash."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    heading: str
    paragraphs: Sequence[str]


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
    return [Part(heading, paragraphs) for heading, paragraphs in found]
