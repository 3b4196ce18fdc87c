"""What an installation fetches is what the clone runs on, and only that."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import hege

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: Read where the database is PostgreSQL, and nowhere else.
POSTGRESQL = ROOT / "hege" / "kernel" / "postgresql"

pytestmark = pytest.mark.once


def wanted(name: str) -> list[str]:
    """The lines of a list of requirements, without their reasons."""
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return [found for line in lines if (found := line.partition("#")[0].strip()) and not found.startswith("-")]


def of(requirement: str) -> str:
    """The name a requirement is known by: ``django-environ`` of ``Django_environ[extra]>=1``."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~ ]", requirement)[0]).lower()


def test_an_installation_fetches_what_the_clone_runs_on():
    assert sorted([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgres"]]) == sorted(wanted("base"))


def test_what_a_city_adds_is_what_its_list_pins():
    assert sorted(PROJECT["optional-dependencies"]["city"]) == sorted(wanted("city"))


def imported(path: Path) -> Iterator[str]:
    """The modules a file imports, but for those that only types name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in set(ast.walk(tree)) - for_types:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_the_code_imports_nothing_that_an_installation_on_sqlite_does_not_fetch():
    paths = [p for p in (ROOT / "hege").rglob("*.py") if p.parent != POSTGRESQL]
    names = {name.partition(".")[0] for path in paths for name in imported(path)}
    homes = packages_distributions()
    foreign = {of(home) for name in names - set(sys.stdlib_module_names) for home in homes.get(name, [name])}
    pins = re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8"), re.MULTILINE)
    fetched = {"hege", *map(of, pins)} - {"psycopg", "psycopg-binary"}
    assert sorted(foreign - fetched) == []


def test_verifiers_of_others_are_pinned_by_hash_and_name_no_registry():
    folder = ROOT / "tests" / "conformance"
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    pins = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert pins.pop("")["dependencies"] == wanted
    assert {name for name, pin in pins.items() if not pin["integrity"].startswith("sha512-")} == set()
    assert {name for name, pin in pins.items() if "resolved" in pin} == set()
    assert {name: pins[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_the_release_is_said_once():
    assert PROJECT["dynamic"] == ["version"]
    assert (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").find(f"## {hege.__version__}") > 0
