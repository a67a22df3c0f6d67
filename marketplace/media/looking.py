"""What was sent is told by its bytes and looked at before anybody plays it: no name, no type that was told counts for anything."""

from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from marketplace.media.checking import ONLY_FILES, READS, Found, Unplayable, make_playable

HEAD_BYTES = 4_096
MP4, WEBM = "mp4", "webm"
MOST_STREAMS = 8
LARGEST_SIDE, MOST_PIXELS = 7_680, 7_680 * 4_320
LONGEST_MS = 10 * 60_000
SHORTEST_MS = 500
CODECS = {
    MP4: {"h264", "hevc", "vp9", "av1", "aac", "opus", "mp3"},
    WEBM: {"vp8", "vp9", "av1", "opus", "vorbis"},
}
SAVE_AS = "Save it as MP4 with H.264 and AAC, as phones do, and send it again."


def form_of(path: Path) -> str:
    """`mp4` or `webm`, as it begins. Raises Unplayable with what to do."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"avif", b"heic", b"mif1", b"heix", b"msf1"):
            raise Unplayable(f"It is a picture, and no recording. {SAVE_AS}")
        return MP4
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return WEBM
    raise Unplayable(f"It is no MP4 and no WebM, whatever its name says. {SAVE_AS}")


def look(source: Path, target: Path) -> tuple[str, Found]:
    """Write what plays of `source` to `target`: its form, and what was found. Raises Unplayable with what to do."""
    form = form_of(source)
    try:
        with av.open(str(source), format=READS[form], options=ONLY_FILES, metadata_errors="replace") as given:
            _check(given, form)
    except (FFmpegError, ValueError, EOFError, OverflowError, MemoryError) as error:
        raise Unplayable(f"It is broken, or cut off. {SAVE_AS}") from error
    found = make_playable(source, target, kind=form)
    if found.duration_ms > LONGEST_MS:
        raise Unplayable(f"It lasts longer than {LONGEST_MS // 60_000} minutes. Cut it, and send it again.")
    if found.duration_ms < SHORTEST_MS:
        raise Unplayable("It lasts less than half a second. Record it again.")
    return form, found


def _check(given: Any, form: str) -> None:
    """What its head says, before a picture is decoded."""
    streams = list(given.streams)
    if len(streams) > MOST_STREAMS:
        raise Unplayable(f"It holds {len(streams)} tracks. {SAVE_AS}")
    pictures = [stream for stream in streams if stream.type == "video"]
    if not pictures:
        raise Unplayable("It holds no picture. Record it with your camera on, and send it again.")
    for stream in streams:
        if stream.type in ("video", "audio"):
            _check_codec(stream, form)
    for stream in pictures:
        width, height = stream.codec_context.width, stream.codec_context.height
        if not width or not height:
            raise Unplayable(f"Its picture has no size. {SAVE_AS}")
        if max(width, height) > LARGEST_SIDE or width * height > MOST_PIXELS:
            raise Unplayable(
                "Its picture is larger than any camera's. Save it in full HD, and send it again."
            )


def _check_codec(stream: Any, form: str) -> None:
    context = stream.codec_context
    if context is None or context.name not in CODECS[form] | {"libvpx-vp9", "libdav1d", "libopus"}:
        named = "an unknown form" if context is None else context.name
        raise Unplayable(
            f"Its {'picture' if stream.type == 'video' else 'sound'} is coded as {named}. {SAVE_AS}"
        )
