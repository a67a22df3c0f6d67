"""What arrived is looked at before anybody plays it: which tracks, how long, and whether one can move about in it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

# The form is told, never guessed: a playlist among the bytes would have the reader open other files.
READS = {"mp4": "mp4", "webm": "matroska"}
ONLY_FILES = {"protocol_whitelist": "file"}
KINDS = ("video", "audio")
MOST_TRACKS = 4


class Unplayable(Exception):
    """It holds nothing that plays; the text says why, for whoever recorded it."""


@dataclass(frozen=True)
class Found:
    """`tracks`: of each its kind, codec, and size or rate."""

    duration_ms: int
    tracks: list[dict[str, Any]]


def make_playable(source: Path, target: Path, *, kind: str) -> Found:
    """Write the tracks of `source` to `target` as they are, with what a player needs to move about in them, and look whether
    it can. Raises Unplayable."""
    try:
        with av.open(str(source), format=READS[kind], options=ONLY_FILES) as given:
            found = _remux(given, target, kind=kind)
        _move_about(target, kind=kind, duration_ms=found.duration_ms)
    except (FFmpegError, ValueError, EOFError) as error:
        raise Unplayable("It cannot be read as a recording.") from error
    return found


def _remux(given: Any, target: Path, *, kind: str) -> Found:
    streams = [stream for stream in given.streams if stream.type in KINDS][:MOST_TRACKS]
    if not streams:
        raise Unplayable("It holds no picture and no sound.")
    options = {"movflags": "+faststart"} if kind == "mp4" else {}
    ends = Fraction(0)
    with av.open(str(target), "w", format=kind, options=options) as made:
        own = {stream.index: made.add_stream_from_template(stream) for stream in streams}
        for packet in given.demux(streams):
            if packet.dts is None:
                continue
            ends = max(ends, _end_of(packet))
            packet.stream = own[packet.stream.index]
            made.mux(packet)
    if not ends:
        raise Unplayable("It lasts no time.")
    return Found(round(ends * 1000), [_told(stream) for stream in streams])


def _end_of(packet: Any) -> Fraction:
    starts = packet.pts if packet.pts is not None else packet.dts
    return Fraction(starts + (packet.duration or 0)) * Fraction(packet.time_base)


def _told(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    told = {"kind": stream.type, "codec": context.name}
    if stream.type == "video":
        return told | {"width": context.width, "height": context.height}
    return told | {"rate": context.sample_rate}


def _move_about(target: Path, *, kind: str, duration_ms: int) -> None:
    """To the middle, and there is something there. Raises Unplayable."""
    with av.open(str(target), format=READS[kind], options=ONLY_FILES) as made:
        made.seek(duration_ms * 1000 // 2)  # in microseconds
        stream = next((each for each in made.streams if each.type in KINDS), None)
        if stream is None or next(made.decode(stream), None) is None:
            raise Unplayable("One cannot move about in it.")
