"""What the handbooks point at is there: a file, and the name in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
#: `path/file.ext` or `path/file.py::name`, in back quotes, from one of the house's folders.
POINTER = re.compile(r"`((?:hege|tests|bench|docs|requirements)/[\w./-]+\.\w+)(?:::(\w+))?`")


def names_in(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found.update(ast.unparse(target) for target in node.targets)
        elif isinstance(node, ast.AnnAssign):
            found.add(ast.unparse(node.target))
    return found


@pytest.mark.parametrize("page", ["architecture", "contributing", "testing"])
def test_every_file_and_name_a_handbook_points_at_is_there(page: str):
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    pointers = POINTER.findall(text)
    lost = [
        f"{path}::{name}"
        for path, name in pointers
        if not (ROOT / path).exists() or (name and name not in names_in(ROOT / path))
    ]
    assert lost == []
    assert len(pointers) >= 3


def test_every_decision_is_in_the_index():
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8")
    assert [p.name for p in sorted((ROOT / "docs/adr").glob("0*.md")) if f"({p.name})" not in index] == []


def settings_read() -> set[str]:
    files = [ROOT / "hege/settings.py", ROOT / "hege/kernel/installed.py"]
    return {name for file in files for name in re.findall(r"\"(HEGE_[A-Z_]+)\"", file.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", ["operate.md", "operate.zh-CN.md"])
def test_every_setting_has_its_line_in_the_table_of_settings(page: str):
    said = set(re.findall(r"^\| `(HEGE_[A-Z_]+)", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE))
    assert settings_read() - said == set()


@pytest.mark.parametrize("page", ["operate.md", "operate.zh-CN.md"])
def test_every_section_the_handbook_of_operation_sends_to_is_there(page: str):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w-]", "", line[3:].lower().replace(" ", "-"))
        for line in text.splitlines()
        if line.startswith("## ")
    }
    sent = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert sent == headings
