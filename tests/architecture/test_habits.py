"""What a newcomer trusts without looking: the printed commands, the hooks, the licence."""

import re
import subprocess

import pytest
import yaml
from django.core.management import get_commands

from tests.processes import PROJECT

PRINTED = re.compile(
    r"`((?:make |\.venv/bin/|python |manage\.py )[^`]*)`|^ {4}((?:make|python) .*?)(?: {2,}.*)?$",
    re.MULTILINE,
)
TARGETS = re.compile(r"^([a-z][a-z_ ]*):", re.MULTILINE)


def targets() -> set[str]:
    """What the Makefile can make."""
    told = subprocess.run(["make", "-pRrq", ":"], cwd=PROJECT, capture_output=True, text=True, check=False)
    return {name for line in TARGETS.findall(told.stdout) for name in line.split()}


def printed(page: str) -> list[str]:
    """The commands on a page, in its order."""
    return [either or other for either, other in PRINTED.findall((PROJECT / page).read_text())]


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md", "CHANGELOG.md"])
def test_every_printed_command_is_one_that_make_knows(page: str) -> None:
    """So that it works as printed, from a fresh clone: no Python is needed by name, and what is missing is installed."""
    unknown = [
        said for said in printed(page) if said.split()[0] != "make" or said.split()[1] not in targets()
    ]
    assert unknown == []


def test_the_makefile_offers_commands_that_there_are() -> None:
    (offered,) = re.findall(r"^COMMANDS := (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert set(offered.split()) <= set(get_commands())


def test_help_names_every_target() -> None:
    told = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    (phony,) = re.findall(
        r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text().replace("\\\n", ""), re.MULTILINE
    )
    wanted = {name for name in phony.split() if not name.startswith("$")} - {"help", "install"}
    assert {name for name in wanted if not re.search(rf"\b{name}\b", told)} == set()


def test_the_hooks_say_what_make_lint_says() -> None:
    recipe = (PROJECT / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]
    linters = [
        line.strip().removeprefix("@").replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()[1:]
    ]
    (local,) = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local"
    assert [hook["entry"] for hook in local["hooks"]] == linters


def test_the_licence_is_whole() -> None:
    text = (PROJECT / "LICENSE").read_text()
    assert text.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE\n")
    assert re.findall(r"^  (\d+)\. ", text, re.MULTILINE) == [str(n) for n in range(18)]
    assert 'license = "AGPL-3.0-or-later"' in (PROJECT / "pyproject.toml").read_text()
