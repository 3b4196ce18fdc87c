"""Settings. A fresh clone runs with none; production refuses unsafe values with a sentence that says what to do.

Environment: HEGE_ENV (development | production; the first in a clone, else the second), HEGE_DATABASE_URL (else an SQLite
file in HEGE_DATA_DIR), HEGE_DATABASES (several databases of one
site, each with its streets; docs/scale.md), HEGE_SECRET_KEY, HEGE_ALLOWED_HOSTS (comma
separated), HEGE_PROXIES (how many trusted proxies stand in front; 0 = none), HEGE_HTTPS (production only: on | off),
HEGE_SECRET_KEYS_OLD (comma separated: former ones, with which posters, links and sign-ins of before go on),
HEGE_SEAL_KEY (seals the trail; else derived from HEGE_SECRET_KEY), HEGE_SEAL_KEYS_OLD (comma separated: former ones),
HEGE_DEMO (on | off: set by `hege demo --serve` alone), HEGE_DATA_DIR (what is written: database file, attachments, exports; /var/lib/hege, in a clone var/),
HEGE_KEY_FILE (the keys `hege setup` makes; HEGE_DATA_DIR/keys),
HEGE_BACKUP_TO (comma separated: folders for copies, the first and others that get the same), HEGE_BACKUP_KEY (comma
separated: age1… of those who may open a copy, or a file of them), HEGE_DRILL_DATABASE (an empty database in which copies are
tried, where the owner of the tables may not make one),
HEGE_SECOND_FACTOR (required | offered: whether roles that change money, people or settings must have a second factor;
required in production, offered otherwise), HEGE_IDLE_MINUTES (after how long a browser at rest is signed out; 30),
HEGE_WATCH_AT (when the daily watch is kept, HH:MM in Shanghai; 06:00),
HEGE_VERIFY_AT (when everything is verified, HH:MM or off; 02:30), HEGE_BACKUP_AT (comma separated: when copies are made into
HEGE_BACKUP_TO; none), HEGE_WORK (inside: `hege serve` has the worker beside the site; apart: a service of its own is it),
HEGE_AT_ONCE_ROWS (exports of more rows are the worker's; 2000), HEGE_AT_ONCE_KB (so are piles of files to import; 300),
HEGE_MADE_KEPT_HOURS (how long what was exported is kept to be fetched; 24),
HEGE_SITE (the address of the site in messages and codes; else made of HEGE_ALLOWED_HOSTS), HEGE_MAIL (the mail server, as
smtp+tls://USER:PASSWORD@HOST:587), HEGE_SMS_HOSTS (comma separated: the machines an SMS gateway's address may name), HEGE_SMS_FOLDER (a folder into which SMS
are written for a machine of the office's own),
HEGE_LOG (text | json: one line a request), HEGE_METRICS_TOKEN (who shows it is answered at /-/metrics; without one nobody
is), HEGE_TRAIL_EXPORT_TO (a folder, best on another machine: each day's lines of the trail are copied there).
"""

import datetime as dt
import gc
import hashlib
import hmac
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from hege.kernel import installed

# An import makes hundreds of thousands of objects that all stay; looking for cycles among them after every 700 new ones,
# as Python does by itself, takes a quarter of its time.
gc.set_threshold(20_000)

env = environ.Env()
BASE_DIR = installed.CODE
DATA_DIR = installed.data_dir()  #: whatever is written, never beside installed code
KEY_FILE = installed.key_file()
_KEYS = {**installed.keys_in(KEY_FILE), **installed.FRESH}

PRODUCTION = installed.in_production()
DEBUG = False  # Pages of ours explain themselves; a debug page would show secrets. Errors go to the console.


_demo = env.str("HEGE_DEMO", "").strip().lower() or "off"
if _demo not in ("on", "off") or (_demo == "on" and PRODUCTION):
    raise ImproperlyConfigured(
        f"HEGE_DEMO is {_demo!r}: leave it out. `hege demo --serve` sets it by itself, for a trial over sample streets, whose "
        "people anybody may sign in as; no production site takes it."
    )
DEMO = _demo == "on"


# -- the three values an office must choose itself ---------------------------------------------------------------------


def _kept(name: str) -> str:
    """A key, as the environment has it, else as the key file has it."""
    return str(env.str(name, "") or _KEYS.get(name, ""))


def _secret_key() -> str:
    key = _kept("HEGE_SECRET_KEY")
    if not PRODUCTION:
        return key or "development-only-" + "0" * 40
    if len(key) < 50 or len(set(key)) < 10 or key.startswith(("development-only-", "django-insecure-")):
        raise ImproperlyConfigured(
            "HEGE_SECRET_KEY is missing or weak: set it to 50 or more random characters and keep it secret, or keep it in "
            f"{KEY_FILE}: hege setup makes that file for a new installation, an older one needs the copy you kept of it."
        )
    return key


def _former(name: str, least: int, advice: str) -> list[str]:
    """Former keys, the latest first. No sentence repeats one."""
    text = _kept(name).strip()
    olds = [old.strip() for old in text.split(",")] if text else []
    if any(len(old) < least for old in olds):
        raise ImproperlyConfigured(
            f"{name} holds a value that is too short to be a former key: write the former values of {advice}, whole and "
            "with one comma between two."
        )
    return olds


def _allowed_hosts() -> list[str]:
    hosts = [host.strip() for host in env.list("HEGE_ALLOWED_HOSTS", default=[]) if host.strip()]
    for host in hosts:
        if re.search(r"[/\s@]|:(?![^\[]*\])", host):  # colons belong into the brackets of [::1] alone
            raise ImproperlyConfigured(
                f"HEGE_ALLOWED_HOSTS holds {host!r}: write the name alone, without https:// before it, a port or a path "
                "after it, and commas between several, for example HEGE_ALLOWED_HOSTS=hege.example.gov.cn."
            )
    if not PRODUCTION:
        return hosts or ["127.0.0.1", "localhost", "[::1]", "testserver"]
    if not hosts or any("*" in host for host in hosts):
        raise ImproperlyConfigured(
            "HEGE_ALLOWED_HOSTS is empty or holds '*': set it to the names people type to reach Hege, "
            "separated by commas, for example HEGE_ALLOWED_HOSTS=hege.example.gov.cn."
        )
    return hosts


def _database() -> dict[str, Any]:
    """An SQLite file of ours unless HEGE_DATABASE_URL names one."""
    url = env.str("HEGE_DATABASE_URL", "")
    return _read(url, "HEGE_DATABASE_URL") if url else _sqlite({"NAME": str(DATA_DIR / "hege.sqlite3")}, "")


def _read(url: str, said: str) -> dict[str, Any]:
    """The database of an address; ``said`` is where it stands. No sentence repeats the address: it has a password."""
    scheme, colon, _rest = url.partition("://")
    if not colon or scheme not in ("sqlite", "postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"{said} names no database that Hege knows: Hege runs on SQLite (sqlite:////path/file) "
            "or PostgreSQL (postgres://USER:PASSWORD@HOST:5432/NAME)."
        )
    try:
        database: dict[str, Any] = environ.Env.db_url_config(url)
    except ValueError:
        raise ImproperlyConfigured(
            f"{said} cannot be read: write it as postgres://USER:PASSWORD@HOST:5432/NAME, the port a number "
            "up to 65535, and signs such as : / # ? @ [ in the password as %3A %2F %23 %3F %40 %5B."
        ) from None
    return _sqlite(database, said) if scheme == "sqlite" else _postgresql(database, said)


def _sqlite(database: dict[str, Any], said: str) -> dict[str, Any]:
    name = str(database["NAME"])
    if name == "" or ":memory:" in name or name.startswith("file:"):
        raise ImproperlyConfigured(
            f"{said} names a database in memory, which forgets everything, or a file: address: name a file by "
            "its path, for example sqlite:////var/lib/hege/hege.sqlite3."
        )
    if not Path(name).is_absolute():
        raise ImproperlyConfigured(
            f"{said} names a file by a path that depends on where Hege is started: write it from the root, "
            "with four slashes, for example sqlite:////var/lib/hege/hege.sqlite3."
        )
    database["ENGINE"] = "hege.kernel.sqlite3"
    database["OPTIONS"] = {
        # A write transaction takes the lock when it begins: what it reads cannot change under it.
        "transaction_mode": "IMMEDIATE",
        "timeout": 3,  # seconds a writer who is next waits before being told to try again
        # recursive_triggers: INSERT OR REPLACE deletes, and is refused where deleting is.
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;"
        "PRAGMA recursive_triggers=ON",
    }
    # A file, not memory: threads and two processes see one database, as in production.
    database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    return database


def _postgresql(database: dict[str, Any], said: str) -> dict[str, Any]:
    if find_spec("psycopg") is None:
        raise ImproperlyConfigured(
            f"{said} names PostgreSQL, whose driver is not installed: install hege[postgres] in the place of hege."
        )
    # Where libpq would go in the end: a host in the query or in PGHOST counts too.
    host = str(database.get("OPTIONS", {}).get("host") or database["HOST"] or env.str("PGHOST", ""))
    by_socket = host.startswith(("/", "%2F")) or not host
    if not database["NAME"] or not (database["USER"] or by_socket):
        raise ImproperlyConfigured(
            f"{said} leaves out the database or its user, so it would depend on the account Hege runs under: "
            "write it as postgres://USER:PASSWORD@HOST:5432/NAME."
        )
    guessed = {"", "postgres", "hege", "password", "changeme", "123456", database["USER"], database["NAME"]}
    if PRODUCTION and not by_socket and database["PASSWORD"] in guessed:  # a local socket may do without a password
        raise ImproperlyConfigured(
            f"{said} has no password or one that anybody guesses: give the database user a "
            "random one (ALTER USER ... PASSWORD ...) and write it there."
        )
    # Short questions over long tables look dear to the planner: compiling them would cost more than answering them.
    options = database.setdefault("OPTIONS", {})
    options["options"] = f"-c jit=off -c random_page_cost=1.1 {options.get('options', '')}".strip()
    database["ENGINE"] = "hege.kernel.postgresql"
    database["CONN_MAX_AGE"] = None
    database["CONN_HEALTH_CHECKS"] = True
    return database


# -- what the trail is sealed with: kept outside the database, so that whoever holds the database cannot write it anew ---

_SEAL_ADVICE = (
    "set it to 32 or more random characters without blanks and commas, keep it secret, and keep a copy where no backup of "
    "the database lies; python3 -c 'import secrets; print(secrets.token_urlsafe(50))' makes one."
)


def _derived(name: str, secret: str) -> tuple[str, bytes]:
    """The key that a secret gives, and the short name by which lines of the trail name it; the name gives nothing away."""
    key = hmac.digest(secret.encode(), f"hege trail, from {name}".encode(), "sha256")
    return hashlib.sha256(b"hege key name" + key).hexdigest()[:12], key


def _seal_keys() -> tuple[str, str, dict[str, bytes]]:
    """Which setting gives the key, its name, and every key at hand by name. No sentence repeats a value."""
    own = _kept("HEGE_SEAL_KEY")
    if own and (len(own) < 32 or len(set(own)) < 10 or re.search(r"[\s,]", own)):
        raise ImproperlyConfigured(f"HEGE_SEAL_KEY is weak or cannot be read: {_SEAL_ADVICE}")
    name = "HEGE_SEAL_KEY" if own else "HEGE_SECRET_KEY"
    current, key = _derived(name, own or SECRET_KEY)
    olds = _former("HEGE_SEAL_KEYS_OLD", 32, "HEGE_SEAL_KEY, or of HEGE_SECRET_KEY where there was none")
    olds += SECRET_KEY_FALLBACKS  # the trail may have been sealed with one of them
    # Nobody need remember which of the two a former value was.
    keys = dict(_derived(name, old) for old in olds for name in ("HEGE_SEAL_KEY", "HEGE_SECRET_KEY"))
    return name, current, {**keys, current: key}


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = _former("HEGE_SECRET_KEYS_OLD", 50 if PRODUCTION else 1, "HEGE_SECRET_KEY")
SEAL_KEY_FROM, SEAL_KEY_NAME, SEAL_KEYS = _seal_keys()
ALLOWED_HOSTS = _allowed_hosts()
# -- several databases of one site (docs/adr/0042-shards.md) -----------------------------------------------------------

_SHARD = re.compile(
    r"(?P<name>[a-z][a-z0-9]{1,19}) +(?P<codes>\d{2,9}(?:\+\d{2,9})*) +(?P<url>\S+)(?: +(?P<replica>\S+))?", re.ASCII
)
_SHARD_ADVICE = (
    "write each database as its name (small letters and digits), the division codes whose streets it holds or how they begin "
    "(with + between several), its address and, where there is one, that of a copy to read from; blanks between these, a "
    "comma between two databases, and commas and blanks within an address as %2C and %20, for example HEGE_DATABASES="
    "songjiang 310117 postgres://USER:PASSWORD@HOST:5432/NAME, qingpu 310118 postgres://USER:PASSWORD@HOST:5432/OTHER."
)


def shards_said() -> dict[str, re.Match[str]]:
    """What is said of each database of HEGE_DATABASES by its name, in their order; none where there is one database."""
    said = env.str("HEGE_DATABASES", "").strip()
    parts = [" ".join(part.split()) for part in said.split(",")] if said else []
    read = [_SHARD.fullmatch(part) for part in parts]
    found = {one["name"]: one for one in read if one is not None}
    if None in read or len(found) < len(parts) or len(parts) == 1 or "default" in found:
        which = next((n for n, one in enumerate(read, 1) if one is None), 0)
        wrong = f"its database {which} cannot be read" if which else "it names one database alone, or one name twice"
        raise ImproperlyConfigured(f"HEGE_DATABASES: {wrong}: {_SHARD_ADVICE}")
    codes = [code for one in found.values() for code in one["codes"].split("+")]
    if len(set(codes)) < len(codes):
        raise ImproperlyConfigured("HEGE_DATABASES gives the same codes to two databases: a street is in one of them.")
    if found and env.str("HEGE_DATABASE_URL", ""):
        raise ImproperlyConfigured(
            "HEGE_DATABASE_URL and HEGE_DATABASES are both set: leave one of them out. HEGE_DATABASES names every database of "
            "a site that has several."
        )
    if found and DEMO:
        raise ImproperlyConfigured("HEGE_DATABASES is set: a demo has one database, leave it out for hege demo.")
    return found


def _databases() -> dict[str, dict[str, Any]]:
    """The database, or with several none by itself (``default``), each by its name, and the copies to read from."""
    said = shards_said()
    if not said:
        return {"default": _database()}
    found = {"default": {"ENGINE": "hege.kernel.unsaid"}}
    for name, one in said.items():
        found[name] = _read(one["url"], f"HEGE_DATABASES ({name})")
        if one["replica"]:
            found[name + READ_FROM] = _read(one["replica"], f"HEGE_DATABASES ({name}, copy to read from)")
    places = [(one.get("HOST"), one.get("PORT"), str(one["NAME"])) for name, one in found.items() if name != "default"]
    if len(set(places)) < len(places) or len({one["ENGINE"] for name, one in found.items() if name != "default"}) > 1:
        raise ImproperlyConfigured(
            "HEGE_DATABASES names one database twice, or SQLite beside PostgreSQL: each shard has a database of its own, all of "
            "one kind."
        )
    return found


#: Behind the name of a shard: the copy of its database that is only read from.
READ_FROM = "-replica"
DATABASES = _databases()
#: The shards of a site that has several databases: name -> the division codes of its streets, or how those begin. Empty with one.
SHARDS: dict[str, tuple[str, ...]] = {name: tuple(one["codes"].split("+")) for name, one in shards_said().items()}
if SHARDS:
    DATABASE_ROUTERS = ["hege.kernel.shards.Router"]
#: For a process that serves one shard alone, as `hege --shard NAME` starts it: whose keys it uses.
SHARD_KEYS = env.str("HEGE_SHARD_KEYS", "").strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- what it is made of ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "hege.cli",  # first: its `check` stands in for Django's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "hege.people",
    "hege.trail",
    "hege.attachments",
    "hege.outbox",
    "hege.jobs",
    "hege.search",
    "hege.workspace",
    "hege.places",
    "hege.members",
    "hege.credentials",
    "hege.ledger",
    "hege.points",
    "hege.honours",
    "hege.vouchers",
    "hege.metering",
    "hege.billing",
    "hege.cases",
    "hege.conferences",
    "hege.mediation",
    "hege.arrears",
    "hege.programme.alliance",
    "hege.programme.seasons",
    "hege.programme.activities",
    "hege.programme.deeds",
    "hege.programme.settlements",
    "hege.programme.thanks",
    "hege.papers",
    "hege.imports",
    "hege.web",
]

MIDDLEWARE = [
    "hege.web.request_log.RequestMiddleware",  # outside everything: it counts and tells of whatever is answered
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "hege.web.middleware.SecurityHeadersMiddleware",  # outside all that may answer by itself
    "hege.web.compression.CompressionMiddleware",  # outside all that reads or changes an answer
    "hege.web.wellness.machine.MachineMiddleware",  # before anything that asks for a name, a session or a database
    "hege.web.proxies.ProxyMiddleware",  # before the redirect to HTTPS
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hege.web.shards.ShardMiddleware",  # before anything that asks a database, and before the cookies of a sign-in
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hege.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "hege.web.signed_in.SignedInMiddleware",
    "hege.web.middleware.SaidWhenDoneMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hege.web.body.BodyMiddleware",  # before anything that looks into a form
    "hege.web.middleware.CleanTextMiddleware",
    "hege.web.errors.RefusalsMiddleware",
    "hege.web.drafts_back.DraftsMiddleware",  # outside the transaction: what an error takes back, it keeps
    "hege.web.files.FilesMiddleware",  # before the transaction begins
    "hege.web.idempotency.IdempotencyMiddleware",
    "hege.web.shards.ReplicaMiddleware",  # whose page it is was asked of the database itself
    "hege.web.middleware.ReadOnlyGetMiddleware",
]

ROOT_URLCONF = "hege.urls"
LISTS_DRAWN_BY = "hege.web.lists.drawing.drawn"  # for the worker, who writes what is too long to wait for
WSGI_APPLICATION = "hege.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "hege" / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "hege.web.jinja.environment"},
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [], "APP_DIRS": True},
]
FORM_RENDERER = "django.forms.renderers.Jinja2"  # the fields too: Django's own templates take three times as long

# -- people ------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "hege.people.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"


#: Whether roles that change money, people or settings have to prove more than a password; which they are says
#: hege.web.access.COMPELLING.
SECOND_FACTOR: str = env.str("HEGE_SECOND_FACTOR", "").strip() or ("required" if PRODUCTION else "offered")
if SECOND_FACTOR not in ("required", "offered"):
    raise ImproperlyConfigured(
        f"HEGE_SECOND_FACTOR is {SECOND_FACTOR!r}: set it to 'required', so that roles that change money, people or settings "
        "need a second factor, or to 'offered', so that everybody may have one and nobody must."
    )

_idle = env.str("HEGE_IDLE_MINUTES", "").strip() or "30"
if re.fullmatch(r"\d{1,3}", _idle, re.ASCII) is None or not 5 <= int(_idle) <= 720:
    raise ImproperlyConfigured(
        f"HEGE_IDLE_MINUTES is {_idle!r}: set it to the minutes after which a browser at rest is signed out, from 5 to 720."
    )
IDLE_MINUTES = int(_idle)


def time_of_day(text: str, name: str = "HEGE_WATCH_AT") -> dt.time:
    """A time of day as a setting writes it."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise ImproperlyConfigured(f"{name} is {text!r}: write a time of day from 00:00 to 23:59, like 06:00.")
    return dt.time(int(found[1]), int(found[2]))


def _times_of_day(name: str, otherwise: str) -> list[dt.time]:
    said = env.str(name, "").strip().lower() or otherwise
    return [] if said == "off" else sorted(time_of_day(text.strip(), name) for text in said.split(","))


WATCH_AT = time_of_day(env.str("HEGE_WATCH_AT", "").strip() or "06:00")
VERIFY_AT = _times_of_day("HEGE_VERIFY_AT", "02:30")
BACKUP_AT = _times_of_day("HEGE_BACKUP_AT", "off")

#: Who does what no request waits for: `hege serve` itself, or a service of its own (packaging/systemd/hege-worker.service).
WORK = env.str("HEGE_WORK", "").strip().lower() or "inside"
if WORK not in ("inside", "apart"):
    raise ImproperlyConfigured(
        f"HEGE_WORK is {WORK!r}: set it to 'inside', or to 'apart' where `hege work` runs as a service of its own."
    )


def _number(name: str, otherwise: int, least: int, most: int, what: str) -> int:
    said = env.str(name, "").strip() or str(otherwise)
    if re.fullmatch(r"\d{1,9}", said, re.ASCII) is None or not least <= int(said) <= most:
        raise ImproperlyConfigured(f"{name} is {said!r}: set it to {what}, from {least} to {most}.")
    return int(said)


AT_ONCE_ROWS = _number(
    "HEGE_AT_ONCE_ROWS", 2000, 0, 1_000_000, "the rows up to which an export is made while one waits"
)
AT_ONCE_KB = _number(
    "HEGE_AT_ONCE_KB", 300, 0, 102_400, "the kilobytes up to which files to import are looked at at once"
)
MADE_KEPT_HOURS = _number("HEGE_MADE_KEPT_HOURS", 24, 1, 720, "the hours for which an exported file is kept")

# -- copies --------------------------------------------------------------------------------------------------------------


def _backup_to() -> list[Path]:
    folders = [Path(folder.strip()) for folder in env.str("HEGE_BACKUP_TO", "").split(",") if folder.strip()]
    if not all(folder.is_absolute() for folder in folders):
        raise ImproperlyConfigured(
            "HEGE_BACKUP_TO names a folder by a path that depends on where Hege is started: write each from the root, with "
            "commas between several, for example HEGE_BACKUP_TO=/var/backups/hege,/mnt/second/hege."
        )
    return folders


def _backup_key() -> list[str]:
    """No sentence repeats a value: it may be a private key."""
    keys = [key.strip() for key in env.str("HEGE_BACKUP_KEY", "").split(",") if key.strip()]
    if any(key.lower().startswith("age-secret-key-") for key in keys):
        raise ImproperlyConfigured(
            "HEGE_BACKUP_KEY holds a private key, which opens every copy and must not lie on this machine: write the public "
            "one that begins with age1, as `age-keygen -y FILE` prints it, and keep the private one elsewhere."
        )
    if not all(re.fullmatch(r"age1[02-9ac-hj-np-z]{58}|/.+", key) for key in keys):
        raise ImproperlyConfigured(
            "HEGE_BACKUP_KEY cannot be read: write the public keys (age1…) that may open a copy, or the path from the root of a "
            "file that holds them one a line, with commas between several."
        )
    return keys


BACKUP_TO = _backup_to()
BACKUP_KEY = _backup_key()
DRILL_DATABASE = env.str("HEGE_DRILL_DATABASE", "").strip()

# The address is the n-th hop from the right, n counted by whoever set the proxies up; 0: the connection's own.
_proxies = env.str("HEGE_PROXIES", "").strip() or "0"
if re.fullmatch(r"\d", _proxies, re.ASCII) is None:
    raise ImproperlyConfigured(
        f"HEGE_PROXIES is {_proxies!r}: set it to the number of trusted proxies in front of Hege, 0 for none, at most 9."
    )
PROXIES = int(_proxies)

# -- language and time -------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "hege_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "hege" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# -- files -------------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
COLLECTED = BASE_DIR / "hege" / "web" / "collected"  # made when the wheel is built; a clone has none
STATIC_ROOT = COLLECTED if COLLECTED.is_dir() else DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "hege" / "web" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",  # htmx, inside django-htmx
]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # nothing is collected there, but WhiteNoise warns without it
if PRODUCTION:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # forms; files are counted apart and capped by hege.imports
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
BODIES_AT_ONCE = 8  # forms and files a process waits for at a time; `hege serve` gives it twice as many threads

# -- cookies and transport ---------------------------------------------------------------------------------------------

# In production everything is HTTPS; HEGE_HTTPS=off is for a trial on an inner network and `hege check` says so.
_https = env.str("HEGE_HTTPS", "").strip().lower() or "on"
if _https not in ("on", "off"):
    raise ImproperlyConfigured(
        f"HEGE_HTTPS is {_https!r}: set it to 'on', or to 'off' for a trial on an inner network."
    )
HTTPS = PRODUCTION and _https == "on"
SESSION_ENGINE = "hege.web.sessions"
SESSION_COOKIE_AGE = 12 * 3600  # as long as a sign-in lasts at most (hege.people.rules.LONGEST_SIGNED_IN)
SESSION_COOKIE_NAME = "hege_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "hege_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "hege.web.errors.csrf_failure"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"  # sessions only hold the sign-in

# -- messages that leave -------------------------------------------------------------------------------------------------


def _site() -> str:
    """The site's address as a message names it, without a slash at the end."""
    said = env.str("HEGE_SITE", "").strip().rstrip("/")
    if said and not re.fullmatch(r"https?://[\w.:\[\]-]+", said, re.ASCII):
        raise ImproperlyConfigured(
            f"HEGE_SITE is {said!r}: write the address people open the site by, like https://hege.example.cn, with no path."
        )
    host = next((host for host in ALLOWED_HOSTS if re.fullmatch(r"[\w-][\w.-]*", host, re.ASCII)), "localhost")
    return said or (f"https://{host}" if HTTPS else f"http://{host}" if PRODUCTION else f"http://{host}:8000")


SITE = _site()
SMS_FOLDER = env.str("HEGE_SMS_FOLDER", "")
SMS_HOSTS = [host.strip().lower() for host in env.str("HEGE_SMS_HOSTS", "").split(",") if host.strip()]
_mail = env.str("HEGE_MAIL", "").strip()
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 10
if _mail:
    try:
        _server = env.email_url_config(_mail)
        EMAIL_HOST, EMAIL_PORT = _server["EMAIL_HOST"], _server["EMAIL_PORT"] or 25
        EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _server["EMAIL_HOST_USER"] or "", _server["EMAIL_HOST_PASSWORD"] or ""
        EMAIL_USE_TLS, EMAIL_USE_SSL = bool(_server.get("EMAIL_USE_TLS")), bool(_server.get("EMAIL_USE_SSL"))
    except (KeyError, ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(
            "HEGE_MAIL cannot be read: write it as smtp+tls://USER:PASSWORD@HOST:587, with signs like @ and / in the "
            "password as %40 and %2F."
        ) from None

# -- what is written down about errors -----------------------------------------------------------------------------------

LOG = env.str("HEGE_LOG", "").strip().lower() or "text"
if LOG not in ("text", "json"):
    raise ImproperlyConfigured(
        f"HEGE_LOG is {LOG!r}: set it to 'text', or to 'json' for one line of JSON a request (docs/operate.md)."
    )
#: What these say of a request its own line of JSON says, without the address and what was sent.
SAID_BY_THE_REQUEST = ("django.request", "django.security", "hege.web")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "hege.web.json_lines.AsJson"},
    },
    "filters": {"scrub": {"()": "hege.web.log_redaction.RedactSecrets"}},  # links and shop codes are secrets
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG, "filters": ["scrub"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
if LOG == "json":
    silent = {"level": "CRITICAL", "propagate": False}
    LOGGING["loggers"] |= dict.fromkeys(SAID_BY_THE_REQUEST, silent)
    LOGGING["loggers"]["hege.request"] = {"handlers": ["console"], "level": "INFO", "propagate": False}

# -- whether it is well ------------------------------------------------------------------------------------------------

METRICS_TOKEN: str = env.str("HEGE_METRICS_TOKEN", "").strip()
if METRICS_TOKEN and (len(METRICS_TOKEN) < 20 or re.search(r"\s", METRICS_TOKEN)):
    raise ImproperlyConfigured(
        "HEGE_METRICS_TOKEN is too short or holds a blank: set it to 20 or more random characters, or leave it out; "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(32))' makes one."
    )
TRAIL_EXPORT_TO: str = env.str("HEGE_TRAIL_EXPORT_TO", "").strip()
if TRAIL_EXPORT_TO and not Path(TRAIL_EXPORT_TO).is_absolute():
    raise ImproperlyConfigured(
        f"HEGE_TRAIL_EXPORT_TO is {TRAIL_EXPORT_TO!r}: name a folder by its path from the root, best one that lies on "
        "another machine, for example /mnt/witness/hege."
    )
SILENCED_SYSTEM_CHECKS: list[str] = []
