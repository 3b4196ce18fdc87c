"""Copies that are named by their instant, locked, proven and put in two places; and what is refused of them."""

from __future__ import annotations

import errno
import gzip
import io
import json
import resource
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.transaction import atomic
from pyrage.x25519 import Identity

from hege.attachments import store
from hege.attachments.preparing import prepare
from hege.attachments.rules import Purpose
from hege.cases.reports.actions import submit_report
from hege.cases.rules import ReportKind
from hege.cli.copies import bundle, postgresql
from hege.cli.copies.folder import prune
from hege.cli.copies.program import database_kind
from hege.cli.copies.work import Written, at_work, sha256_of
from hege.kernel import clock
from hege.people.models import Street
from hege.settings import _derived
from hege.trail.actions import record
from hege.trail.models import TrailHead, Upkeep, UpkeepKind
from tests.attachments.files import pdf, phone_photo, picture
from tests.cast import make_cast, make_street, tell
from tests.cli.copies.machine import another_database, played
from tests.test_settings import OWN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.once]


@pytest.fixture
def key(tmp_path: Path) -> tuple[str, Path]:
    """A public key, and the file of the private one as age-keygen writes it."""
    identity, file = Identity.generate(), tmp_path / "hege-backup.key"
    file.write_text(f"# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public()), file


def folder(tmp_path: Path, name: str = "copies") -> Path:
    made = tmp_path / name
    made.mkdir()
    return made


def last(kind: UpkeepKind) -> Upkeep:
    found = Upkeep.objects.filter(kind=kind).order_by("-pk").first()
    assert found
    return found


def named(copies: Path) -> list[str]:
    return sorted(path.name for path in copies.iterdir())


def rewritten(file: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy whose manifest says something else."""
    with tarfile.open(file) as tar:
        parts = [(member, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    with tarfile.open(file, "w") as tar:
        for member, content in parts:
            if member.name == bundle.MANIFEST:
                said = json.loads(content)
                change(said)
                content = json.dumps(said).encode()
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file


# -- one file ------------------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_copy_says_first_what_it_holds_and_where_each_trail_ended(street: Street, tmp_path: Path):
    call_command("backup", tmp_path / "copy")
    with tarfile.open(tmp_path / "copy") as tar:
        names = tar.getnames()
        told = json.load(tar.extractfile(names[0]))  # type: ignore[arg-type]
    assert names == ["manifest.json", bundle.DATABASE[connection.vendor]]
    head = TrailHead.objects.get(street=street)
    assert told["figures"]["rows"]["people_street"] == 1
    assert told["figures"]["heads"] == {"310117006": [1, told["heads"][0].split()[2]]}
    assert (told["database"], told["parts"][0]["name"], head.seq) == (connection.vendor, names[1], 2)


def test_attachments_come_along_and_those_that_are_there_stay(street: Street, tmp_path: Path):
    stored = settings.DATA_DIR / "attachments"
    (stored / "ab").mkdir(parents=True)
    (stored / "ab" / "ab12").write_bytes(b"photo")
    (stored / "ab" / ".ab13.part").write_bytes(b"half")
    call_command("backup", tmp_path / "copy")
    shutil.rmtree(stored)
    (stored / "ab").mkdir(parents=True)
    (stored / "cd34").write_bytes(b"later")
    call_command("restore", tmp_path / "copy", "--force")
    assert {path.name: path.read_bytes() for path in stored.rglob("*") if path.is_file()} == {
        "ab12": b"photo",
        "cd34": b"later",
    }


#: On a machine that has nothing: a copy is put back, and somebody opens every file; answers what was served, by its digest.
RESTORED_AND_SERVED = """
import hashlib, json, sys
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from hege.attachments.models import Attachment
from hege.integrity.queries import faults
from hege.people.models import Street, User

call_command("restore", sys.argv[1])
browser = Client(SERVER_NAME="127.0.0.1")
browser.force_login(User.objects.get(memberships__role="coordinator"))

def served(path):
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return hashlib.sha256(answer.content).hexdigest()

found, wanted = [], []
for file in Attachment.objects.order_by("pk"):
    files = f"/{file.street.code}/files/"
    here = f"{files}reports/{file.public_id}/"
    found.append(served(here))
    wanted.append(file.sha256)
    if file.small_sha256:
        found.append(served(here + "small/"))
        wanted.append(file.small_sha256)
    if file.original_sha256:
        ticket = browser.post(f"{files}{file.public_id}/original/", {"reason": "核对"})["Location"]
        found.append(served(ticket))
        wanted.append(file.original_sha256)
print(json.dumps([found, wanted, [*faults(Street.objects.get())]]))
"""


def test_a_copy_put_back_on_an_empty_machine_serves_every_picture(tmp_path: Path):
    with atomic():
        cast = make_cast(make_street())
        tell(cast.street)
    photo, receipt, scan = picture(), phone_photo(), pdf()
    sent = ((photo, Purpose.PHOTO), (receipt, Purpose.RECEIPT), (scan, Purpose.PAPER))
    photos = [prepare("IMG_1", len(data), partial(bytes, data), purpose=purpose) for data, purpose in sent]
    submit_report(cast.street, kind=ReportKind.PATROL, text="渗水", photos=photos, by=None, at=clock.now())
    call_command("backup", tmp_path / "copy")
    with another_database(tmp_path) as url:
        found, wanted, wrong = played(RESTORED_AND_SERVED, tmp_path / "copy", url=url, data=tmp_path / "empty")
    assert (found, len(found), wrong) == (wanted, 6, [])
    assert {store.digest(receipt), store.digest(scan)} < set(found)


def test_a_stored_file_that_was_changed_is_put_right_and_kept_aside(street: Street, tmp_path: Path):
    stored = settings.DATA_DIR / "attachments"
    stored.mkdir()
    (stored / "ab12").write_bytes(b"photo")
    call_command("backup", tmp_path / "copy")
    (stored / "ab12").write_bytes(b"damaged")
    call_command("restore", tmp_path / "copy", "--force")
    (aside,) = settings.DATA_DIR.glob("attachments.before-restore-*/ab12")
    assert ((stored / "ab12").read_bytes(), aside.read_bytes()) == (b"photo", b"damaged")


@pytest.mark.both
def test_a_bare_copy_of_an_earlier_release_is_taken(street: Street, tmp_path: Path):
    call_command("backup", tmp_path / "copy")
    with tarfile.open(tmp_path / "copy") as tar:
        part = tar.extractfile(bundle.DATABASE[connection.vendor]).read()  # type: ignore[union-attr]
    (tmp_path / "bare").write_bytes(gzip.decompress(part) if connection.vendor == "sqlite" else part)
    Street.objects.filter(pk=street.pk).update(name="改过的名字")
    call_command("restore", tmp_path / "bare", "--force")
    assert Street.objects.get().name == "九里亭街道"


@pytest.mark.both
def test_the_ordinary_tools_open_a_copy(street: Street, tmp_path: Path):
    call_command("backup", tmp_path / "copy")
    subprocess.run(["tar", "xf", tmp_path / "copy"], cwd=tmp_path, check=True)
    with (tmp_path / bundle.DATABASE[connection.vendor]).open("rb") as read:
        opened = gzip.GzipFile(fileobj=read) if connection.vendor == "sqlite" else read
        assert opened.read(5) == database_kind().MAGIC[:5]


# -- what is refused -----------------------------------------------------------------------------------------------------


def _damages() -> dict[str, Callable[[Path], Path]]:
    def flip(copy: Path) -> Path:
        content = bytearray(copy.read_bytes())
        content[len(content) * 2 // 3] ^= 1
        copy.write_bytes(content)
        return copy

    def cut(copy: Path) -> Path:
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
        return copy

    def other_kind(said: dict[str, Any]) -> None:
        said["database"] = "postgresql" if said["database"] == "sqlite" else "sqlite"
        said["parts"][0]["name"] = bundle.DATABASE[said["database"]]

    return {
        "不完整或已损坏": flip,
        "不完整或已损坏（": cut,
        "数据库的备份，正在用的不是这一种": lambda copy: rewritten(copy, other_kind),
        "这一版不认识 people.9999_later": lambda copy: rewritten(copy, lambda said: said["migrations"].update(people="9999_later")),
        "这一版不认识 outbox.0001_initial": lambda copy: rewritten(copy, lambda said: said["migrations"].update(outbox="0001_initial")),
        "是更新版本的合格写的备份": lambda copy: rewritten(copy, lambda said: said.update(format=2, other={})),
        "损坏（manifest.json）": lambda copy: rewritten(
            copy, lambda said: said["parts"].append({"name": "attachments/../../evil", "size": 0, "sha256": ""})
        ),
    }  # fmt: skip


@pytest.mark.parametrize("sentence", _damages())
def test_a_copy_that_is_not_whole_not_ours_or_newer_changes_nothing(street: Street, tmp_path: Path, sentence: str):
    call_command("backup", tmp_path / "copy")
    Street.objects.filter(pk=street.pk).update(name="改过的名字")
    damaged = _damages()[sentence](tmp_path / "copy")
    with pytest.raises(CommandError, match=sentence):
        call_command("restore", damaged, "--force")
    assert Street.objects.get().name == "改过的名字"
    assert not (settings.DATA_DIR / "copying").exists()


def test_a_step_that_later_ones_replaced_is_known(street: Street, tmp_path: Path):
    call_command("backup", tmp_path / "copy")
    copy = rewritten(tmp_path / "copy", lambda said: said["migrations"].update(trail="0001_initial"))
    call_command("restore", copy, "--force")
    assert Street.objects.count() == 1


# -- locked --------------------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_locked_copy_is_opened_with_its_private_key_alone(street: Street, tmp_path: Path, key: tuple[str, Path]):
    copies, (public, private) = folder(tmp_path), key
    call_command("backup", to=[copies], recipient=[public])
    (copy,) = copies.glob("hege-*.tar.age")
    assert copy.read_bytes().startswith(b"age-encryption.org/v1")
    assert "九里亭".encode() not in copy.read_bytes()
    Street.objects.filter(pk=street.pk).update(name="改过的名字")
    call_command("restore", copy, "--force", "--identity", str(private))
    assert Street.objects.get().name == "九里亭街道"


@pytest.mark.parametrize(
    ("whose", "sentence"),
    [("", "请用 --identity 指明私钥文件"), ("other", "这把私钥打不开"), ("none", "里没有 age 私钥"), ("cut", "已损坏或不完整")],
)  # fmt: skip
def test_a_locked_copy_without_its_key_or_cut_changes_nothing(
    street: Street, tmp_path: Path, key: tuple[str, Path], whose: str, sentence: str
):
    copy, (public, private) = tmp_path / "copy", key
    call_command("backup", copy, recipient=[public])
    if whose == "other":
        private.write_text(str(Identity.generate()))
    elif whose == "none":
        private.write_text(f"# nothing\n{public}\n")
    elif whose == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    said = ["--identity", str(private)] if whose else []
    Street.objects.filter(pk=street.pk).update(name="改过的名字")
    with pytest.raises(CommandError, match=sentence):
        call_command("restore", copy, "--force", *said)
    assert Street.objects.get().name == "改过的名字"


def test_recipients_may_stand_in_a_file_and_a_private_key_is_refused(
    street: Street, tmp_path: Path, key: tuple[str, Path]
):
    public, private = key
    (tmp_path / "may-open").write_text(f"# the clerk\n{public}\n")
    call_command("backup", tmp_path / "copy", recipient=[str(tmp_path / "may-open")])
    assert (tmp_path / "copy").read_bytes().startswith(b"age-encryption.org/v1")
    for wrong in (str(private), private.read_text().splitlines()[1]):
        with pytest.raises(CommandError, match="这是私钥"):
            call_command("backup", tmp_path / "again", recipient=[wrong])
    with pytest.raises(CommandError, match="不是 age 公钥"):
        call_command("backup", tmp_path / "again", recipient=["age1nobody"])


# -- a full disk ---------------------------------------------------------------------------------------------------------


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """No file of this process and of those it starts grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.both
@pytest.mark.parametrize("drill", [False, True])
def test_a_disk_that_is_full_leaves_nothing_half_and_the_older_copies_as_they_were(
    street: Street, tmp_path: Path, drill: bool
):
    here = folder(tmp_path)
    (here / "hege-20261101-020000.tar").write_text("older")
    with full_after(100_000), pytest.raises(CommandError, match=r"没有写成|pg_dump 未能完成"):
        call_command("backup", to=[here], keep=1, drill=drill)
    assert named(here) == ["hege-20261101-020000.tar"]
    assert named(settings.DATA_DIR) == ["copying.lock"]
    assert not last(UpkeepKind.BACKUP).well


@pytest.mark.both
@pytest.mark.parametrize("parts", ["plain", "locked"])
def test_a_disk_that_is_full_at_the_end_is_told_in_a_sentence(
    street: Street, tmp_path: Path, key: tuple[str, Path], monkeypatch, parts: str
):
    def full(self: Written, some: bytes) -> int:
        if self.size > 100 and (parts == "plain" or self.part.parent == tmp_path):
            self.trouble = OSError(errno.ENOSPC, "No space left on device")
            raise self.trouble
        return write(self, some)

    write = Written.write
    monkeypatch.setattr(Written, "write", full)
    before = named(tmp_path)
    with pytest.raises(CommandError, match=r"没有写成（No space left on device）.*旧的备份都没有动"):
        call_command("backup", tmp_path / "copy", recipient=[key[0]] if parts == "locked" else [])
    assert named(tmp_path) == before
    assert not last(UpkeepKind.BACKUP).well


def test_a_disk_that_is_full_in_the_middle_of_a_restore_changes_nothing(street: Street, tmp_path: Path):
    call_command("backup", tmp_path / "copy")
    Street.objects.filter(pk=street.pk).update(name="改过的名字")
    with full_after(100_000), pytest.raises((CommandError, OSError), match=r"未能完成|File too large"):
        call_command("restore", tmp_path / "copy", "--force")
    assert Street.objects.get().name == "改过的名字"


# -- folders -------------------------------------------------------------------------------------------------------------


def test_a_copy_is_named_by_its_instant_put_in_both_places_and_its_digests_are_kept(
    street: Street, tmp_path: Path, key: tuple[str, Path], capsys
):
    here, there = folder(tmp_path), folder(tmp_path, "second")
    with time_machine.travel("2026-11-25 02:00:00+08:00", tick=False):
        call_command("backup", to=[here, there], recipient=[key[0]])
    name = "hege-20261125-020000.tar.age"
    assert named(here) == named(there) == [name]
    kept, out = last(UpkeepKind.BACKUP), capsys.readouterr().out
    assert kept.well
    assert kept.data["sha256"] == sha256_of(here / name) == sha256_of(there / name)
    assert kept.data["plain_sha256"] != kept.data["sha256"]
    assert kept.data["sha256"] in out
    assert kept.data["plain_sha256"] in out


def test_a_second_place_that_is_away_is_told_and_the_first_copy_stands(street: Street, tmp_path: Path):
    here = folder(tmp_path)
    with pytest.raises(CommandError, match="没有放成第二份"):
        call_command("backup", to=[here, tmp_path / "away"])
    assert len(named(here)) == 1
    assert not last(UpkeepKind.BACKUP).well


def test_without_a_place_nothing_is_copied(street: Street):
    with pytest.raises(CommandError, match="备份写到哪里"):
        call_command("backup")


def test_older_copies_leave_after_the_new_one_stands_and_no_other_file(street: Street, tmp_path: Path):
    here = folder(tmp_path)
    for day in (1, 2, 3):
        (here / f"hege-202611{day:02}-020000.tar").write_text("older")
    (here / "hege-before-upgrade.tar").write_text("of value")
    call_command("backup", to=[here], keep=2)
    left = named(here)
    assert left[0] == "hege-20261103-020000.tar"
    assert (len(left), left[-1]) == (3, "hege-before-upgrade.tar")


def test_neither_the_new_copy_nor_the_last_proven_one_ever_leaves(tmp_path: Path):
    names = [f"hege-202611{day:02}-020000.tar" for day in (1, 2, 3, 4)]
    for name in names:
        (tmp_path / name).write_text("")
    assert prune(tmp_path, keep=1, never={names[0], names[1]}) == [names[2]]


def test_one_copy_at_a_time(street: Street, tmp_path: Path):
    with at_work(), pytest.raises(CommandError, match="正在进行"):
        call_command("backup", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


# -- drills --------------------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_drill_proves_the_copy_before_it_is_locked_and_leaves_nothing(
    street: Street, tmp_path: Path, key: tuple[str, Path], capsys
):
    here = folder(tmp_path)
    call_command("backup", to=[here], recipient=[key[0]], drill=True)
    drill, made = last(UpkeepKind.DRILL), last(UpkeepKind.BACKUP)
    assert drill.well
    assert (drill.data["sha256"], drill.data["plain_sha256"]) == (made.data["sha256"], made.data["plain_sha256"])
    assert "演练通过" in capsys.readouterr().out
    assert named(settings.DATA_DIR) == ["copying.lock"]
    (copy,) = here.iterdir()
    call_command("backup", drill=True, file=copy, identity=key[1])
    again = last(UpkeepKind.DRILL)
    assert (again.pk != drill.pk, again.well, again.data["sum"]) == (True, True, drill.data["sum"])
    assert _scratch_databases() == []


def _scratch_databases() -> list[str]:
    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        like = f"{postgresql.SCRATCH}{str(connection.settings_dict['NAME'])[:30]}%"
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [like])
        return [name for (name,) in cursor.fetchall()]


def test_a_drill_verifies_with_the_keys_of_the_key_file(street: Street, tmp_path: Path, settings: Any):
    """They lie in the data folder, and the drill has one of its own: sealed with them alone, nothing could be checked."""
    settings.KEY_FILE = tmp_path / "keys"
    settings.KEY_FILE.write_text(f"HEGE_SEAL_KEY={OWN}\nHEGE_SEAL_KEYS_OLD={settings.SECRET_KEY}\n")
    settings.KEY_FILE.chmod(0o600)
    settings.SEAL_KEY_NAME, key = _derived("HEGE_SEAL_KEY", OWN)
    settings.SEAL_KEYS = {**settings.SEAL_KEYS, settings.SEAL_KEY_NAME: key}
    with atomic():
        record("set_up", street, street=street, by=None, at=clock.now())
    call_command("backup", tmp_path / "copy", drill=True)
    assert last(UpkeepKind.DRILL).well


def test_a_copy_that_lost_a_row_is_found_by_the_drill_and_is_no_copy(street: Street, tmp_path: Path, monkeypatch):
    kind, dump = database_kind(), database_kind().dump

    def forgetful(work: Path) -> tuple[Path, dict[str, Any]]:
        file, told = dump(work)
        told["rows"]["people_street"] += 1
        return file, told

    monkeypatch.setattr(kind, "dump", forgetful)
    with pytest.raises(CommandError, match="rows people_street: 2 / 1"):
        call_command("backup", tmp_path / "copy", drill=True)
    assert list(tmp_path.iterdir()) == []
    assert not last(UpkeepKind.BACKUP).well


def test_books_that_do_not_verify_are_copied_told_and_no_older_copy_leaves(street: Street, tmp_path: Path, capsys):
    here = folder(tmp_path)
    (here / "hege-20261101-020000.tar").write_text("older")
    Street.objects.filter(pk=street.pk).update(name="改过的名字")
    with pytest.raises(CommandError, match="账本身核验未通过"):
        call_command("backup", to=[here], keep=1, drill=True)
    assert len(named(here)) == 2
    assert (last(UpkeepKind.BACKUP).well, last(UpkeepKind.DRILL).well) == (True, False)
    assert "people.street" in capsys.readouterr().out
