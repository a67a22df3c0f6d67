"""Every mutant of a room: one change to one function, or to one constant of a module.

What a class declares (fields, choices, serializers) is not changed: migrations, `openapi.yaml` and `make lint` hold it.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from tests.mutation.operators import changes_of, is_left_out
from tests.processes import PROJECT

LEFT_OUT = ("migrations", "admin.py", "apps.py", "urls.py", "management")
NO_CONSTANTS = ("urlpatterns", "app_name", "log")


@dataclass(frozen=True)
class Mutant:
    """One change. `source` is the whole file with it; `lines` are those of the statement that was changed."""

    path: str
    owner: str  # the qualified name of the function or constant
    is_constant: bool
    begins: int  # the first line of `owner`, as the compiler counts it: its first decorator
    line: int
    lines: tuple[int, ...]
    was: str
    becomes: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class _File:
    path: str
    head: str
    statements: Sequence[cst.CSTNode]
    texts: Sequence[str]


@dataclass(frozen=True)
class Change:
    """A mutant before it is written out, which takes its time."""

    file: _File
    statement: int  # of the module
    owner: str
    is_constant: bool
    begins: int
    line: int
    lines: tuple[int, ...]
    old: cst.CSTNode
    new: cst.CSTNode

    @property
    def path(self) -> str:
        return self.file.path

    @property
    def name(self) -> str:
        return f"{self.path}:{self.line}"

    def written(self) -> Mutant | None:
        """None where the change is no Python, or reads the same."""
        texts, at = self.file.texts, self.statement
        changed = self.file.statements[at].deep_replace(self.old, self.new)
        assert isinstance(changed, cst.CSTNode)
        after = cst.Module([]).code_for_node(changed)
        source = "".join([self.file.head, *texts[:at], after, *texts[at + 1 :]])
        try:
            compile(source, self.path, "exec", dont_inherit=True)
        except SyntaxError:
            return None
        was, becomes = _difference(texts[at], after)
        same = {
            name: getattr(self, name) for name in ("path", "owner", "is_constant", "begins", "line", "lines")
        }
        return Mutant(**same, was=was, becomes=becomes, source=source) if was or becomes else None


def of_room(room: str) -> list[Change]:
    """The mutants of a room, in the order of its files. A room is a folder or a file, from the project's top."""
    return [change for path in _files(room) for change in of_file(path)]


def sample(changes: Sequence[Change], *, size: int, seed: int) -> list[Mutant]:
    """So many of them, the same for the same seed; all where `size` is 0."""
    order = list(changes)
    random.Random(f"{seed}").shuffle(order)
    written = (mutant for change in order if (mutant := change.written()))
    return list(islice(written, size or None))


def of_file(path: str) -> list[Change]:
    """All mutants of one file, by the order of its lines."""
    wrapper = MetadataWrapper(cst.parse_module((PROJECT / path).read_text()), unsafe_skip_copy=True)
    module = wrapper.module
    file = _File(
        path=path,
        head="".join(module.code_for_node(line) for line in module.header),
        statements=module.body,
        texts=[module.code_for_node(each) for each in module.body],
    )
    finder = _Finder(file)
    wrapper.visit(finder)
    return finder.found


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, file: _File) -> None:
        super().__init__()
        self.file = file
        self.found: list[Change] = []
        self._above: list[cst.CSTNode] = []
        self._statements = -1

    def on_visit(self, node: cst.CSTNode) -> bool:
        if len(self._above) == 1:
            self._statements += 1
        if is_left_out(node, self._above[-1] if self._above else None) or self._is_default(node):
            self._above.append(node)
            return False
        self._above.append(node)
        owner = self._owner()
        if owner is not None:
            self.found.extend(self._changed(node, owner))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self._above.pop()

    def _is_default(self, node: cst.CSTNode) -> bool:
        return bool(self._above) and isinstance(self._above[-1], cst.Param)

    def _owner(self) -> cst.FunctionDef | cst.SimpleStatementLine | None:
        """The outermost function around, not in a function; or the constant of the module."""
        for node in self._above:
            if isinstance(node, cst.FunctionDef):
                return node
        at = self._above[1] if len(self._above) > 1 else None
        return at if isinstance(at, cst.SimpleStatementLine) and _constant(at) else None

    def _changed(
        self, node: cst.CSTNode, owner: cst.FunctionDef | cst.SimpleStatementLine
    ) -> Iterator[Change]:
        for new in changes_of(node):
            around = next(
                (one for one in reversed(self._above) if isinstance(one, cst.SimpleStatementLine)), node
            )
            around = node.test if isinstance(node, cst.If | cst.CompIf) else around
            place = self.get_metadata(PositionProvider, around)
            first = owner.decorators[0] if isinstance(owner, cst.FunctionDef) and owner.decorators else owner
            yield Change(
                file=self.file,
                statement=self._statements,
                owner=self._qualified(owner),
                is_constant=not isinstance(owner, cst.FunctionDef),
                begins=self.get_metadata(PositionProvider, first).start.line,
                line=self.get_metadata(PositionProvider, node).start.line,
                lines=tuple(range(place.start.line, place.end.line + 1)),
                old=node,
                new=new,
            )

    def _qualified(self, owner: cst.FunctionDef | cst.SimpleStatementLine) -> str:
        if isinstance(owner, cst.SimpleStatementLine):
            return _constant(owner)
        classes = [one.name.value for one in self._above if isinstance(one, cst.ClassDef)]
        return ".".join([*classes, owner.name.value])


def _constant(line: cst.SimpleStatementLine) -> str:
    """The name that this statement of a module gives a value; "" where it does something else."""
    statement = line.body[0]
    match statement:
        case cst.Assign(value=cst.SimpleString()):
            return ""  # a text, or a piece of an address
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            return "" if name.startswith("__") or name in NO_CONSTANTS else name
        case cst.AnnAssign(target=cst.Name(value=name)):
            return name
        case _:
            return ""


def _difference(before: str, after: str) -> tuple[str, str]:
    """The lines that are not in the other, each text in one line."""
    old, new = before.splitlines(), after.splitlines()
    blocks = [
        one for one in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if one[0] != "equal"
    ]
    was = [line.strip() for _, i, j, _, _ in blocks for line in old[i:j]]
    becomes = [line.strip() for _, _, _, i, j in blocks for line in new[i:j]]
    return " ".join(was), " ".join(becomes)


def _files(room: str) -> list[str]:
    top = PROJECT / room
    files = [top] if top.is_file() else sorted(top.rglob("*.py"))
    paths = [file.relative_to(PROJECT) for file in files]
    return [str(path) for path in paths if not set(path.parts) & set(LEFT_OUT) and not _is_empty(path)]


def _is_empty(path: Path) -> bool:
    return not (PROJECT / path).read_text().strip()
