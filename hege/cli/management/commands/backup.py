"""`hege backup FILE` or `hege backup --to FOLDER`: copy everything into one new file, while Hege runs; `--drill` proves it."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, ends_of_chains, option, printed
from hege.cli.copies.drill import Proof, prove
from hege.cli.copies.encryption import identities, recipients
from hege.cli.copies.folder import copy_to, name_at, prune
from hege.cli.copies.making import Made, make_copy
from hege.cli.copies.opening import unlocked
from hege.cli.copies.work import at_work, sha256_of
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.trail.actions import keep_witness, record_upkeep
from hege.trail.models import TrailHead, UpkeepKind, WitnessKind
from hege.trail.queries import proven_copies


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("至少 1")
    return int(text)


class Command(HegeCommand):
    help = "备份：不停机把数据库和附件写成一个文件。备份含敏感资料，请妥善保管。"
    options = (
        option("new", nargs="?", type=Path, metavar="FILE", help="新文件名；已有的文件不会被覆盖"),
        option("--to", action="append", type=Path, metavar="FOLDER", help="放进这个文件夹，按时刻取名；写第二个就再放一份，默认 HEGE_BACKUP_TO"),
        option("--keep", type=_at_least_one, default=14, help="每个文件夹保留最近几份（只清理按时刻取名的），默认 14"),
        option("--recipient", action="append", metavar="age1…|FILE", help="加密给这个 age 公钥，或文件里的各个公钥；默认 HEGE_BACKUP_KEY"),
        option("--drill", action="store_true", help="演练：加密前先恢复到一个临时数据库，核对并核验"),
        option("--file", type=Path, metavar="FILE", help="与 --drill 同用：不做新备份，演练这一份"),
        option("--identity", type=Path, metavar="FILE", help="与 --file 同用：加密备份的 age 私钥文件"),
    )  # fmt: skip

    def handle(self, **options: Any) -> None:
        at = clock.now()
        if options["file"]:
            if options["new"] or options["to"] or not options["drill"]:
                raise CommandError(_("--file 只和 --drill、--identity 同用：演练一份已有的备份。"))
            self._drill(options["file"].absolute(), options["identity"], at)
            return
        keys = recipients(options["recipient"] or settings.BACKUP_KEY)
        to: list[Path] = [] if options["new"] else [folder.absolute() for folder in options["to"] or settings.BACKUP_TO]
        if not options["new"] and not to:
            raise CommandError(_("备份写到哪里？请写文件名，或用 --to 写文件夹，或设 HEGE_BACKUP_TO。"))
        file = options["new"].absolute() if options["new"] else to[0] / name_at(at, encrypted=bool(keys))
        ends = self._ends()  # before the copy is taken, so that it holds them
        try:
            made = make_copy(file, heads=[printed(end) for end in ends], recipients=keys, drill=options["drill"], at=at)
        except Refused as refused:
            kind = UpkeepKind.BACKUP
            self._note(kind, well=False, note=str(refused), at=at, file=file.name)
            raise
        self._say_made(made, ends)
        troubles = self._elsewhere(made, to[1:])
        self._note(
            UpkeepKind.BACKUP, well=not troubles, note=" ".join(troubles) or made.file.name, at=at, file=made.file.name,
            size=made.size, sha256=made.sha256, plain_sha256=made.plain_sha256, encrypted=bool(keys),
            folders=[str(folder) for folder in to or [file.parent]],
        )  # fmt: skip
        if made.proof:
            troubles += self._say_proven(made.file, made.sha256, made.plain_sha256, made.proof, at)
        if to and (made.proof is None or made.proof.well):
            self._prune(to, made.file.name, options["keep"])
        if troubles:
            raise CommandError(" ".join(troubles))

    # -- what is said and kept -------------------------------------------------------------------------------------------

    def _ends(self) -> list[TrailHead]:
        """A copy is taken before an upgrade too, when the tables are still those of the release before."""
        try:
            return list(ends_of_chains())
        except DatabaseError:
            self.stderr.write(_("数据库还没有升级到这一版，这次备份不印留痕的末行。"))
            return []

    def _say_made(self, made: Made, ends: Sequence[TrailHead]) -> None:
        self.say(_("已备份到 %(file)s，共 %(size)s 字节。") % {"file": made.file, "size": f"{made.size:,}"})
        self.say(f"SHA-256 {made.sha256}")
        if made.plain_sha256 != made.sha256:
            self.say(_("加密前的 SHA-256 %(sum)s") % {"sum": made.plain_sha256})
        if ends:
            self.say(_("备份时留痕的末行，请抄存在库外，以后用 hege verify --witness 核对："))
        for end in ends:
            self.say(printed(end))
            self._keep(end, made.file)

    def _keep(self, end: TrailHead, file: Path) -> None:
        """The copy is there, and that counts; a database that cannot be written now misses one witness."""
        try:
            keep_witness(
                end.street, WitnessKind.BACKUP, seq=end.seq, digest=end.hash, note=file.name, by=None, at=clock.now()
            )
        except (DatabaseError, Refused) as problem:
            self.stderr.write(_("这次备份没能记在留痕上：%(why)s") % {"why": str(problem).splitlines()[0]})

    def _note(self, kind: UpkeepKind, **said: Any) -> None:
        """As above: what was done stands, though the database may not be able to say so."""
        try:
            record_upkeep(kind, **said)
        except DatabaseError as problem:
            self.stderr.write(_("没能记入运行维护记录：%(why)s") % {"why": str(problem).splitlines()[0]})

    # -- folders ---------------------------------------------------------------------------------------------------------

    def _elsewhere(self, made: Made, folders: Sequence[Path]) -> list[str]:
        """Put the copy into each other folder; why one has none."""
        troubles = []
        for folder in folders:
            try:
                copy_to(folder, made.file, sha256=made.sha256)
                self.say(_("另一份在 %(folder)s。") % {"folder": folder})
            except (Refused, OSError) as problem:
                why = getattr(problem, "strerror", None) or problem
                troubles.append(_("%(folder)s 里没有放成第二份：%(why)s") % {"folder": folder, "why": why})
        return troubles

    def _prune(self, folders: Sequence[Path], new: str, keep: int) -> None:
        """Older copies leave, but never the new one nor the last that was proven good."""
        for folder in folders:
            if not (folder / new).exists():
                continue
            proven = next((name for name in proven_copies() if (folder / name).exists()), new)
            gone = prune(folder, keep=keep, never={new, proven})
            if gone:
                self.say(_("%(folder)s 里清理了旧备份：%(files)s") % {"folder": folder, "files": _("、").join(gone)})

    # -- drills ----------------------------------------------------------------------------------------------------------

    def _drill(self, file: Path, identity: Path | None, at: dt.datetime) -> None:
        try:
            with at_work() as work:
                plain = unlocked(file, identities(identity) if identity else (), work=work)
                sums = sha256_of(file), sha256_of(plain)
                proof = prove(plain, work=work, named=file)
        except Refused as refused:
            self._note(UpkeepKind.DRILL, well=False, note=str(refused), at=at, file=file.name)
            raise
        troubles = self._say_proven(file, *sums, proof, at)
        if troubles:
            raise CommandError(" ".join(troubles))

    def _say_proven(self, file: Path, sha256: str, plain_sha256: str, proof: Proof, at: dt.datetime) -> list[str]:
        named = {"file": file.name, "rows": f"{proof.rows:,}", "sum": proof.sum[:16], "n": len(proof.faults)}
        self._note(
            UpkeepKind.DRILL, well=proof.well, note=" ".join(proof.faults[:1]), at=at, file=file.name, sha256=sha256,
            plain_sha256=plain_sha256, sum=proof.sum, rows=proof.rows, faults=len(proof.faults), unchecked=proof.unchecked,
        )  # fmt: skip
        self.say(_("演练：%(file)s 恢复出 %(rows)s 行，与备份时一致（合计 %(sum)s）。") % named)
        if proof.well:
            self.say(_("演练通过：恢复出来的账核验无误。"))
            return []
        if proof.faults:
            self.say(*proof.faults)
            return [_("备份是完整的，但账本身核验未通过（%(n)s 处）；旧备份都没有清理。请运行 hege verify。") % named]
        return [_("备份是完整的，但缺密钥，有些行核验不了。请把原来的密钥写进 HEGE_SEAL_KEYS_OLD。")]
