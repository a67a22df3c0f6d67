"""What turns a text into code, markup, a query or a file is not in the product; where a module must, it is named here."""

import ast
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from tests.processes import PROJECT

TREES = ("accounts", "callboard", "kit", "marketplace", "payments")
CALLS = {"eval", "exec", "compile", "__import__", "mark_safe", "RawSQL", "popen"}
MODULES = {
    # On a disk that this process alone can enter, of what it wrote itself.
    "pickle": {"marketplace/presence/spool.py"},
    # Chance for a story or for the sandboxes; `secrets` makes whatever must not be guessed.
    "random": {
        "callboard/demo/evidence.py",
        "callboard/demo/plan.py",
        "callboard/demo/sessions.py",
        "marketplace/video_sandbox/faults.py",
        "marketplace/video_sandbox/records.py",
        "marketplace/video_sandbox/webhooks.py",
        "payments/sandbox/engine.py",
        "payments/sandbox/faults.py",
        "payments/sandbox/world.py",
    },
    # The embedded parts of one laptop: each word of each command is ours.
    "subprocess": {
        f"callboard/embedded/{name}.py"
        for name in ("keeper", "postgres", "process", "site", "supervisor", "unprivileged", "valkey")
    },
    # It writes e-invoices, and reads none: what parses could be made to open files.
    "xml": {"payments/invoicing/ubl.py"},
    **{name: set() for name in ("marshal", "shelve", "lxml", "ldap", "zipimport")},
}
# Markup made of escaped parts; a statement of our own columns' names, or of a laptop's own databases.
MARKUP = {"callboard/templatetags/figures.py", "callboard/templatetags/parts.py"}
BUILT = {"accounts/audit/operations.py", "callboard/embedded/postgres.py", "payments/sandbox/store.py"}
RAW = {"payments/payroll/off_cycle.py"}  # one whole statement, its values beside it
# Lists of breached passwords are; and what every client of tus can, which finds what changed on its way and proves nothing.
WEAK = {"md5": set[str](), "sha1": {"accounts/identity/passwords.py", "marketplace/media/tus.py"}}
SCRIPT = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|localStorage|sessionStorage"
    r"|indexedDB|postMessage|onmessage|__proto__)"
)
# The one thing that a page keeps: what its device recorded and the house has not acknowledged yet. A closed tab or a dead
# laptop would cost the scene; it is gone as soon as it is safe.
KEEPS = {"marketplace/static/marketplace/recording/kept.js": {"indexedDB"}}
# As their makers ship them, by their hashes; tus is told to remember nothing by itself (`storeFingerprintForResuming`), and
# LiveKit's client keeps nothing unless it is asked to.
VENDOR = "marketplace/static/marketplace/vendor"
VENDORED = {
    f"{VENDOR}/livekit/livekit-client.umd.js": "d21d2e433434b7b3357ca1bb04bd56803b1fa0f9ff380dcd824523b53d96fd02",
    f"{VENDOR}/tus/tus.min.js": "8cbb1b63fccc3bba0ae73ad1deb160ce046c3750851d0c3e94921ae3ef070eb8",
}
TEMPLATE = re.compile(
    r"\|safe\b|autoescape off|\bsafeseq\b|<script(?![^>]*(?:\bsrc=|type=\"application/json\"))"
    r"|\son(?:click|load|error|submit)=\"|(?:src|<link[^>]*href)=\"https?:"
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for tree in TREES:
        for path in sorted((PROJECT / tree).rglob("*.py")):
            yield str(path.relative_to(PROJECT)), ast.parse(path.read_text())


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


def is_built(words: ast.expr) -> bool:
    """Whether a statement is put together from texts."""
    text = isinstance(words, ast.Call) and isinstance(words.func, ast.Attribute) and words.func.value
    return isinstance(words, ast.JoinedStr | ast.BinOp) or isinstance(text, ast.Constant)


def faults(module: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        for name in imported(node):
            if any(name == no or name.startswith(f"{no}.") for no in MODULES if module not in MODULES[no]):
                yield f"{module}:{node.lineno}: import {name}"  # type: ignore[attr-defined] # an import has a line
        if not isinstance(node, ast.Call):
            continue
        what, told = called(node), {word.arg: ast.unparse(word.value) for word in node.keywords}
        whole = ast.unparse(node.func)
        if (
            (whole in CALLS and (whole != "RawSQL" or module not in RAW))
            or whole == "os.system"
            or module not in WEAK.get(what, {module})
        ):
            yield f"{module}:{node.lineno}: {what}()"
        if what == "SafeString" and module not in MARKUP:
            yield f"{module}:{node.lineno}: {what}()"
        if told.get("shell") == "True" or told.get("verify") == "False":
            yield f"{module}:{node.lineno}: {what}({told})"
        runs = what in ("execute", "executemany", "raw", "extra") and node.args and module not in BUILT
        if runs and is_built(node.args[0]):
            yield f"{module}:{node.lineno}: {what}(a statement put together)"


def test_no_module_makes_code_or_queries_of_texts_and_none_reads_what_can_act() -> None:
    assert [fault for module, tree in modules() for fault in faults(module, tree)] == []


@pytest.mark.parametrize(
    "text",
    [
        "eval(said)",
        "import pickle",
        "from xml.etree import ElementTree",
        "os.system(said)",
        "run(said, shell=True)",
        "cursor.execute(f'SELECT {said}')",
        "cursor.execute('SELECT ' + said)",
        "hashlib.md5(said)",
        "mark_safe(said)",
        "SafeString(said)",
        "cursor.execute('SELECT {}'.format(said))",
        "get(said, verify=False)",
    ],
)
def test_one_that_did_would_be_found(text: str) -> None:
    assert len(list(faults("accounts/new.py", ast.parse(text)))) == 1


@pytest.mark.parametrize(("kind", "no"), [("js", SCRIPT), ("html", TEMPLATE)])
def test_no_script_and_no_template_makes_markup_of_texts_or_keeps_any(kind: str, no: re.Pattern[str]) -> None:
    read = [path for tree in TREES for path in (PROJECT / tree).rglob(f"*.{kind}")]
    assert read
    found = {str(path.relative_to(PROJECT)): set(no.findall(path.read_text())) for path in read}
    found = {name: words - KEEPS.get(name, set()) for name, words in found.items() if name not in VENDORED}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(("name", "sha256"), VENDORED.items())
def test_what_others_wrote_is_as_they_ship_it(name: str, sha256: str) -> None:
    assert hashlib.sha256((PROJECT / name).read_bytes()).hexdigest() == sha256
    assert (PROJECT / name).with_name("LICENSE").exists()


def test_nobody_hands_in_a_file() -> None:
    fields = [field for model in apps.get_models() for field in model._meta.get_fields()]
    assert [field for field in fields if isinstance(field, models.FileField)] == []
    readers = [
        path for tree in TREES for path in Path(PROJECT / tree).rglob("*.py") if ".FILES" in path.read_text()
    ]
    # A picture: made anew from its dots. The receipt of a grant: read as JSON, and not kept. That of an expense: told by its
    # first bytes, kept as bytes, and handed out as an attachment alone. A transcript: read as WebVTT, strictly, and kept as text.
    assert sorted(str(path.relative_to(PROJECT)) for path in readers) == [
        "accounts/performers/pages.py",
        "marketplace/labels/pages.py",
        "marketplace/rights/pages.py",
        "payments/paylines/pages.py",
    ]
