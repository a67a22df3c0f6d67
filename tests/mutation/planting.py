"""A mutant in the running process: the function gets other code, the constant another value, wherever they are known.

So a mutant costs neither a start of Django nor a copy of the tree, and functions under decorators are reached too
(`transaction.atomic` is on most operations). What cannot be given other code stays as it was, and counts as survived.
"""

import gc
import sys
from functools import cache
from types import CodeType, FunctionType

from tests.mutation.mutants import Mutant
from tests.processes import PROJECT

Place = tuple[str, str, int]


class CannotPlant(Exception):
    """The change is one that a running function cannot take: it has other variables of its surroundings."""


def plant(mutant: Mutant) -> None:
    """From here on this process, and it alone, runs the mutant. Raises CannotPlant."""
    if mutant.is_constant:
        _plant_constant(mutant)
    else:
        _plant_function(mutant)


@cache
def functions() -> dict[Place, list[FunctionType]]:
    """The project's functions that are loaded, by file, name and first line. Asked first when all is loaded."""
    found: dict[Place, list[FunctionType]] = {}
    for thing in gc.get_objects():
        if type(thing) is FunctionType and thing.__code__.co_filename.startswith(str(PROJECT)):
            found.setdefault(_place(thing.__code__), []).append(thing)
    return found


def _plant_function(mutant: Mutant) -> None:
    file = str(PROJECT / mutant.path)
    place = (file, mutant.owner, mutant.begins)
    code = next(code for code in _codes(_compiled(mutant)) if _place(code) == place)
    for function in functions().get(place, []):
        try:
            function.__code__ = code
        except ValueError as error:
            raise CannotPlant(mutant.name) from error


def _plant_constant(mutant: Mutant) -> None:
    name, home = mutant.owner, sys.modules[mutant.path.removesuffix(".py").replace("/", ".")]
    made = dict(vars(home))
    statement = _statement(mutant)
    exec(compile(statement, mutant.path, "exec"), made)  # noqa: S102 -- the project's own line, changed
    old, new = vars(home)[name], made[name]
    for module in list(sys.modules.values()):
        if vars(module).get(name) is old:
            setattr(module, name, new)
        for known in [one for one in vars(module).values() if isinstance(one, type)]:
            _plant_in_class(known, old, new)


def _plant_in_class(known: type, old: object, new: object) -> None:
    """As in `scopes = READ`. A number or a word may be another's that is the same."""
    home = getattr(sys.modules.get(known.__module__), "__file__", None) or ""
    if home.startswith(str(PROJECT)) and not isinstance(old, int | str):
        for attribute in [name for name, value in vars(known).items() if value is old]:
            setattr(known, attribute, new)


def _statement(mutant: Mutant) -> str:
    lines = mutant.source.splitlines()[mutant.begins - 1 :]
    for end in range(1, len(lines) + 1):
        text = "\n".join(lines[:end])
        try:
            compile(text, mutant.path, "exec")
        except SyntaxError:
            continue
        return text
    raise CannotPlant(mutant.name)


def _compiled(mutant: Mutant) -> CodeType:
    return compile(mutant.source, str(PROJECT / mutant.path), "exec", dont_inherit=True)


def _codes(code: CodeType) -> list[CodeType]:
    """This code and all that is defined in it."""
    within = [one for one in code.co_consts if isinstance(one, CodeType)]
    return [code, *(each for one in within for each in _codes(one))]


def _place(code: CodeType) -> Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno
