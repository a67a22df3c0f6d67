"""The run-time check of parameters, read off the installed SDK's own types so that it follows the pin.

A request class such as `stripe.params.TransferCreateParams` is compiled once into a reader. Readers turn form
strings into integers and booleans and refuse, with Stripe's error, what the type does not allow.
"""

import sys
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import typing_extensions as te
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

from payments.sandbox.errors import ApiError, invalid
from payments.sandbox.metadata import check_metadata
from payments.sandbox.wire import Json

Reader = Callable[[Any, str], Any]


def read_params(name: str, values: Json, *, version: int, extra: tuple[str, ...] = ()) -> Json:
    """`values` as the SDK's request class `name` allows them.

    `name` is the class in `stripe.params` (`TransferCreateParams`, or `v2.core.AccountCreateParams`); an empty name
    allows nothing but `extra`. Raises `ApiError` with parameter_unknown, parameter_missing,
    parameter_invalid_integer, parameter_invalid_empty and Stripe's sentences.
    """
    text = version == 1
    known = {key: value for key, value in values.items() if key not in extra}
    additional = {key: value for key, value in values.items() if key in extra}
    if not name:
        if known:
            raise _unknown(sorted(known), "")
        return additional
    result = _shape_reader(_find_class(name), text)(known, "")
    checked: Json = {**result, **additional}
    metadata = checked.get("metadata")
    if isinstance(metadata, dict):
        check_metadata(metadata)
    return checked


def _find_class(name: str) -> type:
    package, _, class_name = name.rpartition(".")
    module = import_module("stripe.params" + (f".{package}" if package else ""))
    found: type = getattr(module, class_name)
    return found


def _unknown(names: list[str], at: str) -> ApiError:
    full = [_below(at, name) for name in names]
    plural = "s" if len(full) > 1 else ""
    return invalid(
        f"Received unknown parameter{plural}: {', '.join(full)}", param=full[0], code="parameter_unknown"
    )


def _below(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


@cache
def _shape_reader(shape: type, text: bool) -> Reader:
    """A reader for a TypedDict; what it inherits from RequestOptions is no parameter."""
    options = RequestOptions.__annotations__
    required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    annotations = {
        name: annotation
        for klass in reversed([shape, *getattr(shape, "__orig_bases__", ())])
        for name, annotation in getattr(klass, "__annotations__", {}).items()
        if name not in options
    }
    readers: dict[str, Reader] = {}

    def read(value: Any, at: str) -> Json:
        if not isinstance(value, dict):
            raise invalid("Invalid hash" if text else "Invalid object", param=at)
        strangers = sorted(value.keys() - annotations.keys())
        if strangers:
            raise _unknown(strangers, at)
        for name in sorted(required & annotations.keys()):
            if name not in value:
                full = _below(at, name)
                raise invalid(f"Missing required param: {full}.", param=full, code="parameter_missing")
        result: Json = {}
        for name, item in value.items():
            if name not in readers:
                readers[name] = _reader(annotations[name], shape.__module__, text)
            result[name] = readers[name](item, _below(at, name))
        return result

    return read


def _reader(annotation: Any, module: str, text: bool) -> Reader:
    """A reader for one annotation of the SDK; forward references are looked up in the SDK's module."""
    if isinstance(annotation, str):
        annotation = ForwardRef(annotation)
    if isinstance(annotation, ForwardRef):
        names = vars(sys.modules[module])
        return _reader(te.evaluate_forward_ref(annotation, globals=names), module, text)
    origin = get_origin(annotation)
    if origin in (te.NotRequired, te.Required):
        return _reader(get_args(annotation)[0], module, text)
    if origin in (Union, UnionType):
        return _either(get_args(annotation), module, text)
    if origin in (Literal, te.Literal):
        return _choice(get_args(annotation))
    if origin is list:
        return _listing(_reader(get_args(annotation)[0], module, text), text)
    if origin is dict:
        return _mapping(_reader(get_args(annotation)[1], module, text))
    if te.is_typeddict(annotation):
        return _shape_reader(annotation, text)
    return _scalar(annotation, text)


def _scalar(annotation: Any, text: bool) -> Reader:
    if annotation is int:
        return _whole_of_text if text else _whole
    if annotation is bool:
        return _truth_of_text if text else _truth
    if annotation is float:
        return _number
    if annotation in (str, Decimal):
        return _text
    return lambda value, _at: value


def _text(value: Any, at: str) -> str:
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {value}", param=at)
    if value == "":
        raise invalid(
            f"You passed an empty string for '{at}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{at}' cannot be unset. You should remove '{at}' from your request or supply a non-empty value.",
            param=at,
            code="parameter_invalid_empty",
        )
    return value


def _whole_of_text(value: Any, at: str) -> int:
    plain = isinstance(value, str) and value.removeprefix("-").isdecimal() and value.isascii()
    if not plain or len(value) > 18:
        raise invalid(f"Invalid integer: {value}", param=at, code="parameter_invalid_integer")
    return int(value)


def _whole(value: Any, at: str) -> int:
    # A query string carries text even in v2.
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(f"Invalid integer: {value}", param=at, code="parameter_invalid_integer")
    return value


def _truth_of_text(value: Any, at: str) -> bool:
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value}", param=at)
    return bool(value == "true")


def _truth(value: Any, at: str) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise invalid(f"Invalid boolean: {value}", param=at)
    return value


def _number(value: Any, at: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise invalid(f"Invalid decimal: {value}", param=at, code="parameter_invalid_number") from None


def _choice(options: tuple[Any, ...]) -> Reader:
    def read(value: Any, at: str) -> Any:
        if value not in options:
            *head, last = [str(option) for option in options if option != ""] or [""]
            listed = f"{', '.join(head)}, or {last}" if head else last
            raise invalid(f"Invalid {at}: must be one of {listed}", param=at)
        return value

    return read


def _listing(item: Reader, text: bool) -> Reader:
    def read(value: Any, at: str) -> list[Any]:
        if text and isinstance(value, dict) and all(key.isdecimal() for key in value):
            value = [value[key] for key in sorted(value, key=int)]
        elif isinstance(value, dict) and value and all(key.isdecimal() for key in value):
            value = list(value.values())
        if not isinstance(value, list):
            raise invalid("Invalid array", param=at)
        return [item(entry, _below(at, str(index))) for index, entry in enumerate(value)]

    return read


def _mapping(item: Reader) -> Reader:
    def read(value: Any, at: str) -> Json:
        if not isinstance(value, dict):
            raise invalid("Invalid hash", param=at)
        # An empty value unsets a key, which is a matter of the endpoint.
        return {
            key: entry if entry in ("", None) else item(entry, _below(at, key))
            for key, entry in value.items()
        }

    return read


def _either(options: tuple[Any, ...], module: str, text: bool) -> Reader:
    """A union: `Literal[...] | str` is one of Stripe's open enums, where the API itself still refuses a stranger."""
    resolved = [_resolve(option, module) for option in options if option is not NoneType]
    resolved = [option for option in resolved if not _is_untyped(option)]
    literals = [option for option in resolved if get_origin(option) in (Literal, te.Literal)]
    closed = [option for option in literals if get_args(option) != ("",)]
    if closed:
        resolved = [option for option in resolved if option is not str]
    clears = any("" in get_args(option) for option in literals)
    readers = [_reader(option, module, text) for option in resolved]
    shaped = [_wants_hash(option) for option in resolved]

    def read(value: Any, at: str) -> Any:
        if (value == "" and clears) or (value is None and not text):
            return value
        fitting = [
            reader for reader, shape in zip(readers, shaped, strict=True) if shape == isinstance(value, dict)
        ]
        problem: ApiError | None = None
        for reader in fitting or readers:
            try:
                return reader(value, at)
            except ApiError as refusal:
                problem = problem or refusal
        raise problem or invalid(f"Invalid value: {value}", param=at)

    return read


def _resolve(option: Any, module: str) -> Any:
    if isinstance(option, str):
        option = ForwardRef(option)
    if isinstance(option, ForwardRef):
        return te.evaluate_forward_ref(option, globals=vars(sys.modules[module]))
    return option


def _is_untyped(option: Any) -> bool:
    return (get_origin(option) or option) is UntypedStripeObject


def _wants_hash(option: Any) -> bool:
    return get_origin(option) in (dict, list) or te.is_typeddict(option)
