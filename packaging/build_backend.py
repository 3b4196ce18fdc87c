"""Builds the wheel: flit's, of a copy of the tree in which the texts are compiled and the static files collected.

So an installation needs neither Babel nor a place beside the code to write to. Everything else is flit's own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import tomllib
from contextlib import chdir
from pathlib import Path
from typing import Any

from flit_core.buildapi import (  # noqa: F401 -- what pip asks a backend for, passed on
    build_editable,
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)
from flit_core.buildapi import build_wheel as _packed

ROOT = Path(__file__).resolve().parent.parent
OF_THE_TREE = ("pyproject.toml", "README.md", "LICENSE", "hege")
#: What who looks after the machine copies: it comes with the wheel and lies in `share/hege` of the environment.
TO_COPY = ("systemd", "nginx", "caddy", "postgresql", "hege", "hege.env", "owner.env")
HANDBOOKS = ("operate.md", "operate.zh-CN.md")
NOT_OURS_TO_PACK = shutil.ignore_patterns("__pycache__", "*.py[co]", "*.mo", "*.part", "collected")


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """Babel, and what Hege runs on: its static files are collected by its own settings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return ["Babel>=2.17", *project["dependencies"]]


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Build the wheel into a folder; answers its file name."""
    into = str(Path(wheel_directory).absolute())
    with tempfile.TemporaryDirectory(prefix="hege-wheel-") as folder:
        copy = Path(folder) / "tree"
        copy.mkdir()
        for name in OF_THE_TREE:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, copy / name, ignore=NOT_OURS_TO_PACK)
            else:
                shutil.copy2(ROOT / name, copy / name)
        compile_texts(copy / "hege" / "locale")
        collect_static(copy)
        lay_out(copy)
        with chdir(copy):  # flit packs the tree it stands in
            name = _packed(into, config_settings, metadata_directory)
    return str(name)


def lay_out(tree: Path) -> None:
    """Put what is copied from the environment into a folder of the tree, and tell flit of it."""
    share = tree / "data" / "share" / "hege"
    share.mkdir(parents=True)
    for name in TO_COPY:
        if (ROOT / "packaging" / name).is_dir():
            shutil.copytree(ROOT / "packaging" / name, share / name)
        else:
            shutil.copy2(ROOT / "packaging" / name, share / name)
    for name in HANDBOOKS:
        shutil.copy2(ROOT / "docs" / name, share / name)
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[tool.flit.external-data]\ndirectory = "data"\n')


def compile_texts(folder: Path) -> None:
    """Compile every catalogue of texts below a folder, beside itself."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for catalogue in folder.glob("*/LC_MESSAGES/*.po"):
        with catalogue.open("rb") as texts, catalogue.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(texts, locale=catalogue.parent.parent.name))


def collect_static(tree: Path) -> None:
    """Collect the static files of all apps under names of their content, and compressed, as production serves them."""
    (tree / "hege" / "web" / "collected").mkdir()  # found there, it is where the settings collect to
    with tempfile.TemporaryDirectory(prefix="hege-wheel-data-") as data:
        asked = {
            "HEGE_ENV": "production",
            "HEGE_SECRET_KEY": secrets.token_urlsafe(50),
            "HEGE_ALLOWED_HOSTS": "localhost",
            "HEGE_DATABASE_URL": f"sqlite:///{data}/none.sqlite3",
            "HEGE_DATA_DIR": data,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(tree), os.environ.get("PYTHONPATH")])),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("HEGE_", "DJANGO_"))}
        command = [sys.executable, "-m", "hege.cli.main", "collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run(command, cwd=tree, env=ours | asked, check=True)
