"""Where an installation keeps what it writes, and its keys: asked before there are settings.

The key file is what no copy of the database holds. `hege setup` makes it, every command reads it, the environment wins
over it. Its lines are NAME=value, blank, or begin with #; no sentence here repeats one.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

CODE = Path(__file__).resolve().parents[2]
CLONE = (CODE / "pyproject.toml").is_file()  # the code's own folder, where it may be tried without any setting
#: What the key file may hold.
KEYS = ("HEGE_SECRET_KEY", "HEGE_SEAL_KEY", "HEGE_SECRET_KEYS_OLD", "HEGE_SEAL_KEYS_OLD")
MOST_BYTES = 64 * 1024
#: Opens on this machine alone.
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: What `hege setup` made for this process and has not kept yet.
FRESH: dict[str, str] = {}


def in_production() -> bool:
    """Whether unsafe values are refused (HEGE_ENV; else in a clone no, and where it is installed yes)."""
    # A secret key that everybody can read in the source is for trying a clone alone.
    said = os.environ.get("HEGE_ENV") or ("development" if CLONE else "production")
    if said not in ("development", "production"):
        raise ImproperlyConfigured(f"HEGE_ENV is {said!r}: set it to 'development' or 'production'.")
    return said == "production"


def data_dir() -> Path:
    """The folder that is written to (HEGE_DATA_DIR; else /var/lib/hege, in a clone var/), made where it is missing."""
    usual = CODE / "var" if CLONE else Path("/var/lib/hege")
    folder = _from_the_root("HEGE_DATA_DIR", usual)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(
            f"HEGE_DATA_DIR: there is no folder {folder}, and it cannot be made ({problem.strerror}). {_mend(folder)}"
        ) from None
    return folder


def key_file() -> Path:
    """The file that keeps the keys (HEGE_KEY_FILE; else keys in the data folder)."""
    return _from_the_root("HEGE_KEY_FILE", data_dir() / "keys")


def _from_the_root(name: str, usual: Path) -> Path:
    path = Path(os.environ.get(name, "").strip() or usual)
    if not path.is_absolute():
        raise ImproperlyConfigured(
            f"{name} is {str(path)!r}, which depends on where Hege is started: write it from the root, for example "
            f"{name}={Path('/var/lib/hege') / path.name}."
        )
    return path


def check_writable(folder: Path) -> None:
    """Refuse a folder that the account which runs Hege may not write to."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"HEGE_DATA_DIR: {folder} cannot be written to. {_mend(folder)}")


def _mend(folder: Path) -> str:
    return (
        f"Make it, as root, for the account that runs Hege: install -d -m 0700 -o {os.geteuid()} {folder}; or set "
        "HEGE_DATA_DIR to a folder that is this account's."
    )


# -- the key file ------------------------------------------------------------------------------------------------------


def keys_in(file: Path) -> dict[str, str]:
    """What a key file holds, by name; nothing where there is no file. Refuses one that is not ours alone to read."""
    try:
        with suppress(FileNotFoundError):
            _check_ours(file, file.stat())
            return _read(file, file.read_bytes()[:MOST_BYTES].decode())
    except UnicodeDecodeError:
        raise _refused(file, "is no text") from None
    except OSError as problem:
        account = os.geteuid()
        raise _refused(file, f"cannot be read by the account {account} ({problem.strerror})") from None
    return {}


def _check_ours(file: Path, there: os.stat_result) -> None:
    if not stat.S_ISREG(there.st_mode):
        raise _refused(file, "is no file")
    if there.st_uid not in (os.geteuid(), 0):
        raise _refused(
            file,
            f"belongs to the account {there.st_uid}, and Hege runs as {os.geteuid()}: run it as the account that owns "
            "the file, or give the file to the account that runs Hege (chown)",
        )
    least = 0o037 if there.st_uid == 0 else 0o077  # root may let the group of the site read its own
    if there.st_mode & least:
        raise _refused(file, f"is open to others ({stat.S_IMODE(there.st_mode):o}): run chmod 600 {file}")


def _read(file: Path, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals or name not in KEYS or name in found or value != value.strip(" \t\"'") or not value:
            raise _refused(
                file,
                f"cannot be read at line {number}: write NAME=value once for each, without quotes and blanks, the name "
                f"one of {', '.join(KEYS)}",
            )
        found[name] = value
    if not found:
        raise _refused(file, "holds no key: put the copy you kept in its place, or remove it if there never was one")
    return found


def _refused(file: Path, why: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"HEGE_KEY_FILE: {file} {why}.")


def make_keys() -> None:
    """Have fresh keys for this process where there are none yet; ``keep_keys`` writes them down."""
    if in_production() and not os.environ.get("HEGE_SECRET_KEY") and not keys_in(key_file()):
        FRESH.update({name: secrets.token_urlsafe(50) for name in ("HEGE_SECRET_KEY", "HEGE_SEAL_KEY")})


def keep_keys(file: Path) -> None:
    """Write the fresh keys down, for this account's eyes: whole or not at all, never over others."""
    lines = "".join(f"{name}={value}\n" for name, value in FRESH.items())
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        with open(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as written:
            written.write(
                "# The keys of this installation. Keep a copy where no backup of the database lies.\n" + lines
            )
            written.flush()
            os.fsync(written.fileno())
        os.link(part, file)
    except FileExistsError:
        raise _refused(file, "was made by another hege setup meanwhile: run it again") from None
    except OSError as problem:
        raise ImproperlyConfigured(f"HEGE_KEY_FILE: {file} cannot be made ({problem.strerror}).") from None
    finally:
        part.unlink(missing_ok=True)
