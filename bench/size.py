"""How much there is to read: lines and statements of ``hege`` without comments, docstrings and migrations; its templates.

``python -m bench.size [FOLDER]`` prints them for a checkout, by default this one.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def sources(root: Path) -> Iterator[str]:
    """The text of every module that is written by hand."""
    for path in sorted((root / "hege").rglob("*.py")):
        if "migrations" not in path.parts:
            yield path.read_text()


def _docstrings(tree: ast.Module) -> set[int]:
    """The lines of docstrings."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node, clean=False) is not None
        ):
            said = node.body[0]
            lines.update(range(said.lineno, (said.end_lineno or said.lineno) + 1))
    return lines


def size(text: str) -> tuple[int, int, int]:
    """Lines that hold code, the characters on them, and the statements of one module."""
    tree = ast.parse(text)
    said = _docstrings(tree)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    held: set[int] = set()
    for token in tokens:
        if token.type not in NO_CODE:
            held.update(range(token.start[0], token.end[0] + 1))
    lines = text.splitlines()
    code = [lines[n - 1] for n in held - said]
    strings = sum(
        isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) and isinstance(n.value.value, str)
        for n in ast.walk(tree)
    )
    return len(code), sum(map(len, code)), sum(isinstance(n, ast.stmt) for n in ast.walk(tree)) - strings


def main() -> None:
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HERE
    lines, characters, statements = map(sum, zip(*map(size, sources(root)), strict=True))
    pages = [
        line
        for path in sorted((root / "hege").rglob("*.html"))
        for line in path.read_text().splitlines()
        if line.strip()
    ]
    print(f"modules {sum(1 for _ in sources(root))}")
    print(f"lines {lines:,}  characters a line {characters / lines:.1f}  statements {statements:,}")
    print(
        f"template lines {len(pages):,}  longest {max(map(len, pages))}  over 120 columns {sum(len(p) > 120 for p in pages)}"
    )


if __name__ == "__main__":
    main()
