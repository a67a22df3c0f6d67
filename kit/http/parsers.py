"""JSON as it comes in: what can be read in two ways is refused."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json


class StrictJSONParser(JSONParser):
    """DRF's parser, which also refuses a name that stands twice in one object: of two rates, neither is meant."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return json.loads(
                stream.read().decode(), parse_constant=json.strict_constant, object_pairs_hook=_each_once
            )
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    once = dict(pairs)
    if len(once) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in once if names.count(name) > 1)
        raise ValueError(f"{twice[:40]!r} stands twice in one object. Send it once.")
    return once
