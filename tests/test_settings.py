"""A clone runs with no settings; production refuses unsafe ones with a sentence that says what to do."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from unittest import mock

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

import hege.settings

SAFE = {
    "HEGE_ENV": "production",
    "HEGE_SECRET_KEY": "kS8w2Zq-Rr4yVbN7tLx0PmHdEcA9uJf3GiToYs6WlKvXnQeBzC5",
    "HEGE_ALLOWED_HOSTS": "hege.example.gov.cn",
    "HEGE_DATABASE_URL": "postgres://hege:Vq8s0-Lw2p@127.0.0.1:5432/hege",
}
ASK = "import hege.settings as s; print(s.SESSION_COOKIE_SECURE, s.DEBUG, s.ALLOWED_HOSTS, s.DATABASES['default'])"


def started_with(values: dict[str, str], ask: str = ASK) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEGE_", "DJANGO_"))}
    return subprocess.run([sys.executable, "-c", ask], env={**clean, **values}, capture_output=True, text=True)


def read_with(values: dict[str, str], ask: str = ASK) -> subprocess.CompletedProcess[str]:
    """The same without a process of its own: the settings are read anew in this one."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEGE_", "DJANGO_"))}
    out, plain = io.StringIO(), sys.modules.pop("hege.settings")
    try:
        with mock.patch.dict(os.environ, {**clean, **values}, clear=True), redirect_stdout(out):
            exec(ask, {})
    except ImproperlyConfigured:
        return subprocess.CompletedProcess(ask, 1, out.getvalue(), traceback.format_exc())
    finally:
        sys.modules["hege.settings"] = hege.settings = plain
    return subprocess.CompletedProcess(ask, 0, out.getvalue(), "")


def test_a_clone_starts_with_no_settings_at_all():
    started = started_with({})
    assert started.returncode == 0, started.stderr
    assert "sqlite3" in started.stdout


def test_production_starts_with_safe_values_and_secure_cookies():
    started = started_with(SAFE)
    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith("True False ['hege.example.gov.cn']")


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("HEGE_SECRET_KEY", "", "set it to 50 or more random characters"),
        ("HEGE_SECRET_KEY", "short", "set it to 50 or more random characters"),
        ("HEGE_SECRET_KEY", "a" * 80, "set it to 50 or more random characters"),
        ("HEGE_SECRET_KEY", "django-insecure-" + "abcdefghijklm" * 5, "set it to 50 or more random characters"),
        ("HEGE_ALLOWED_HOSTS", "", "set it to the names people type"),
        ("HEGE_ALLOWED_HOSTS", "*", "set it to the names people type"),
        ("HEGE_ALLOWED_HOSTS", "hege.example.gov.cn,*", "set it to the names people type"),
        ("HEGE_DATABASE_URL", "sqlite://:memory:", "name a file"),
        ("HEGE_DATABASE_URL", "mysql://hege:secret@127.0.0.1/hege", "Hege runs on SQLite"),
        ("HEGE_DATABASE_URL", "postgres://hege:hege@127.0.0.1/hege", "give the database user a random one"),
        ("HEGE_DATABASE_URL", "postgres://hege@10.0.0.1/hege", "give the database user a random one"),
        ("HEGE_ALLOWED_HOSTS", "https://hege.example.gov.cn", "write the name alone"),
        ("HEGE_ALLOWED_HOSTS", "hege.example.gov.cn:8000", "write the name alone"),
        ("HEGE_ALLOWED_HOSTS", "a.example.gov.cn b.example.gov.cn", "commas between several"),
        ("HEGE_DATABASE_URL", "sqlite://", "name a file"),
        ("HEGE_SEAL_KEY", "short", "set it to 32 or more random characters"),
        ("HEGE_SEAL_KEY", "a" * 60, "set it to 32 or more random characters"),
        ("HEGE_SEAL_KEY", "kS8w2Zq-Rr4yVbN7tLx0,PmHdEcA9uJf3Gi", "without blanks and commas"),
        ("HEGE_SEAL_KEYS_OLD", "kS8w2Zq-Rr4yVbN7tLx0PmHdEcA9uJf3Gi,", "with one comma between two"),
        ("HEGE_SEAL_KEYS_OLD", "old", "write the former values"),
        (
            "HEGE_SECRET_KEYS_OLD",
            "kS8w2Zq-Rr4yVbN7tLx0PmHdEcA9uJf3Gi",
            "write the former values of HEGE_SECRET_KEY, whole",
        ),
        ("HEGE_SECRET_KEYS_OLD", SAFE["HEGE_SECRET_KEY"] + ",", "with one comma between two"),
        ("HEGE_DATABASE_URL", "sqlite:///file::memory:", "name a file"),
        ("HEGE_DATABASE_URL", "sqlite:///file:hege%3Fmode=memory", "name a file"),
        ("HEGE_DATABASE_URL", "sqlite:///hege.sqlite3", "with four slashes"),
        ("HEGE_DATABASE_URL", "hege.sqlite3", "Hege runs on SQLite"),
        ("HEGE_DATABASE_URL", "sqlite:hege.sqlite3", "Hege runs on SQLite"),
        ("HEGE_DATABASE_URL", "postgres://hege:Vq8s0-Lw2p@127.0.0.1:port/hege", "the port a number"),
        ("HEGE_DATABASE_URL", "postgres://hege:Vq8s0-Lw2p@127.0.0.1:70000/hege", "the port a number"),
        ("HEGE_DATABASE_URL", "postgres://hege:Vq8s0-Lw2p/9@127.0.0.1/hege", "the port a number"),
        ("HEGE_DATABASE_URL", "postgres://hege:Vq8s0-Lw2p@127.0.0.1", "leaves out the database"),
        ("HEGE_DATABASE_URL", "postgres://:Vq8s0-Lw2p@127.0.0.1/hege", "leaves out the database or its user"),
        ("HEGE_DATABASE_URL", "postgres://water:changeme@10.0.0.1/hege", "give the database user a random one"),
        ("HEGE_DATABASE_URL", "postgres://water:water@10.0.0.1/hege", "give the database user a random one"),
        ("HEGE_DATABASE_URL", "postgres://water@/hege?host=10.0.0.1", "give the database user a random one"),
        ("HEGE_HTTPS", "nein", "set it to 'on', or to 'off'"),
        ("HEGE_PROXIES", "one", "set it to the number of trusted proxies"),
        ("HEGE_PROXIES", "١", "set it to the number of trusted proxies"),
        ("HEGE_ENV", "prod", "set it to 'development' or 'production'"),
        ("HEGE_PROXIES", "-1", "set it to the number of trusted proxies"),
        ("HEGE_SECOND_FACTOR", "on", "set it to 'required'"),
        ("HEGE_IDLE_MINUTES", "4", "from 5 to 720"),
        ("HEGE_IDLE_MINUTES", "721", "from 5 to 720"),
        ("HEGE_IDLE_MINUTES", "half an hour", "from 5 to 720"),
        ("HEGE_VERIFY_AT", "night", "write a time of day"),
        ("HEGE_BACKUP_AT", "03:00,25:00", "write a time of day"),
        ("HEGE_SITE", "hege.example.gov.cn/street", "with no path"),
        ("HEGE_MAIL", "mail.example.cn", "write it as smtp+tls://"),
        ("HEGE_MAIL", "smtp+tls://hege:Vq8s0-Lw2p@mail.example.cn:port", "write it as smtp+tls://"),
        ("HEGE_WORK", "outside", "set it to 'inside', or to 'apart'"),
        ("HEGE_TRAIL_EXPORT_TO", "witness", "by its path from the root"),
        ("HEGE_LOG", "xml", "set it to 'text', or to 'json'"),
        ("HEGE_DEMO", "on", "no production site takes it"),
        ("HEGE_DEMO", "yes", "leave it out"),
        ("HEGE_METRICS_TOKEN", "short", "set it to 20 or more random characters"),
        ("HEGE_METRICS_TOKEN", "two words that are long enough", "holds a blank"),
        ("HEGE_DATA_DIR", "var", "write it from the root"),
        ("HEGE_BACKUP_TO", "/var/backups/hege,second", "write each from the root"),
        ("HEGE_BACKUP_KEY", "age1nobody", "write the public keys"),
        ("HEGE_BACKUP_KEY", "AGE-SECRET-KEY-1QQQQ", "which opens every copy and must not lie on this machine"),
        ("HEGE_DATA_DIR", "/proc/hege", "set HEGE_DATA_DIR to a folder that is this account's"),
        ("HEGE_KEY_FILE", "keys", "write it from the root"),
    ],
)
def test_production_refuses_an_unsafe_value_and_says_what_to_do(name, value, advice):
    started = read_with({**SAFE, name: value})
    assert started.returncode != 0
    assert f"ImproperlyConfigured: {name}" in started.stderr
    assert advice in started.stderr
    assert "Vq8s0-Lw2p" not in started.stderr


@pytest.mark.parametrize(
    "values",
    [
        {"HEGE_HTTPS": "off"},
        {"HEGE_HTTPS": "On", "HEGE_PROXIES": "2"},
        {"HEGE_HTTPS": "", "HEGE_PROXIES": "", "HEGE_WORK": ""},
        {"HEGE_WORK": "Apart", "HEGE_VERIFY_AT": "off", "HEGE_BACKUP_AT": "03:00, 13:00"},
        {"HEGE_SITE": "https://hege.example.gov.cn/", "HEGE_MAIL": "smtp+tls://hege:Vq8s0%40Lw2p@mail.example.cn:587"},
        {"HEGE_LOG": "JSON", "HEGE_METRICS_TOKEN": "aB3-x_" * 5},
        {"HEGE_BACKUP_TO": "/var/backups/hege, /mnt/second", "HEGE_BACKUP_KEY": "/etc/hege/may-open"},
        {"HEGE_SECOND_FACTOR": "offered", "HEGE_IDLE_MINUTES": "720"},
        {"HEGE_ALLOWED_HOSTS": "hege.example.gov.cn, [::1], .example.gov.cn,10.0.0.5"},
        {"HEGE_DATABASE_URL": "sqlite:////var/lib/hege/hege.sqlite3"},
        {"HEGE_DATABASE_URL": "postgresql:///hege"},
        {"HEGE_DATABASE_URL": "postgres://hege:Vq8s0%40Lw2p@[::1]:5432/hege?sslmode=require"},
    ],
)
def test_production_takes_every_value_that_is_safe(values):
    started = read_with({**SAFE, **values})
    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith(str(values.get("HEGE_HTTPS") != "off"))


NORTH, SOUTH = "north 310117 postgresql:///north", "south 310118+310119 postgresql:///south postgresql:///copy"


def test_several_databases_are_read_with_their_streets_and_the_copies_to_read_from():
    given = {**SAFE, "HEGE_DATABASE_URL": "", "HEGE_DATABASES": f"{NORTH},\n  {SOUTH}"}
    ask = (
        "import hege.settings as s; print(s.SHARDS, *s.DATABASES, s.DATABASES['default']['ENGINE'], s.DATABASE_ROUTERS)"
    )
    assert read_with(given, ask).stdout.split("\n")[0] == (
        "{'north': ('310117',), 'south': ('310118', '310119')} default north south south-replica hege.kernel.unsaid "
        "['hege.kernel.shards.Router']"
    )


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (NORTH, "it names one database alone"),
        (f"{NORTH}, {NORTH}", "or one name twice"),
        (f"{NORTH}, south postgresql:///south", "its database 2 cannot be read"),
        (f"{NORTH}, default 310118 postgresql:///south", "it names one database alone, or one name twice"),
        (f"{NORTH}, south 310117 postgresql:///south", "a street is in one of them"),
        (f"{NORTH}, south 310118 postgresql:///north", "names one database twice"),
        (f"{NORTH}, south 310118 sqlite:////var/lib/hege/south.sqlite3", "SQLite beside PostgreSQL"),
        (
            f"{NORTH}, south 310118 postgres://hege:hege@10.0.0.1/south",
            "(south) has no password or one that anybody guesses",
        ),
        (f"{NORTH}, south 310118 mysql://hege:Vq8s0-Lw2p@10.0.0.1/south", "(south) names no database that Hege knows"),
    ],
)
def test_several_databases_that_cannot_be_told_apart_are_refused(value: str, advice: str):
    started = read_with({**SAFE, "HEGE_DATABASE_URL": "", "HEGE_DATABASES": value})
    assert started.returncode != 0
    assert advice in started.stderr
    assert "Vq8s0-Lw2p" not in started.stderr


def test_one_database_and_several_are_not_both_named():
    assert "are both set" in read_with({**SAFE, "HEGE_DATABASES": f"{NORTH}, {SOUTH}"}).stderr


def test_postgresql_without_its_driver_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert "install hege[postgres]" in read_with(SAFE).stderr


def test_the_command_says_it_in_one_sentence_without_a_traceback():
    started = started_with(
        {**SAFE, "HEGE_SECRET_KEY": "short"},
        "import sys; sys.argv = ['hege', 'check']; from hege.cli.main import main; main()",
    )
    assert started.returncode == 1
    assert started.stderr.startswith("hege: HEGE_SECRET_KEY")
    assert "Traceback" not in started.stderr


def test_djangos_deploy_checks_find_nothing_in_production():
    ask = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'hege.settings'; import django; django.setup();"
        "from django.core import checks; found = checks.run_checks(include_deployment_checks=True); print(found)"
    )
    started = started_with(SAFE, ask)
    assert started.stdout.strip() == "[]", started.stdout + started.stderr


def test_every_request_goes_through_these_guards_in_this_order():
    assert settings.MIDDLEWARE == [
        "hege.web.request_log.RequestMiddleware",  # tells of whatever is answered
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "hege.web.middleware.SecurityHeadersMiddleware",  # outside all that may answer by itself
        "hege.web.compression.CompressionMiddleware",  # outside all that reads or changes an answer
        "hege.web.wellness.machine.MachineMiddleware",  # before a name, a proxy, a session or a database is asked for
        "hege.web.proxies.ProxyMiddleware",  # before the redirect to HTTPS
        "django.middleware.security.SecurityMiddleware",
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "hege.web.shards.ShardMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "hege.web.middleware.LanguageMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",  # before an idempotency key is taken
        "hege.web.signed_in.SignedInMiddleware",
        "hege.web.middleware.SaidWhenDoneMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
        "hege.web.body.BodyMiddleware",  # before anything looks into a form
        "hege.web.middleware.CleanTextMiddleware",
        "hege.web.errors.RefusalsMiddleware",
        "hege.web.drafts_back.DraftsMiddleware",  # keeps what an error takes back
        "hege.web.files.FilesMiddleware",
        "hege.web.idempotency.IdempotencyMiddleware",  # knows who is signed in, and holds all that the view writes
        "hege.web.shards.ReplicaMiddleware",
        "hege.web.middleware.ReadOnlyGetMiddleware",
    ]
    assert settings.AUTHENTICATION_BACKENDS == ["django.contrib.auth.backends.ModelBackend"]


def test_tests_never_run_in_debug_mode_and_dates_are_shanghai_dates():
    assert not settings.DEBUG
    assert (settings.USE_TZ, settings.TIME_ZONE) == (True, "Asia/Shanghai")


@pytest.mark.django_db
def test_sqlite_holds_foreign_keys_and_writes_a_journal_that_readers_do_not_block():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            assert cursor.fetchone() == ("UTF8",)
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys")
        assert cursor.fetchone() == (1,)
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)


SEALED_WITH = "import hege.settings as s; print(s.SEAL_KEY_FROM, s.SEAL_KEY_NAME, *sorted(s.SEAL_KEYS))"
OWN = "Zr7p-QmX4vT9bLw2sKd8HnYc3JfGa6Ue"


def sealed_with(**values: str) -> list[str]:
    return read_with({**SAFE, **values}, SEALED_WITH).stdout.split()


def test_the_trail_is_sealed_with_its_own_key_or_with_one_derived_from_the_secret_key():
    derived, own = sealed_with(), sealed_with(HEGE_SEAL_KEY=OWN)
    assert (derived[0], own[0]) == ("HEGE_SECRET_KEY", "HEGE_SEAL_KEY")
    assert derived[1] != own[1]
    assert derived[1:] == [derived[1]] * 2


def test_former_keys_are_at_hand_whichever_setting_they_were():
    derived, own = sealed_with()[1], sealed_with(HEGE_SEAL_KEY=OWN)[1]
    former = f"{OWN}, {SAFE['HEGE_SECRET_KEY']}"
    now = sealed_with(HEGE_SEAL_KEY=OWN[::-1], HEGE_SEAL_KEYS_OLD=former)
    assert {derived, own} < set(now)
    assert now[1] not in (derived, own)


def test_a_former_secret_key_is_a_former_key_of_the_trail_too():
    derived = sealed_with()[1]
    now = sealed_with(HEGE_SECRET_KEY=SAFE["HEGE_SECRET_KEY"][::-1], HEGE_SECRET_KEYS_OLD=SAFE["HEGE_SECRET_KEY"])
    assert derived in now[2:]
    assert now[1] != derived


@pytest.mark.parametrize("name", ["HEGE_SEAL_KEY", "HEGE_SEAL_KEYS_OLD", "HEGE_SECRET_KEYS_OLD"])
def test_no_refusal_repeats_a_key(name):
    started = read_with({**SAFE, name: "a-secret-of-ours"})
    assert started.returncode != 0
    assert "a-secret-of-ours" not in started.stderr + started.stdout


def test_who_waits_for_another_writer_is_told_within_five_seconds():
    asked = "import hege.settings as s; print(s.DATABASES['default']['OPTIONS']['timeout'] < 5)"
    assert read_with({"HEGE_DATABASE_URL": "sqlite:////tmp/hege.sqlite3"}, asked).stdout == "True\n"
