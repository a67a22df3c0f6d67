"""A transcript is taken by the letter: what it needs, and nothing that somebody could hide in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.labels import webvtt
from marketplace.labels.webvtt import NotWebVtt

GOOD = """WEBVTT - Ada

NOTE Written down by two.

1
00:00:00.000 --> 00:00:01.500 align:start position:10%
<v Ada>You came <i>back</i>.</v>

00:00:01.500 --> 00:00:02.000
- I said I would &amp; I did.
- So you did.
"""


def read(text: str | bytes, duration_ms: int = 2_000) -> webvtt.Read:
    return webvtt.read(text if isinstance(text, bytes) else text.encode(), duration_ms=duration_ms)


def test_takes_what_a_transcript_is() -> None:
    assert read(GOOD) == webvtt.Read(GOOD, 2)
    assert read("WEBVTT\n\n00:00.000 --> 00:01.000\nYes.").text == "WEBVTT\n\n00:00.000 --> 00:01.000\nYes.\n"
    assert read(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).text == GOOD


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begin with WEBVTT"),
        ("webvtt\n\n00:00.000 --> 00:01.000\nYes.", "begin with WEBVTT"),
        ("WEBVTTX\n\n00:00.000 --> 00:01.000\nYes.", "begin with WEBVTT"),
        ("1\n00:00:00,000 --> 00:00:01,000\nSubRip.", "begin with WEBVTT"),
        ("WEBVTT\n00:00.000 --> 00:01.000\nYes.", "Line 2: leave it empty"),
        ("WEBVTT\n\n", "no cue"),
        ("WEBVTT\n\nNOTE Nothing.", "no cue"),
        ("WEBVTT\n\nNOTE\n00:00.000 --> 00:01.000\nHidden.", "a note holds no times"),
        ("WEBVTT\n\n00:00,000 --> 00:01,000\nYes.", "Line 3: write a cue's times as"),
        ("WEBVTT\n\n00:61.000 --> 01:01.000\nYes.", "Line 3: write a cue's times as"),
        ("WEBVTT\n\n00:01.000 --> 00:01.000\nYes.", "has to end after it starts"),
        ("WEBVTT\n\n00:01.000 --> 00:00.500\nYes.", "has to end after it starts"),
        ("WEBVTT\n\n00:01.000 --> 00:02.001\nYes.", "lasts 2.000 s"),
        (
            "WEBVTT\n\n00:01.000 --> 00:02.000\nYes.\n\n00:00.500 --> 00:02.000\nNo.",
            "Line 6: it starts before",
        ),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n", "has no words"),
        ("WEBVTT\n\nSTYLE\n::cue { background: url(//evil.example) }", "Styles and regions are not taken"),
        ("WEBVTT\n\nREGION\nid:one", "Styles and regions are not taken"),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n<script>alert(1)</script>", "a tag that no transcript needs"),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n<img src=x onerror=y>", "a tag that no transcript needs"),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n<v <b>>Ada", "a tag that no transcript needs"),
        ('WEBVTT\n\n00:00.000 --> 00:01.000 onclick:"x"\nYes.', "write a cue's times as"),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\nYes.\x00", "Line 4: it holds a control character"),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n\u202eseY", "Line 4: it holds a control character"),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n" + "a" * 1_001, "Line 4: it is longer"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\n\xff", "is not UTF-8"),
        (GOOD.encode("utf-16"), "is not UTF-8"),
        (b"\x00" * (webvtt.MOST_BYTES + 1), "larger than 512 KiB"),
    ],
)
def test_refuses_with_what_is_wrong_in_which_line(text: str | bytes, said: str) -> None:
    with pytest.raises(NotWebVtt, match=said):
        read(text)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: f"WEBVTT\n\n{text}".encode(errors="replace"))
)
def test_whatever_comes_it_is_taken_or_refused(body: bytes) -> None:
    try:
        found = webvtt.read(body, duration_ms=1_000)
    except NotWebVtt:
        return
    assert webvtt.read(found.text.encode(), duration_ms=1_000) == found
