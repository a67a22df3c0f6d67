"""A JSON file that holds one list of objects, read one at a time, each with the line where it begins."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

CHUNK = 1 << 16
SPACE = " \t\n\r"


class UnreadableFile(ValueError):
    """The file is no list of objects from `line` on."""

    def __init__(self, what: str, *, line: int) -> None:
        super().__init__(what)
        self.line = line


def read_array(path: Path) -> Iterator[tuple[int, Any]]:
    """Each object with its line, counted from 1. Raises UnreadableFile where the list goes wrong."""
    with path.open(encoding="utf-8") as file:
        text = _Text(file)
        text.take("[")
        if text.next_char() != "]":
            yield text.line, text.take_object()
            while text.next_char() == ",":
                text.take(",")
                text.next_char()
                yield text.line, text.take_object()
        text.take("]")
        if text.next_char():
            raise UnreadableFile("there is something after the list", line=text.line)


class _Text:
    """What has been read of the file and not yet taken. Never much more than the object at hand."""

    def __init__(self, file: TextIO) -> None:
        self.line = 1
        self._file = file
        self._ahead = ""
        self._at = 0
        self._decoder = json.JSONDecoder()

    def next_char(self) -> str:
        """The next character that is not space, without taking it; empty at the end of the file."""
        while True:
            while self._at < len(self._ahead) and self._ahead[self._at] in SPACE:
                self.line += self._ahead[self._at] == "\n"
                self._at += 1
            if self._at < len(self._ahead) or not self._read_on():
                return self._ahead[self._at : self._at + 1]

    def take(self, char: str) -> None:
        found = self.next_char()
        if found != char:
            raise UnreadableFile(
                f"expected {char!r}, found {found or 'the end of the file'!r}", line=self.line
            )
        self._at += 1

    def take_object(self) -> Any:
        # Only an object shows where it ends: a number cut off by the chunk would still be a number.
        if self.next_char() != "{":
            raise UnreadableFile("each element must be an object", line=self.line)
        while True:
            try:
                value, end = self._decoder.raw_decode(self._ahead, self._at)
            except (ValueError, RecursionError) as error:
                if not self._read_on():
                    raise UnreadableFile(
                        f"the object that begins here is broken: {error}", line=self.line
                    ) from error
            else:
                self.line += self._ahead.count("\n", self._at, end)
                self._at = end
                return value

    def _read_on(self) -> bool:
        """Read as much again as is in hand, so that a long object is not tried once for every chunk."""
        rest = self._ahead[self._at :]
        try:
            more = self._file.read(max(CHUNK, len(rest)))
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"the file is not UTF-8: {error.reason}", line=self.line) from error
        self._ahead, self._at = rest + more, 0
        return bool(more)
