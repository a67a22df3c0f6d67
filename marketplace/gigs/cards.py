"""A card of the deck as a company writes it, in one line: `for one: She lies. // jealousy`."""

from dataclasses import dataclass

from kit.errors import Invalid
from marketplace.gigs.limits import LONGEST_CONTENT_NOTE, LONGEST_PROMPT

FOR_ONE, NOTED = "for one:", " // "


@dataclass(frozen=True)
class Card:
    """`content_note`: what it may touch. `for_one`: dealt to one performer alone."""

    text: str
    content_note: str
    for_one: bool


def read_card(line: str) -> Card:
    """Raises Invalid (422) where the line can be read in two ways, or a part of it is empty or too long."""
    for_one = line.lower().startswith(FOR_ONE)
    rest = line[len(FOR_ONE) :] if for_one else line
    text, *notes = (part.strip() for part in f"{rest} ".split(NOTED))
    if len(notes) > 1:
        raise _wrong("Write the content note once, after the last //.")
    note = notes[0] if notes else ""
    if not text or (notes and not note):
        raise _wrong("A prompt says something, before its content note and after it.")
    if len(text) > LONGEST_PROMPT:
        raise _wrong(f"A prompt has at most {LONGEST_PROMPT} characters: a nudge, not a script.")
    if len(note) > LONGEST_CONTENT_NOTE:
        raise _wrong(f"A content note has at most {LONGEST_CONTENT_NOTE} characters.")
    return Card(text, note, for_one)


def _wrong(said: str) -> Invalid:
    return Invalid.field("prompts", said)
