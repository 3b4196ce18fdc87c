"""What every test stands on. The people and the street of the tests are in tests/cast.py."""

from __future__ import annotations

import ast
import gc
import os
import re
import runpy
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import setting_changed
from django.db import connection
from django.db.transaction import atomic
from django.template import engines
from django.test import TransactionTestCase, override_settings
from django.test.client import ClientHandler
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import statements
from tests.compiled import compiled_pages
from tests.template import Databases, use
from tests.translations import compile_english

# One clock for the whole run, before any test module is read: see tests/README.md.
TESTS = Path(__file__).parent
CLOCK = TESTS / "clock"
if str(CLOCK) not in os.environ.get("PYTHONPATH", ""):
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(CLOCK), os.environ.get("PYTHONPATH")]))
    runpy.run_path(str(CLOCK / "sitecustomize.py"))

ON_POSTGRES = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")

# Deterministic and without a clock: a slow machine must not turn a property red. Each run tries the same examples, so that
# more of them find nothing new until something changes: HEGE_EXAMPLES=1000 for the nightly run.
hypothesis_settings.register_profile(
    "hege",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=int(os.environ.get("HEGE_EXAMPLES", "30")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
hypothesis_settings.load_profile("hege")


def pytest_configure(config: pytest.Config) -> None:
    """Once, before the workers start: English pages are tested with the English as written."""
    if not hasattr(config, "workerinput"):
        compile_english()


# -- which tests belong to which database ------------------------------------------------------------------------------


#: Areas of the site that ask the database for more than rows by key. Of the others the nets of tests/web open every page
#: and send every form on both databases, and their packages' own tests run on both.
AREAS_ON_BOTH = {"search", "trail"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What asks no database and what a browser gets run once, on SQLite; real concurrency on PostgreSQL; the rest on both.

    Of a file that runs once, those of the mark ``both`` run on PostgreSQL too; of the rest those are left to SQLite that
    send nothing of their own (tests/statements.py finds both).
    """
    left_to_sqlite = frozenset() if config.pluginmanager.has_plugin("tests.statements") else statements.left_to_sqlite()
    unwanted = ("browser", "once") if ON_POSTGRES else ("postgres",)
    for item in items:
        if "clock" in config.option.markexpr and reads_the_clock(item):
            item.add_marker("clock")
        if item.path.parent == TESTS / "imports" and asks_the_database(item):
            item.add_marker("papers")
        if area := area_of_the_site(item.path):
            item.add_marker("pages")
            if area not in AREAS_ON_BOTH:
                item.add_marker("once")
    left_out = {
        item
        for item in items
        if (any(map(item.get_closest_marker, unwanted)) and not item.get_closest_marker("both"))
        or (ON_POSTGRES and (not asks_the_database(item) or statements.name_of(item) in left_to_sqlite))
    }
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A run of another day reads only the files in which something asks what day it is, and of them those of its day."""
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    if is_test and config.option.markexpr.startswith("clock and"):
        return True if not readers_of_the_clock(collection_path) or not is_of_this_day(collection_path) else None
    if is_test and ON_POSTGRES and runs_once(collection_path):
        return True
    return None


def runs_once(file: Path) -> bool:
    """Whether all tests of a file would be left to SQLite (below): it need not be read for PostgreSQL."""
    text, area = file.read_text(encoding="utf-8"), area_of_the_site(file)
    once = ALL_ONCE.search(text) is not None or bool(area and area not in AREAS_ON_BOTH)
    return (once or file.parent == TESTS / "browser") and "mark.both" not in text


ALL_ONCE = re.compile(r"^pytestmark = .*\bonce\b", re.MULTILINE)


def is_of_this_day(file: Path) -> bool:
    """Whether a file's day is that of the run, where other days share the files among them (``SHARED_BY``: the days).

    By its text: who changes a file takes it to another day, so that over time each stands on all of them. Without
    ``SHARED_BY`` every day reads every file (``make days``).
    """
    days = os.environ.get("SHARED_BY", "").split()
    return not days or days[zlib.crc32(file.read_bytes()) % len(days)] == os.environ["FAKE_DAY"]


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end: to look through it for rubbish again and again finds none."""
    gc.collect()
    gc.freeze()


def area_of_the_site(file: Path) -> str:
    """The area whose pages the tests of a file go through: its folder below tests/web; empty for all other tests."""
    folder = file.relative_to(TESTS).parts[:-1]
    return folder[1] if folder[:1] == ("web",) and len(folder) > 1 else ""


def reads_the_clock(item: pytest.Item) -> bool:
    """Whether a test asks what day it is, by what is written in it or in what it uses of its file (``make days``)."""
    return getattr(item, "originalname", item.name) in readers_of_the_clock(item.path)


ASKS_THE_DAY = re.compile(r"\bclock\.(today|now)\(|\bin_days\(")


@cache
def readers_of_the_clock(file: Path) -> set[str]:
    """What in a file asks what day it is: functions, fixtures and constants, and what uses those."""
    said, used = dict[str, str](), dict[str, set[str]]()
    source = file.read_text(encoding="utf-8")
    for node in ast.parse(source).body if ASKS_THE_DAY.search(source) else ():
        methods = [part for part in getattr(node, "body", ()) if isinstance(part, ast.FunctionDef)]
        for part in [node, *(methods if isinstance(node, ast.ClassDef) else ())]:
            targets = [t.id for t in ast.walk(part) if isinstance(t, ast.Name) and isinstance(t.ctx, ast.Store)]
            for name in [part.name] if isinstance(part, ast.FunctionDef | ast.ClassDef) else targets:
                said[name] = ast.unparse(part)
                used[name] = set(re.findall(r"\w+", said[name])) - {name}
    found = {name for name, text in said.items() if ASKS_THE_DAY.search(text)}
    while more := {name for name, names in used.items() if names & found} - found:
        found |= more
    return found


def asks_the_database(item: pytest.Item) -> bool:
    """Whether a test may use the database: by its mark, by a fixture of its own or of its fixtures, or as a TestCase."""
    fixtures = {"db", "transactional_db", "django_db_setup"}
    is_case = issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
    return (
        bool(item.get_closest_marker("django_db") or fixtures.intersection(getattr(item, "fixturenames", ())))
        or is_case
    )


# -- databases ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def databases(
    django_test_environment: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    """The databases of this process alone; it stands on one that is migrated and empty."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with django_db_blocker.unblock(), Databases(tmp_path_factory.mktemp("database"), shared) as made:
        made.base = made.copy("hege")
        use(made.base)
        yield made


@pytest.fixture(scope="session")
def django_db_setup(databases: Databases) -> Iterator[None]:
    """Tests that commit leave empty tables behind: those that hold rows are emptied, which takes Django 0.2 seconds by
    itself, for it looks at all of them and writes anew what it knows of the models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: _empty())
        yield


#: What migrating writes of the models; no test does.
OF_THE_MODELS = {"auth_permission", "django_content_type"}


def _empty() -> None:
    """Take all rows away. Only here may append-only tables lose theirs; their triggers refuse others."""
    with atomic(), connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.django_table_names()) - OF_THE_MODELS)
        cursor.execute(" UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM \"{t}\")" for t in tables))
        filled, triggers = [table for (table,) in cursor.fetchall()], []
        if ON_POSTGRES:
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = [(name, sql) for table, name, sql in cursor.fetchall() if table in filled]
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        for table in filled:
            cursor.execute(f'DELETE FROM "{table}"')
        for _name, sql in triggers:
            cursor.execute(sql)


@pytest.fixture(scope="session", autouse=True)
def _files_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests keep beside the database goes with them; so does what the programs keep that they start.

    Suites that run side by side would meet in the clone's folder, where one copy is made at a time.
    """
    settings.DATA_DIR = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEGE_DATA_DIR", str(settings.DATA_DIR))
        yield


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once() -> None:
    """Pages are compiled by the first process that shows them."""
    engines["jinja2"].env.bytecode_cache = compiled_pages()  # type: ignore[attr-defined]


# -- sign-in -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _fast_passwords() -> Iterator[None]:
    """Hashing is meant to be slow; tests sign in often."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_chain_of_middleware() -> Iterator[None]:
    """All browsers of a process go through one chain of middleware, made anew only after a setting has changed.

    To make it is a third of what an answer costs: all static files are looked at.
    """
    plain, made = ClientHandler.load_middleware, dict[type, ClientHandler]()

    def load(self: ClientHandler, *args: Any, **kwargs: Any) -> None:
        if type(self) not in made:
            plain(self, *args, **kwargs)
            made[type(self)] = self
        vars(self).update({name: value for name, value in vars(made[type(self)]).items() if "middleware" in name})

    def forget(**_changed: Any) -> None:
        made.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load)
        yield
    setting_changed.disconnect(forget)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """Each test starts in the office's language, whatever the one before switched to."""
    from django.utils import translation

    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_run_is_never_at_rest() -> Iterator[None]:
    """The clock ticks: whoever signed in when a process began stays so, and no page of theirs pays for a minute gone by."""
    from hege.web import sessions

    with override_settings(IDLE_MINUTES=720), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "SEEN_EVERY", sessions.SEEN_EVERY * 720)
        yield


# -- the trail ---------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _what_is_written_is_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No page and no command leaves a row behind that no line of the trail speaks of."""
    from django.core.handlers.base import BaseHandler
    from django.core.management.base import BaseCommand

    from hege.kernel import written

    untold: list[str] = []

    def names(rows: written.Rows) -> set[tuple[str, int]]:
        return {(model._meta.label, pk) for model, found in rows.items() for pk in found}

    def watched(plain: Any, what: str) -> Any:
        def act(self: Any, *args: Any, **kwargs: Any) -> Any:
            before = names(written.pending())
            with monkeypatch.context() as patch:
                patch.setattr(written, "report", lambda rows: untold.extend(f"{what}: {n}" for n in names(rows)))
                answer = plain(self, *args, **kwargs)
            untold.extend(f"{what}: {name}" for name in names(written.pending()) - before)
            return answer

        return act

    monkeypatch.setattr(BaseHandler, "get_response", watched(BaseHandler.get_response, "page"))
    monkeypatch.setattr(BaseCommand, "execute", watched(BaseCommand.execute, "command"))
    yield
    assert untold == []


# -- the browser -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for all browser tests (a playwright Browser); each test opens contexts of its own."""
    from playwright.sync_api import sync_playwright

    from tests.chromium import ARGUMENTS, find

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=list(ARGUMENTS))
        yield browser
        browser.close()


# -- the shared cast ---------------------------------------------------------------------------------------------------

from tests.cast import cast, make_shops, other_cast, other_street, row, street  # noqa: E402, F401
from tests.standing import _standing, pytest_runtest_teardown  # noqa: E402, F401
