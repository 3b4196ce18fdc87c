"""The rules of the house, asked of every source file; docs/adr/0001-the-house.md says why."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from unicodedata import east_asian_width

import pytest
from django.apps import apps
from django.db import models, transaction

from hege.kernel.mutability import AppendOnly, Mutable

ROOT = Path(__file__).resolve().parent.parent
HEGE = ROOT / "hege"
OURS = [app.label for app in apps.get_app_configs() if app.name.startswith("hege.")]

LONGEST_VIEW = 30
LONGEST_LINE, WIDEST_LINE = 120, 160  # signs; columns, of which a Chinese sign takes two
# Where SQL is written by hand, because the ORM has no word for it: bulk rows, questions worked out once, triggers,
# copies, checks of the database.
MAY_WRITE_SQL = {
    "hege/kernel/asked.py",
    "hege/kernel/bulk.py",
    "hege/kernel/hurried.py",
    "hege/kernel/migrating.py",
    "hege/kernel/mutability.py",
    "hege/kernel/postgresql/base.py",
    "hege/kernel/prepared.py",
    "hege/kernel/snapshot.py",
    "hege/kernel/statistics.py",
    "hege/kernel/street_keys.py",
    "hege/cli/copies/ours.py",
    "hege/cli/copies/postgresql.py",
    "hege/installation/queries.py",
    "hege/installation/rights.py",
    "hege/search/queries.py",
}
# Who may hold the bare connection: those who write SQL, who refuses writes within a GET, who counts what a request asks,
# and who asks on a connection of its own.
MAY_HOLD_THE_CONNECTION = {
    "hege/kernel/database.py", "hege/kernel/shards.py", "hege/kernel/points.py", "hege/kernel/asked.py", "hege/kernel/hurried.py", "hege/kernel/schema.py",
    "hege/kernel/bulk.py", "hege/kernel/prepared.py", "hege/kernel/snapshot.py", "hege/kernel/statistics.py", "hege/kernel/written.py", "hege/cli/copies/ours.py", "hege/cli/copies/postgresql.py",
    "hege/cli/copies/program.py", "hege/cli/copies/sqlite.py", "hege/cli/management/commands/migrate.py", "hege/cli/management/commands/story.py", "hege/cli/management/commands/verify.py", "hege/installation/queries.py", "hege/installation/rights.py", "hege/web/middleware.py",
    "hege/web/request_log.py", "hege/web/wellness/probe.py", "hege/search/queries.py",
}  # fmt: skip
# Where text becomes markup by hand: line breaks between escaped lines, and the hidden fields of every form.
MAY_MAKE_MARKUP = {"hege/web/jinja.py"}
# Only those who stand at the border of time ask the clock; rules and actions are told. The trail asks under its lock: a
# line that waited for the one before it must not carry the instant at which it began to wait.
MAY_ASK_THE_CLOCK = (
    "hege/kernel/clock.py", "hege/stories/hours.py", "hege/web/", "hege/cli/", "hege/jobs/", "hege/trail/actions.py",
)  # fmt: skip
# A spreadsheet hands over floats; they become Decimal there.
MAY_MEET_FLOATS = ("hege/settings.py", "hege/imports/")
# Divisions that are no float of money though they do not begin with Decimal(…): of Fractions, and of bytes for words.
EXACT_DIVISIONS = {
    "hege/billing/rules.py: rest * a / whole",
    "hege/imports/sheets.py: size / 1048576",
    "hege/stories/crisis.py: money.held * 1000 // money.payable / 10",
}
# Tables that belong to no single street.
STREETLESS = {
    "Organisation", "Street", "User", "FormerPassword", "SignInFailure", "Session",
    "SecondFactor", "RecoveryCode", "IdempotencyKey", "Upkeep", "Lease", "Wish", "Draft",
}  # fmt: skip
# Unique across streets on purpose: a secret is looked up before anybody knows whose street it belongs to.
UNIQUE_EVERYWHERE = {"UnitLink.token_hash", "TaskLink.token_hash"}
# Public functions of actions.py that are no acts of a person: they lock, look up, or serve the actions above them.
NO_ACTS = {
    "cases.lock_case",
    "cases.lock_running_case",
    "cases.tasks.lock_task",
    "cases.tasks.lock_thing",
    "cases.go_on_with_task",
    "cases.next_number",
    "ledger.lock_books",
    "ledger.account_ids",
    "ledger.keep_sources",
    "mediation.dossier.lock_open_file",
    "mediation.dossier.move_file",
    "metering.check_readings",
    "places.name_party",
    "places.unit_token",
    "points.lock_balances",
    "cases.tell_reporters",
    "jobs.begin",
    "jobs.end_job",
    "jobs.give_back",
    "jobs.go_on",
    "jobs.renew_leases",
    "jobs.take_lease",
    "members.ask_for_code",
    "members.prove_code",
    "members.tell_members",
    "outbox.tell_members",
    "search.forget_things",
    "search.index_rows",
    "search.index_things",
    "search.put_right",
    "outbox.claim",
    "outbox.settle",
    "outbox.tell",
    "outbox.tell_reporters",
    "trail.record_upkeep",
    "vouchers.end_claims",
    "vouchers.take_claim",
    "trail.take_up_rows",
    "places.seed_calendar",
}


def sources(*folders: str) -> list[Path]:
    return sorted(p for f in folders for p in (ROOT / f).rglob("*.py") if "migrations" not in p.parts)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """All of a file, gone through once: twenty questions are asked of it."""
    return list(ast.walk(tree(path)))


def findings(ask: Callable[[ast.AST], bool], paths: list[Path]) -> list[str]:
    """Where a question is answered with yes, as file:line."""
    return [f"{name_of(path)}:{getattr(node, 'lineno', 0)}" for path in paths for node in nodes(path) if ask(node)]


def called(node: ast.AST) -> str:
    """What a call calls, as written: `float`, `clock.now`, `Tag.objects.get`; empty for anything else."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def model_classes() -> Iterator[type[models.Model]]:
    return (model for label in OURS for model in apps.get_app_config(label).get_models())


# -- safety: what no file may do ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["mark_safe", "csrf_exempt", "SafeString", "eval", "exec", "pickle", "RawSQL"])
def test_no_file_says_a_forbidden_word(word: str):
    def says(node: ast.AST) -> bool:
        if isinstance(node, ast.alias):
            return node.name.split(".")[-1] == word
        return (isinstance(node, ast.Name) and node.id == word) or (
            isinstance(node, ast.Attribute) and node.attr == word
        )

    assert findings(says, sources("hege")) == []


def test_no_sql_is_written_by_hand_outside_the_listed_files():
    def writes_sql(node: ast.AST) -> bool:
        method = called(node).rpartition(".")[2]
        return method in {"raw", "extra"} or (method in {"execute", "executemany"} and "cursor" in called(node))

    paths = [path for path in sources("hege") if name_of(path) not in MAY_WRITE_SQL]
    assert findings(writes_sql, paths) == []


def imported(node: ast.AST) -> set[str]:
    """The whole names that a statement imports."""
    module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
    return {module + alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()


def test_nobody_holds_the_bare_connection_outside_the_listed_files():
    bare = {"django.db", "django.db.connections", "hege.kernel.database.connection", "hege.kernel.database.asked"}

    def takes(node: ast.AST) -> bool:
        return bool(imported(node) & bare)

    assert {name_of(path) for path in sources("hege") if findings(takes, [path])} == MAY_HOLD_THE_CONNECTION


def test_nobody_takes_djangos_own_words_for_the_one_database_that_is_not_asked():
    past = {
        "django.db.connection",
        "django.db.transaction",
        "django.core.signing",
        "django.core.signing.BadSignature",
    } | {f"django.db.transaction.{name}" for name in transaction.__dict__ if name != "TransactionManagementError"}
    assert {
        name_of(path) for path in sources("hege") if findings(lambda node: bool(imported(node) & past), [path])
    } == {
        "hege/kernel/database.py",
        "hege/kernel/migrating.py",  # names the database that it migrates
        "hege/kernel/signing.py",
        "hege/kernel/street_keys.py",  # names it too
    }


def test_no_file_makes_markup_by_hand_outside_the_listed_ones():
    words = {"Markup", "format_html", "format_html_join", "html_safe", "SafeText", "__html__"}

    def makes(node: ast.AST) -> bool:
        return (
            (isinstance(node, ast.alias) and node.name.split(".")[-1] in {*words, "markupsafe"})
            or called(node).rpartition(".")[2] in words
            or (isinstance(node, ast.FunctionDef) and node.name in words)
        )

    assert {name_of(path) for path in sources("hege") if findings(makes, [path])} == MAY_MAKE_MARKUP


def test_no_request_is_poured_into_a_call():
    def pours(node: ast.AST) -> bool:
        return isinstance(node, ast.keyword) and node.arg is None and "request" in ast.unparse(node.value)

    assert findings(pours, sources("hege")) == []


def test_money_and_volumes_never_meet_a_float():
    def is_float(node: ast.AST) -> bool:
        return called(node) == "float" or (isinstance(node, ast.Constant) and isinstance(node.value, float))

    paths = [path for path in sources("hege") if not name_of(path).startswith(MAY_MEET_FLOATS)]
    assert findings(is_float, paths) == []
    assert [m.__name__ for m in model_classes() for f in m._meta.get_fields() if isinstance(f, models.FloatField)] == []


def test_money_is_divided_exactly():
    def divides(node: ast.AST) -> bool:
        return isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)

    loose = {
        f"{name_of(path)}: {ast.unparse(node)}"
        for path in sources("hege")
        if not name_of(path).startswith(
            ("hege/settings.py", "hege/kernel/installed.py", "hege/cli/")
        )  # they divide paths only
        for node in nodes(path)
        if divides(node) and called(getattr(node, "left", node)) != "Decimal"
    }
    assert loose == EXACT_DIVISIONS


def test_nobody_reads_the_time_but_the_clock():
    readings = {"now", "utcnow", "today", "localdate", "localtime", "gmtime", "time_ns", "fromtimestamp", "Now"}

    def reads(node: ast.AST) -> bool:
        if isinstance(node, ast.ImportFrom) and node.module in ("datetime", "time", "django.utils.timezone"):
            return True  # a borrowed name would hide who is asked
        asked, _dot, reading = called(node).rpartition(".")
        return called(node) == "time.time" or (reading in readings and asked not in ("", "clock"))

    assert findings(reads, [p for p in sources("hege") if name_of(p) != "hege/kernel/clock.py"]) == []


def test_rules_queries_and_actions_are_told_the_time():
    def asks(node: ast.AST) -> bool:
        borrowed = isinstance(node, ast.ImportFrom) and node.module == "hege.kernel.clock"
        by_name = borrowed and {"now", "today"} & {alias.name for alias in getattr(node, "names", [])}
        return bool(by_name) or called(node) in {"clock.now", "clock.today"}

    assert findings(asks, [p for p in sources("hege") if not name_of(p).startswith(MAY_ASK_THE_CLOCK)]) == []


def test_pages_never_fetch_a_row_by_its_number_alone():
    def fetches(node: ast.AST) -> bool:
        by_number = isinstance(node, ast.Call) and {k.arg for k in node.keywords} in ({"pk"}, {"id"})
        return by_number and called(node).rpartition(".")[2] in {"get", "get_object_or_404"}

    assert findings(fetches, sources("hege/web")) == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\|\s*safe\b", "text would be taken for markup"),
        (r"autoescape\s+(false|off)", "text would be taken for markup"),
        (
            r"<script(?![^>]*(\bsrc=|type=.application/(?:ld\+)?json))",
            "the content security policy refuses script inside a page",
        ),
        (r"<style\b", "the content security policy refuses style inside a page"),
        (r"\sstyle\s*=", "the content security policy refuses style inside a page"),
        (r"\son[a-z]+\s*=\s*[\"']", "the content security policy refuses script inside a page"),
        (r"javascript:", "the content security policy refuses script inside a page"),
        (r"(src|href)=[\"']?(https?:)?//", "nothing is loaded from elsewhere"),
    ],
)
def test_no_template_holds_what_the_policy_refuses(pattern: str, why: str):
    templates = sorted(HEGE.glob("web/templates/**/*.*"))
    found = [name_of(t) for t in templates if re.search(pattern, re.sub(r"\{#.*?#\}", "", t.read_text(), flags=re.S))]
    assert found == [], why


# -- what people read: templates, style sheets, scripts -------------------------------------------------------------------


def columns(line: str) -> int:
    return sum(1 + (east_asian_width(sign) in "WF") for sign in line)


def test_no_line_of_a_page_is_too_long_to_read():
    """Of templates, style sheets and scripts of our own; a picture within a style sheet is one long word."""
    files = [*HEGE.glob("web/templates/**/*.*"), *HEGE.glob("web/static/*.css"), *HEGE.glob("web/static/*.js")]
    found = [
        f"{name_of(file)}:{number}"
        for file in sorted(files)
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if len(said := re.sub(r"url\(\"data:[^\"]*\"\)", "", line)) > LONGEST_LINE or columns(said) > WIDEST_LINE
    ]
    assert found == []


def test_comments_and_names_are_plain():
    """A person is "they" or a role; a comment says the rule in the words of the field's handbooks, not in pictures."""
    pictures = re.compile(
        r"(?<![a-z])(he|him|himself|his|doors?|nought|riddles?|tears?|thrice)(?![a-z])", re.IGNORECASE
    )
    here = Path(__file__).resolve()
    found = [
        f"{name_of(file)}:{number}: {line.strip()}"
        for file in sources("hege", "tests", "bench")
        if file != here
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if pictures.search(line)
    ]
    assert found == []


def test_every_rule_of_a_style_sheet_has_a_line_of_its_own():
    sheets = sorted(HEGE.glob("web/static/*.css"))
    assert [name_of(sheet) for sheet in sheets if re.search(r"\}[ \t]+[^\s}]", sheet.read_text(encoding="utf-8"))] == []


def test_no_template_asks_for_a_state():
    """What a page shows in which state its page object says; a template that names one forgets the one added next.

    Components speak of marks (``ui.level("claimed")``), not of things that have a state.
    """
    values = {value for choices in _choices() for value in choices.values if value}
    assert {"cut", "held", "performed", "returned"} <= values
    # Compared with one, found among some, or looked up by one: x == "cut", x in ("cut", …), {"cut": "red"}[x].
    asks = re.compile(
        r"""(?:[=!]=\s*|\bin \((?:["']\w+["'],\s*)*)["'](\w+)["']|["'](\w+)["']:(?=[^{}]*\}\s*(?:\.get\(|\[))"""
    )
    found = [
        f"{name_of(file)}: {word}"
        for file in sorted(HEGE.glob("web/templates/**/*.html"))
        if file.parent.name != "components"
        for code in re.findall(r"\{%.*?%\}|\{\{.*?\}\}", file.read_text(encoding="utf-8"), re.S)
        for word in (one or other for one, other in asks.findall(code))
        if word in values
    ]
    assert found == []


#: Where a button asks which state a thing is in for its words and its place alone.
ASKS_FOR_WORDS = {
    "hege/web/cutoffs/page.py: self.step is CutoffStep.DEMANDED",
    "hege/web/cutoffs/page.py: self.step is CutoffStep.DEFERRED",
}


def test_no_button_knows_a_state_of_its_own():
    """What greys a button and what refuses its act are one function, in ``rules.py``: a page asks it and adds the right."""

    def decides(node: ast.AST) -> bool:
        if isinstance(node, ast.FunctionDef):
            return node.name in ("button", "buttons") or node.name.startswith("may_")
        targets = node.targets if isinstance(node, ast.Assign) else []
        return any(isinstance(target, ast.Attribute) and target.attr.startswith("may_") for target in targets)

    found = {
        f"{name_of(path)}: {ast.unparse(asked)}"
        for path in sources("hege/web")
        for node in nodes(path)
        if decides(node)
        for asked in ast.walk(node)
        if isinstance(asked, ast.Compare) and not isinstance(asked.ops[0], ast.In | ast.NotIn)
        if any(
            re.fullmatch(r"\w+(State|Step)\.[A-Z_]+", ast.unparse(side)) for side in [asked.left, *asked.comparators]
        )
    }
    assert found == ASKS_FOR_WORDS


def test_a_refusal_takes_the_values_of_its_sentence_by_name():
    def poured(node: ast.AST) -> bool:
        refuses = called(node) in ("Refused", "Stale", "CommittedRefusal", "NotYours")
        sentence = node.args[:1] if refuses and isinstance(node, ast.Call) else []
        return any(isinstance(words, ast.BinOp) and isinstance(words.op, ast.Mod) for words in sentence)

    paths = [path for path in sources("hege") if "imports" not in path.parts]
    assert findings(poured, paths) == []


def _choices() -> Iterator[type[models.TextChoices]]:
    """Every list of words a column of ours may hold."""
    for path in sources("hege"):
        if "TextChoices)" in path.read_text(encoding="utf-8"):
            module = import_module(name_of(path).removesuffix(".py").replace("/", "."))
            for value in vars(module).values():
                if (
                    isinstance(value, type)
                    and issubclass(value, models.TextChoices)
                    and value is not models.TextChoices
                ):
                    yield value


# -- the house: where things live --------------------------------------------------------------------------------------


def test_packages_import_downward_only():
    program = Path(sys.executable).with_name("lint-imports")
    # A process of its own: it sets up logging its own way.
    checked = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_inside_a_package_actions_stand_above_queries_above_models_above_rules():
    order = {"rules": 0, "models": 1, "queries": 2, "actions": 3}
    upward = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources("hege")
        for node in nodes(path)
        if path.stem in order and isinstance(node, ast.ImportFrom) and node.module
        for target in ([node.module] if node.module.rpartition(".")[2] in order else _submodules(node))
        if target.split(".")[1] == path.relative_to(HEGE).parts[0]
        and order.get(target.rpartition(".")[2], 0) > order[path.stem]
    ]
    assert upward == []


def _submodules(node: ast.ImportFrom) -> list[str]:
    module = node.module or ""
    return [f"{module}.{alias.name}" for alias in node.names] if module.startswith("hege.") else []


def test_rules_know_no_database():
    def imports_orm(node: ast.AST) -> bool:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if set(names) <= {"TextChoices", "IntegerChoices"}:  # an enum with labels; it only lives in that module
            return False
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        return any(name.startswith(("django.db", "django.apps")) for name in [module, *names]) or module.endswith(
            ".models"
        )

    assert findings(imports_orm, [p for p in sources("hege") if p.name == "rules.py"]) == []


def test_foreign_keys_name_their_class():
    keys = {"ForeignKey", "OneToOneField", "ManyToManyField"}

    def by_string(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or called(node).rpartition(".")[2] not in keys:
            return False
        target = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg == "to"), None)
        return isinstance(target, ast.Constant) and target.value != "self"

    # The ledger's machine stands below what it is about: whose account it is it knows by its table alone.
    below = [p for p in sources("hege") if name_of(p) != "hege/ledger/models.py"]
    assert findings(by_string, below) == []


def test_every_model_says_whether_its_rows_may_change():
    unsaid = [m.__name__ for m in model_classes() if issubclass(m, AppendOnly) == issubclass(m, Mutable)]
    assert unsaid == []


def test_every_row_belongs_to_a_street():
    without = [m.__name__ for m in model_classes() if "street" not in {f.name for f in m._meta.get_fields()}]
    assert sorted(set(without) - STREETLESS) == []


def test_every_unique_constraint_starts_with_the_street():
    loose = []
    for model in model_classes():
        if model.__name__ in STREETLESS:
            continue
        uniques = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
        loose += [f"{model.__name__}.{c.name}" for c in uniques if c.fields[:1] != ("street",)]
        alone = [f.name for f in model._meta.local_fields if f.unique and not f.primary_key and not f.is_relation]
        loose += [f"{model.__name__}.{name}" for name in alone]
    assert sorted(set(loose) - UNIQUE_EVERYWHERE) == []


def test_nothing_happens_behind_the_readers_back():
    def listens(node: ast.AST) -> bool:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        return any("signals" in name or name.startswith("django.dispatch") for name in [module, *names])

    assert findings(listens, sources("hege")) == []


def test_every_action_is_told_who_acts_and_when():
    loose = set()
    for path in [p for p in sources("hege") if p.name == "actions.py"]:
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            told = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            if not {"by", "at"} <= {argument.arg for argument, default in told if default is None}:
                loose.add(".".join([*path.relative_to(HEGE).parts[:-1], node.name]))
    assert sorted(loose - NO_ACTS) == []
    assert sorted(NO_ACTS - loose) == [], "no longer needed in NO_ACTS"


def test_every_public_function_says_what_it_is():
    kinds = {"rules.py", "queries.py", "actions.py"}
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in sources("hege")
        if path.name in kinds
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_module_is_a_drawer_for_odds_and_ends():
    drawers = {"utils", "helpers", "common", "misc", "services", "managers", "signals"}
    assert [
        name_of(p) for p in sources("hege", "tests", "bench") if p.stem in drawers or p.parent.name in drawers
    ] == []


def test_no_view_is_too_long_to_read():
    long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in sources("hege/web")
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and [a.arg for a in node.args.args[:1]] == ["request"]
        if (node.end_lineno or 0) - node.lineno >= LONGEST_VIEW
    ]
    assert long == []


# -- tests and pins ----------------------------------------------------------------------------------------------------


def _claims(function: ast.FunctionDef, path: Path) -> bool:
    """Whether a test, or a function of its file that it calls, can fail by itself."""
    nearby = {node.name: node for node in tree(path).body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(function):
        word = called(node).rpartition(".")[2]
        if isinstance(node, ast.Assert) or word.startswith(("raises", "expect", "check")) or "assert" in word:
            return True
        helper = nearby.get(called(node))
        if helper is not None and helper is not function and _claims(helper, path):
            return True
    return False


def test_no_test_is_skipped_excused_or_empty_of_a_claim():
    def excuses(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail", "importorskip"}

    tests = [path for path in sources("tests") if path.name.startswith("test_")]
    assert findings(excuses, [path for path in tests if path.name != "test_house.py"]) == []
    empty = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in tests
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not _claims(node, path)
    ]
    assert empty == []


@pytest.mark.parametrize("name", ["base", "city", "dev", "spark"])
def test_pins_carry_hashes_and_no_address(name: str):
    pins = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", pins) is None
    unhashed = [
        block for block in re.split(r"\n(?=\S)", pins) if re.match(r"[\w.-]+==", block) and "--hash=" not in block
    ]
    assert unhashed == []


@pytest.mark.parametrize("name", ["base", "city", "dev", "spark"])
def test_every_dependency_says_why_it_is_there(name: str):
    lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "-r")) and " # " not in line] == []
