"""A transcript as it comes in: WebVTT, taken by the letter and not beyond what a transcript needs. Pure.

Of https://www.w3.org/TR/webvtt1/: the header, notes, cues with their settings, and the tags of cue text. A style or a region is
refused: it is about looks, and a style may load what lies elsewhere.
"""

import re
from dataclasses import dataclass

MOST_BYTES = 512 << 10
MOST_CUES, LONGEST_LINE = 20_000, 1_000
HEADER = re.compile(r"WEBVTT(?:[ \t][^\n]*)?")
TIME = r"(?:[0-9]{2,3}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3}"
TIMING = re.compile(
    rf"({TIME})[ \t]+-->[ \t]+({TIME})((?:[ \t]+[a-z]{{1,10}}:[A-Za-z0-9.,%-]{{1,40}})*)[ \t]*"
)
# Voice, language, class, italics, bold, underline, ruby; nothing of HTML.
TAG = re.compile(r"</?(?:v|lang|c|i|b|u|ruby|rt)(?:\.[A-Za-z0-9_-]{1,30}){0,4}(?:[ \t][^<>&\n]{1,80})?>")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class NotWebVtt(ValueError):
    """The text says what is wrong where, and what to do."""


@dataclass(frozen=True)
class Read:
    """The transcript with line feeds alone and no mark of byte order, and how many cues it has."""

    text: str
    cues: int


def read(body: bytes, *, duration_ms: int) -> Read:
    """Raises NotWebVtt for what is none, lies outside the recording, or holds what no transcript needs."""
    text = _text(body)
    lines = text.split("\n")
    if not HEADER.fullmatch(lines[0]):
        raise NotWebVtt("It has to begin with WEBVTT in the first line.")
    if len(lines) > 1 and lines[1]:
        raise NotWebVtt("Line 2: leave it empty, behind the header.")
    cues, last_ms = 0, 0
    for number, block in _blocks(lines):
        if block[0] == "NOTE" or block[0].startswith(("NOTE ", "NOTE\t")):
            if any("-->" in line for line in block):
                raise NotWebVtt(f"Line {number}: a note holds no times.")
            continue
        last_ms = _cue(number, block, not_before_ms=last_ms, duration_ms=duration_ms)
        cues += 1
        if cues > MOST_CUES:
            raise NotWebVtt(f"It has more than {MOST_CUES:,} cues. Put words that belong together into one.")
    if not cues:
        raise NotWebVtt("It has no cue. Where nothing was said, leave the transcript out.")
    return Read(text.rstrip("\n") + "\n", cues)


def _text(body: bytes) -> str:
    if len(body) > MOST_BYTES:
        raise NotWebVtt(
            f"It is larger than {MOST_BYTES >> 10} KiB. A transcript of a session is far smaller."
        )
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotWebVtt(f"Byte {error.start + 1} is not UTF-8. Save the file as UTF-8.") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise NotWebVtt(f"Line {number}: it is longer than {LONGEST_LINE:,} characters. Break it.")
        if CONTROL.search(line):
            raise NotWebVtt(f"Line {number}: it holds a control character. Remove it.")
    return text


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """What stands between empty lines behind the header, each with the number of its first line."""
    found: list[tuple[int, list[str]]] = []
    is_open = False
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            is_open = False
        elif is_open:
            found[-1][1].append(line)
        else:
            found.append((number, [line]))
            is_open = True
    return found


def _cue(number: int, block: list[str], *, not_before_ms: int, duration_ms: int) -> int:
    """When it starts. A first line without an arrow is the cue's own name."""
    at = 0 if "-->" in block[0] else 1
    timing = TIMING.fullmatch(block[at]) if at < len(block) else None
    if timing is None:
        raise NotWebVtt(
            f"Line {number}: write a cue's times as 00:00:01.000 --> 00:00:02.500. Styles and regions are not taken."
        )
    starts, ends = _ms(timing[1]), _ms(timing[2])
    if starts >= ends:
        raise NotWebVtt(f"Line {number + at}: the cue has to end after it starts.")
    if starts < not_before_ms:
        raise NotWebVtt(f"Line {number + at}: it starts before the cue above it. Put them in order.")
    if ends > duration_ms:
        said = f"{duration_ms // 1000}.{duration_ms % 1000:03}"
        raise NotWebVtt(f"Line {number + at}: it ends after the recording does, which lasts {said} s.")
    words = block[at + 1 :]
    if not words:
        raise NotWebVtt(f"Line {number + at}: the cue has no words. Write them in the next line.")
    for behind, line in enumerate(words, start=number + at + 1):
        left = TAG.sub("", line)
        if "-->" in line or "<" in left:
            raise NotWebVtt(
                f"Line {behind}: it holds a tag that no transcript needs. Write < as &lt; where it was said."
            )
    return starts


def _ms(time: str) -> int:
    clock, _, thousandths = time.partition(".")
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds * 1000 + int(thousandths)
