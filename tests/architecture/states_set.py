"""Which states the product sets: from every place that writes a state, back to the members that arrive there.

A mention in a filter or a comparison sets nothing. Followed are names, either branch of a conditional, arguments
through the callers of a function, and what a function of the same module returns.
"""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

from accounts.audit import operations as audit

MOVES = (audit.move, audit.move_many, audit.move_each)
READS = ("filter", "exclude", "get", "Q")
Scope = ast.FunctionDef | None


def set_by(module: ModuleType, *, source: str = "") -> set[Enum]:
    """The members of any enum that this module's code, or `source` in its place, writes into a `state`."""
    text = source or Path(module.__file__ or "").read_text()
    return set(_Source(module, ast.parse(text)).members())


@dataclass
class _Source:
    module: ModuleType
    tree: ast.Module

    def members(self) -> Iterator[Enum]:
        for scope, node in self._nodes(self.tree, None):
            for written in self._written(node):
                yield from self._arriving(written, scope)

    def _nodes(self, parent: ast.AST, scope: Scope) -> Iterator[tuple[Scope, ast.AST]]:
        for node in ast.iter_child_nodes(parent):
            yield scope, node
            yield from self._nodes(node, node if isinstance(node, ast.FunctionDef) else scope)

    def _written(self, node: ast.AST) -> Iterator[ast.expr]:
        """What is written into a state here: by a move, a row that is made or updated, a default, an assignment."""
        match node:
            case ast.Call(func, args, keywords):
                if self._value(func) in MOVES:
                    yield args[1]
                name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
                wanted = {"default"} if name == "CharField" else {"state"} if name not in READS else set()
                yield from (keyword.value for keyword in keywords if keyword.arg in wanted)
            case ast.Assign([ast.Tuple(elts=targets)], ast.Tuple(elts=values)):
                yield from (value for target, value in zip(targets, values, strict=True) if _is_state(target))
            case ast.Assign([target], value) if _is_state(target):
                yield value

    def _arriving(self, node: ast.expr, scope: Scope) -> Iterator[Enum]:
        value = self._value(node)
        match node:
            case _ if isinstance(value, Enum):
                yield value
            case ast.IfExp(_, yes, no):
                yield from self._arriving(yes, scope)
                yield from self._arriving(no, scope)
            case ast.Name(id=name) if scope is not None:
                yield from self._named(name, scope)
            case ast.Call(func=ast.Name(id=name)):
                for inside, each in self._nodes(self.tree, None):
                    if isinstance(each, ast.Return) and each.value and inside and inside.name == name:
                        yield from self._arriving(each.value, inside)

    def _named(self, name: str, scope: ast.FunctionDef) -> Iterator[Enum]:
        """What a local name holds: what is assigned to it, or what the module's callers pass for it."""
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and any(getattr(each, "id", "") == name for each in node.targets):
                yield from self._arriving(node.value, scope)
        positions = [argument.arg for argument in scope.args.args]
        for caller, node in self._nodes(self.tree, None):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == scope.name and caller != scope:
                passed = [keyword.value for keyword in node.keywords if keyword.arg == name]
                if name in positions[: len(node.args)]:
                    passed.append(node.args[positions.index(name)])
                for value in passed:
                    yield from self._arriving(value, caller)

    def _value(self, node: ast.expr) -> Any:
        """What a dotted name means in the module; None for anything else."""
        match node:
            case ast.Name(id=name):
                return vars(self.module).get(name) or _nested(self.module, name)
            case ast.Attribute(value=value, attr=name):
                return getattr(self._value(value), name, None)
        return None


def _is_state(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr == "state"


def _nested(module: ModuleType, name: str) -> Any:
    """A class by its bare name inside the class that holds it, as in a model's own fields."""
    for holder in vars(module).values():
        if inspect.isclass(holder) and holder.__module__ == module.__name__ and name in vars(holder):
            return vars(holder)[name]
    return None
