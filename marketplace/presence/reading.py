"""Reading JSON that others wrote, without guessing: a field is what it must be, or an error names it."""

from datetime import datetime
from typing import Any, ClassVar

from kit.errors import Invalid
from kit.ranges import epoch_s

# 9999-12-31T23:59:59Z, the last second that a datetime can show.
LAST_SECOND = 253_402_300_799


class Malformed(Invalid):
    """Something that was sent or stored does not have the form that it must have. Nothing was made of it."""

    code: ClassVar[str] = "malformed"
    title: ClassVar[str] = "This cannot be read"


class Fields:
    """The fields of one JSON object. Each reader raises `error`, naming the field, where it does not hold."""

    __slots__ = ("_data", "_error", "_of")

    def __init__(self, data: Any, *, of: str, error: type[Malformed] = Malformed) -> None:
        if not isinstance(data, dict):
            raise error(f"{of} is no object")
        self._data = data
        self._of = of
        self._error = error

    def has(self, name: str) -> bool:
        return self._data.get(name) is not None

    def raw(self, name: str) -> Any:
        return self._data.get(name)

    def object(self, name: str) -> "Fields":
        return Fields(self._data.get(name), of=f"{self._of}.{name}", error=self._error)

    def array(self, name: str) -> list[Any]:
        value = self._data.get(name)
        if not isinstance(value, list):
            raise self.wrong(name, "a list")
        return value

    def text(self, name: str) -> str:
        value = self._data.get(name)
        if not isinstance(value, str) or not value:
            raise self.wrong(name, "a text that is not empty")
        try:
            value.encode()
        except UnicodeEncodeError as error:  # JSON can spell half a surrogate pair, which no file can hold
            raise self.wrong(name, "a text that can be written down") from error
        return value

    def whole(self, name: str) -> int:
        """A whole number, not negative."""
        value = self._data.get(name)
        if type(value) is not int or value < 0:
            raise self.wrong(name, "a whole number, not negative")
        return value

    def instant(self, name: str) -> int:
        """Epoch seconds of an RFC 3339 time with its offset; a fraction of a second is cut off."""
        value = self._data.get(name)
        try:
            second = epoch_s(datetime.fromisoformat(value))  # type: ignore[arg-type]  # a non-text is a TypeError
        except (TypeError, ValueError, OverflowError) as error:
            raise self.wrong(name, "a time such as 2026-11-02T03:35:01Z") from error
        if second < 0:
            raise self.wrong(name, "a time since 1970")
        return second

    def only(self, *names: str) -> None:
        """Refuse a field that nobody reads: a rule written down must not be passed over in silence."""
        unread = sorted(str(name) for name in self._data.keys() - set(names))
        if unread:
            raise self._error(f"{self._of} has fields that are not known here: {', '.join(unread)}")

    def wrong(self, name: str, wanted: str) -> Malformed:
        return self._error(f"{self._of}.{name} is {self._data.get(name)!r}; it must be {wanted}")
