"""The pack for whoever checks (抽查凭证包): payments that nobody chose, their papers, and every line of the trail.

Whoever has it needs nothing of ours to check it: the draw can be done again from its number, each paper and each line carry
their SHA-256, and each line that of the one before.
"""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

from django.utils.translation import gettext as _

from hege.attachments import store
from hege.billing.queries import confirmed_payments_of, graded
from hege.conferences.queries import signed_heads, trail_head
from hege.exports.queries import PAPERS, drawn, paper_row
from hege.exports.tables import Tell, write_table
from hege.kernel.money import yuan
from hege.people.models import Street
from hege.trail.queries import lines_as_json

SAMPLE = 20


def write_pack(street: Street, seed: str, out: BinaryIO, tell: Tell) -> None:
    """Write the pack as a zip; what cannot be found on the disk is said in it."""
    head, digest = trail_head(street)
    rows, missing = [], []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        sample = drawn(street, seed, SAMPLE)
        for done, (payment, files) in enumerate(sample, 1):
            names = []
            for n, file in enumerate(files, 1):
                name = _("凭证/%(id)s-%(n)s-%(name)s") % {"id": payment.pk, "n": n, "name": file.name}
                if store.is_there(file.sha256):
                    pack.writestr(name, store.read(file.sha256), zipfile.ZIP_STORED)
                    names.append(f"{name}  SHA-256 {file.sha256}")
                else:
                    missing.append(name)
            rows.append(paper_row(payment, names))
            tell(_("放进凭证"), done, len(sample))
        table = io.BytesIO()
        write_table(table, str(_("抽查")), PAPERS, rows, total=len(rows), tell=tell)
        pack.writestr(_("抽查.xlsx"), table.getvalue())
        with pack.open(_("留痕.jsonl"), "w", force_zip64=True) as lines:
            for seq, line in lines_as_json(street, upto=head):
                lines.write(line.encode() + b"\n")
                tell(_("写出留痕"), seq, head)
        pack.writestr(_("说明.txt"), _words(street, seed, head, digest, missing))


def _words(street: Street, seed: str, head: int, digest: str, missing: list[str]) -> str:
    whole = graded(confirmed_payments_of(street))
    told = {"street": street.name, "seed": seed, "size": SAMPLE, "head": head, "hash": digest}
    sums = {"n": whole.payments, "fen": yuan(whole.fen), "seen": whole.seen, "seen_fen": yuan(whole.seen_fen)}
    lines = [
        _("%(street)s 抽查凭证包") % told,
        _("抽样号 %(seed)s。同一个号总是抽出同样的几笔：编号前加上抽样号和一个空格，取 SHA-256，最小的 %(size)s 个。") % told,
        _("已证实的收付 %(n)s 笔 %(fen)s 元，其中有照片的 %(seen)s 笔 %(seen_fen)s 元。") % sums,
        _("留痕到第 %(head)s 行，末行校验码 %(hash)s。每行都写着上一行的校验码；少一行、改一个字，后面的都对不上。") % told,
        *(_("第 %(n)s 行的校验码印在会议纪要 %(where)s：%(hash)s") % {"n": h.seq, "where": h.where.removeprefix("minutes "), "hash": h.hash}
          for h in signed_heads(street)),
        *(_("磁盘上找不到，没有放进来：%(name)s") % {"name": name} for name in missing),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
