"""CSV: what is text stays text in a spreadsheet, and what is a figure can be read by a program."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.csv_files import FORMULA, as_text, write
from kit.money import Money

HOSTILE = [
    "=HYPERLINK(A1)",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u00a0=1",
    "＝1",  # noqa: RUF001 -- full width, which Excel takes too
    '=cmd|"/c calc"!A1',
]


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_begins_as_a_formula(name: str) -> None:
    ((_, said),) = read(write(["a", "b"], [["x", name]]))[1:]
    assert said == f"'{name}"


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1, max_size=4
    )
)
def test_every_text_comes_back_and_none_is_a_formula(cells: list[str]) -> None:
    (row,) = read(write(["h"] * len(cells), [cells]))[1:]
    for wrote, said in zip(cells, row, strict=True):
        assert said in (wrote, f"'{wrote}")
        assert not said.lstrip(" \u00a0").startswith(FORMULA)


def test_figures_are_figures() -> None:
    content = write(["a"], [[Money(-123_456_789, "usd"), Money(500, "jpy"), 7, date(2026, 11, 9), None]])
    assert read(content)[1] == ["-1234567.89", "500", "7", "2026-11-09", ""]


def test_a_spreadsheet_knows_its_letters_and_a_product_gets_none_before_its_head() -> None:
    assert write(["Zoë"], []).startswith(b"\xef\xbb\xbf")
    assert write(["Zoë"], [], for_spreadsheet=False).startswith("Zoë".encode())
    assert as_text("Zoë") == "Zoë"
