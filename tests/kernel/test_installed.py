"""The key file: whole, ours alone, and never said aloud."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from hege.kernel import installed
from tests.cast import Cast

KEY = "Zr7p-QmX4vT9bLw2sKd8HnYc3JfGa6UeZr7p-QmX4vT9bLw2sKd8HnYc3JfGa6Ue"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def new(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A new installation, where `hege setup` is about to run; its key file to be."""
    monkeypatch.setattr(installed, "FRESH", {})
    monkeypatch.setenv("HEGE_ENV", "production")
    monkeypatch.setenv("HEGE_DATA_DIR", str(tmp_path))
    for name in ("HEGE_SECRET_KEY", "HEGE_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "keys"


def written(file: Path, text: str, mode: int = 0o600) -> Path:
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_key_file_may_explain_itself(file: Path):
    written(file, f"# ours\n\nHEGE_SECRET_KEY={KEY}\n HEGE_SEAL_KEY={KEY[::-1]} \n")
    assert installed.keys_in(file) == {"HEGE_SECRET_KEY": KEY, "HEGE_SEAL_KEY": KEY[::-1]}


def test_where_there_is_no_key_file_there_are_no_keys(file: Path):
    assert installed.keys_in(file) == {}


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (KEY, 0o600, "line 1"),
        (f"HEGE_SECRET_KEY={KEY}\nHEGE_SECRET_KEY={KEY}", 0o600, "line 2"),
        (f"HEGE_SECRET_KEY='{KEY}'", 0o600, "without quotes"),
        (f"HEGE_SECRET_KEY= {KEY}", 0o600, "blanks"),
        ("HEGE_SECRET_KEY=", 0o600, "line 1"),
        (f"HEGE_DATABASE_URL={KEY}", 0o600, "the name one of HEGE_SECRET_KEY"),
        ("# nothing\n", 0o600, "put the copy you kept in its place"),
        (f"HEGE_SECRET_KEY={KEY}", 0o644, "chmod 600"),
    ],
)
def test_a_key_file_that_cannot_be_relied_on_is_refused_without_its_values(file: Path, text: str, mode: int, why: str):
    with pytest.raises(ImproperlyConfigured, match=f"HEGE_KEY_FILE: {file}.*{why}") as refused:
        installed.keys_in(written(file, text, mode))
    assert KEY not in str(refused.value)


def test_a_folder_or_bytes_in_the_place_of_a_key_file_are_refused(tmp_path: Path, file: Path):
    file.write_bytes(b"\xff\xfe")
    file.chmod(0o600)
    for wrong in (tmp_path, file, file / "keys"):
        with pytest.raises(ImproperlyConfigured, match="HEGE_KEY_FILE"):
            installed.keys_in(wrong)


def test_a_key_file_of_another_account_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch):
    owner = os.geteuid() or 1  # root's may be read by all
    real = written(file, f"HEGE_SECRET_KEY={KEY}").stat()
    monkeypatch.setattr(Path, "stat", lambda _path: os.stat_result((*real[:4], owner, *real[5:])))
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(ImproperlyConfigured, match=f"belongs to the account {owner}, and Hege runs as 4711"):
        installed.keys_in(file)


def test_setup_makes_keys_once_for_this_account_alone(new: Path):
    installed.make_keys()
    installed.keep_keys(new)
    assert (new.stat().st_mode & 0o777, installed.keys_in(new)) == (0o600, installed.FRESH)
    assert len({*installed.FRESH.values()}) == 2
    assert sorted(path.name for path in new.parent.iterdir()) == ["keys"]
    with pytest.raises(ImproperlyConfigured, match="run it again"):
        installed.keep_keys(new)


@pytest.mark.parametrize("name", ["HEGE_SECRET_KEY", "HEGE_ENV"])
def test_no_keys_are_made_where_the_office_gives_its_own_or_only_tries(
    new: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, {"HEGE_SECRET_KEY": KEY, "HEGE_ENV": "development"}[name])
    installed.make_keys()
    assert installed.FRESH == {}


@pytest.mark.django_db
def test_setup_makes_no_new_keys_for_a_street_that_has_some_elsewhere(new: Path, cast: Cast):
    installed.make_keys()
    with pytest.raises(CommandError, match="请把另存的密钥文件放回"):
        call_command("setup", street="310117007", name="新桥镇", password_stdin=True)
    assert not new.exists()


def test_a_folder_that_cannot_be_written_is_told_with_its_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(ImproperlyConfigured, match=f"HEGE_DATA_DIR: {tmp_path} cannot be written to.*install -d"):
        installed.check_writable(tmp_path)


def test_programs_that_tests_start_keep_their_files_with_the_run_and_not_in_the_clone(settings):
    """Suites side by side would otherwise make copies in one folder, where the second is refused."""
    assert installed.data_dir() == settings.DATA_DIR
    assert installed.CODE not in installed.data_dir().parents
