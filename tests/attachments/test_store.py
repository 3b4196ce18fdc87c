"""Bytes that are kept stand whole or not at all, once for each content, and nobody sweeps what a row names."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from hege.attachments import store

OLD = 1_000_000_000


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "attachments"


def kept() -> list[str]:
    """What is in the folder, by name."""
    return sorted(p.relative_to(store.folder()).as_posix() for p in store.folder().rglob("*") if p.is_file())


def grow_old(sha256: str) -> None:
    os.utime(store.path_of(sha256), (OLD, OLD))


def test_a_content_is_kept_once_for_our_account_alone():
    sha256 = store.put(b"photo")
    assert store.put(b"photo") == sha256
    assert kept() == [f"{sha256[:2]}/{sha256[2:]}"]
    assert store.read(sha256) == b"photo"
    assert store.path_of(sha256).stat().st_mode & 0o777 == 0o600
    assert store.path_of(sha256).parent.stat().st_mode & 0o777 == 0o700


def test_bytes_and_folders_are_on_the_disk_before_anybody_hears_of_them(monkeypatch: pytest.MonkeyPatch):
    flushed, real = list[str](), os.fsync

    def fsync(handle: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").resolve().name)
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    sha256 = store.put(b"photo")
    root, parent, part, prefix = flushed
    assert (root, parent, prefix) == (Path(store.folder()).parent.name, "attachments", sha256[:2])
    assert part.startswith(".writing-")


@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_a_disk_found_full_leaves_nothing_half(monkeypatch: pytest.MonkeyPatch, step: str):
    store.put(b"before")
    before = kept()

    def full(*_said: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="No space left"):
        store.put(b"photo")
    assert kept() == before


def test_what_somebody_damaged_is_whole_again_when_it_is_put_again():
    sha256 = store.put(b"photo")
    store.path_of(sha256).write_bytes(b"phot")
    assert store.hash_of(sha256) != sha256
    store.put(b"photo")
    assert store.hash_of(sha256) == sha256


def test_what_no_row_names_is_swept_after_a_while_and_half_written_scraps_with_it():
    named, stray, new = (store.put(data) for data in (b"named", b"stray", b"new"))
    scrap = store.path_of(new).with_name(".writing-0123456789abcdef")
    scrap.write_bytes(b"ne")
    os.utime(scrap, (OLD, OLD))
    for sha256 in (named, stray):
        grow_old(sha256)
    gone = store.sweep(before=OLD + 1, wanted=lambda contents: contents & {named})
    assert gone == 2
    assert kept() == sorted(f"{sha256[:2]}/{sha256[2:]}" for sha256 in (named, new))


def test_what_is_put_again_while_it_is_swept_stays():
    sha256 = store.put(b"photo")
    grow_old(sha256)
    store.put(b"photo")
    assert store.sweep(before=OLD + 1, wanted=lambda _contents: set()) == 0
    assert kept()
