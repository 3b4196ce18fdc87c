"""Copies that only the holder of a key can read (加密): the age format, which the program ``age`` reads and writes too.

The site knows recipients (``age1…``) alone; an identity (``AGE-SECRET-KEY-1…``) is brought along when a copy is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyrage
from django.utils.translation import gettext_lazy as _
from pyrage.x25519 import Identity, Recipient

from hege.cli.copies.work import Written
from hege.kernel.refused import Refused

MAGIC = (b"age-encryption.org/", b"-----BEGIN AGE")
SUFFIX = ".age"
PRIVATE = "age-secret-key-"


def recipients(said: Sequence[str]) -> list[Recipient]:
    """Those a copy is locked for: each is ``age1…``, or a file that holds one a line."""
    found = []
    for text in said:
        for key in [text] if text.lower().startswith(("age1", PRIVATE)) else _lines(Path(text)):
            if key.lower().startswith(PRIVATE):
                raise Refused(_("这是私钥。备份只用公钥（age1…）加密，私钥不要放在这台机器上。"))
            try:
                found.append(Recipient.from_str(key))
            except pyrage.RecipientError as problem:
                raise Refused(
                    _("%(key)s 不是 age 公钥。公钥以 age1 开头，由 age-keygen 生成。"), key=key[:80]
                ) from problem
    return found


def identities(file: Path) -> list[Identity]:
    """The private keys a file holds, as ``age-keygen`` writes it."""
    keys = [line for line in _lines(file) if line.lower().startswith(PRIVATE)]
    try:
        found = [Identity.from_str(key) for key in keys]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise Refused(_("%(file)s 里没有 age 私钥（AGE-SECRET-KEY-1…）。"), file=file)
    return found


def _lines(file: Path) -> Iterable[str]:
    try:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as problem:
        raise Refused(_("读不了密钥文件 %(file)s：%(why)s"), file=file, why=problem) from problem
    return [line for line in lines if line and not line.startswith("#")]


def is_encrypted(file: Path) -> bool:
    """Whether a file says that it is locked."""
    with file.open("rb") as copy:
        return copy.read(20).startswith(MAGIC)


def encrypt(plain: Path, out: Written, to: Sequence[Recipient]) -> None:
    """Lock a file for its recipients, a piece at a time."""
    with plain.open("rb") as read:
        try:
            pyrage.encrypt_io(read, out, to)
        except pyrage.EncryptError:
            raise out.trouble from None


def decrypt(file: Path, out: Written, keys: Sequence[Identity]) -> None:
    """Unlock a file, a piece at a time; ``Refused`` where no key opens it or it is damaged."""
    with file.open("rb") as read:
        try:
            pyrage.decrypt_io(read, out, keys)
        except pyrage.DecryptError as problem:
            if re.search("matching keys", str(problem)):
                raise Refused(_("这把私钥打不开 %(file)s：它是为别的公钥加密的。"), file=file) from problem
            raise Refused(_("%(file)s 已损坏或不完整，解不开：%(why)s"), file=file, why=problem) from problem
        except OSError as problem:
            if problem.errno is not None:
                raise
            raise Refused(_("%(file)s 已损坏或不完整，解不开：%(why)s"), file=file, why=problem) from problem
