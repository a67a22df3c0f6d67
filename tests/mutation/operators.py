"""What is changed in the code to see whether a test notices: mutmut's operators, and four of ours.

Ours, since they are what goes wrong in a house of rules: a condition is decided beforehand, a statement is not done, a
condition of a query falls away, "or" between two conditions of a query becomes "and".

Left out by rule, because no claim is about it:
- docstrings, annotations, decorators, defaults of parameters, assertions, `__str__` and `__repr__`
- words: a string with a space or a capital in front, a choice between two of them, what is logged, the messages of a page
- what only makes a query faster or a lock narrower: `select_related`, `only`, `update_fields`, `select_for_update`, …
  (locks are held by the tests with threads and by the simulations)
- what Python itself refuses at once, which would make the share look better than the tests are: mutmut's `x = None` and
  argument that becomes None, and an argument that falls away where a function of ours demands it by name
- of a string one change instead of three
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import libcst as cst
from mutmut.mutation import mutators

from tests.processes import PROJECT

QUERIES = {"filter", "exclude", "Q", "When"}
QUIET = {"select_related", "prefetch_related", "select_for_update", "only", "defer", "iterator", "order_by"}
QUIET_KEYWORDS = {
    "update_fields",
    "fields",
    "batch_size",
    "chunk_size",
    "title",
    "label",
    "help_text",
    "attrs",
    "strict",
}
WORDS = {"log", "messages"}
NEVER = {"cast", "TypeVar", "isinstance", "len", "getLogger", "get_logger"}

Changed = Iterable[cst.CSTNode]


def _string(node: cst.SimpleString) -> Changed:
    if not is_words(node):
        yield from list(mutators.operator_string(node))[:1]


def _without_an_argument(node: cst.Call) -> Changed:
    """Each named argument falls away, and each condition of a query."""
    for at, given in enumerate(() if name_of(node) in QUIET else node.args):
        name = given.keyword.value if given.keyword else ""
        is_optional = bool(name) and name not in QUIET_KEYWORDS and name not in _demanded()[name_of(node)]
        if (is_optional or name_of(node) in QUERIES) and not is_words(given.value):
            yield node.with_changes(args=[*node.args[:at], *node.args[at + 1 :]])


def _decided(node: cst.If | cst.CompIf) -> Changed:
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    for operator, so in ((cst.And(), "False"), (cst.Or(), "True")):
        yield node.with_changes(
            test=cst.BooleanOperation(left=test, operator=operator, right=cst.Name(so)),
            whitespace_before_test=cst.SimpleWhitespace(" "),
        )


def _not_done(node: cst.SimpleStatementLine) -> Changed:
    (statement, *more) = node.body
    does = isinstance(statement, cst.Raise | cst.AugAssign | cst.Del) or (
        (isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call))
        or (isinstance(statement, cst.Assign) and isinstance(statement.targets[0].target, cst.Attribute))
    )
    if does and not more:
        yield node.with_changes(body=[cst.Pass()])


def _or_becomes_and(node: cst.BinaryOperation) -> Changed:
    if isinstance(node.operator, cst.BitOr):
        yield node.with_changes(operator=cst.BitAnd())


OPERATORS: Sequence[tuple[type[cst.CSTNode], Callable[[Any], Changed]]] = (
    (cst.BaseNumber, mutators.operator_number),
    (cst.SimpleString, _string),
    (cst.Name, mutators.operator_name),
    (cst.AugAssign, mutators.operator_augmented_assignment),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.Call, mutators.operator_symmetric_string_methods_swap),
    (cst.Call, mutators.operator_unsymmetrical_string_methods_swap),
    (cst.Lambda, mutators.operator_lambda),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.CSTNode, mutators.operator_swap_op),
    (cst.Match, mutators.operator_match),
    (cst.IfExp, mutators.operator_if_exp),
    (cst.Call, _without_an_argument),
    (cst.If, _decided),
    (cst.CompIf, _decided),
    (cst.SimpleStatementLine, _not_done),
    (cst.BinaryOperation, _or_becomes_and),
)


def changes_of(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What may stand in the place of this node."""
    for kind, operator in OPERATORS:
        if isinstance(node, kind):
            yield from operator(node)


def is_left_out(node: cst.CSTNode, parent: cst.CSTNode | None) -> bool:
    """Whether neither this node nor anything in it is changed. The module says why."""
    if isinstance(node, cst.Annotation | cst.Decorator | cst.Assert | cst.Import | cst.ImportFrom):
        return True
    if isinstance(node, cst.FunctionDef):
        return node.name.value in ("__str__", "__repr__")
    if isinstance(node, cst.Call):
        return name_of(node) in NEVER or _said_by(node) in WORDS
    if isinstance(node, cst.Arg):
        quiet = node.keyword is not None and node.keyword.value in QUIET_KEYWORDS
        return quiet or (isinstance(parent, cst.Call) and name_of(parent) in QUIET) or is_words(node.value)
    if isinstance(node, cst.SimpleStatementLine) and isinstance(node.body[0], cst.Expr):
        said = node.body[0].value
        return isinstance(said, cst.SimpleString) or (isinstance(said, cst.Call) and is_left_out(said, node))
    if isinstance(node, cst.IfExp):
        return any(is_words(arm) or _is_plural(arm) for arm in (node.body, node.orelse))
    return isinstance(node, cst.BaseExpression) and is_words(node)


def _is_plural(node: cst.CSTNode) -> bool:
    """The end of a word, as in `"" if lines == 1 else "s"`."""
    return isinstance(node, cst.SimpleString) and node.raw_value == "s"


def is_words(node: cst.CSTNode) -> bool:
    """Whether it is a text that a person reads: it has a space, or a capital in front."""
    match node:
        case cst.SimpleString():
            text = node.raw_value
        case cst.ConcatenatedString():
            return is_words(node.left) or is_words(node.right)
        case cst.FormattedString():
            text = "".join(part.value for part in node.parts if isinstance(part, cst.FormattedStringText))
        case _:
            return False
    return " " in text or text[:1].isupper()


def name_of(call: cst.Call) -> str:
    """The last name of what is called: `filter` in `things.filter(…)`."""
    named = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    return named.value if isinstance(named, cst.Name) else ""


@cache
def _demanded() -> Mapping[str, set[str]]:
    """The names that calls of our functions cannot leave away, by the function's name."""
    demanded: defaultdict[str, set[str]] = defaultdict(set)
    for app in ("kit", "accounts", "marketplace", "payments", "callboard"):
        for file in (PROJECT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.FunctionDef):
                    given = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
                    demanded[node.name] |= {each.arg for each, default in given if default is None}
    return demanded


def _said_by(call: cst.Call) -> str:
    """The first name of `log.info(…)`."""
    owner = call.func.value if isinstance(call.func, cst.Attribute) else None
    return owner.value if isinstance(owner, cst.Name) else ""
