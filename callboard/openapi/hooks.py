"""Gives every field of the document its words and an example."""

from inspect import cleandoc
from typing import Any

from callboard.openapi.words import WORDS
from kit.http.serializers import Strict

AN_ID = "The public id of the one that is meant."


def add_words(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's post-processing hook. What a field says of itself stays."""
    for methods in result["paths"].values():
        for operation in methods.values():
            _describe_parameters(operation.get("parameters", []))
    for component, schema in result["components"]["schemas"].items():
        if schema.get("description") == cleandoc(Strict.__doc__ or ""):
            del schema["description"]  # what every shape inherits says nothing of this one
        if "properties" in schema and not component.endswith("Request") and component != "Problem":
            schema["required"] = list(schema["properties"])  # what goes out is always whole
        if "properties" in schema and (component.endswith("Request") or component == "Money"):
            schema["additionalProperties"] = False  # as `Strict` refuses a field that it does not know
        for field, described in schema.get("properties", {}).items():
            words, example = WORDS.get(f"{field}.{component}") or WORDS.get(field) or ("", None)
            if words:
                described.setdefault("description", words)
            if example is not None and _fits(described, example):
                described.setdefault("examples", [example])
    return result


def _describe_parameters(parameters: list[dict[str, Any]]) -> None:
    for parameter in parameters:
        words = AN_ID if parameter["in"] == "path" else WORDS.get(parameter["name"], ("", None))[0]
        if words:
            parameter.setdefault("description", words)


def _fits(described: dict[str, Any], example: Any) -> bool:
    """Whether an example of that name can stand here: one field name may carry several types, and enums choose."""
    if "enum" in described:
        if example not in described["enum"]:
            described.setdefault("examples", [next(value for value in described["enum"] if value != "")])
        return example in described["enum"]
    return "type" in described or "$ref" in described or "allOf" in described
