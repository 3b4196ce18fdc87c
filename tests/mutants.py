"""Faults seeded one at a time, each of which a named test has to turn red: `make mutants`, or `… tests.mutants WORD`.

A copy of the tree is changed, never the tree itself. First all named tests are run on the copy as it is: a test that is
red anyway catches nothing. A fault that no test catches, one whose old text is no longer there exactly once, and one that
breaks the code instead of the rule (a wrong name, a wrong type) all fail the run.

To add one: the sentence of what goes wrong, the file, a short piece of its text that stands there once, what stands there
instead, and the most direct test. A database of "postgresql" is for what SQLite cannot show, where writers wait anyway.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
#: What the tests that are named here read of the tree.
COPIED = ("hege", "tests", "pyproject.toml")
KEPT = "var/tests"  # where tests/template.py keeps the migrated database
KILLED, SURVIVED, STALE, BROKEN = "killed", "SURVIVED", "STALE", "BROKEN"
#: A test that fails by one of these was not asked anything: the change made the code impossible.
IMPOSSIBLE = ("SyntaxError", "NameError", "ImportError", "ModuleNotFoundError", "AttributeError", "TypeError")
MOST_SECONDS = 300


class Mutant(NamedTuple):
    """A fault: what goes wrong, in which file, which text for which, and the test that has to turn red."""

    name: str
    file: str
    old: str
    new: str
    test: str
    database: str = "sqlite"


class Outcome(NamedTuple):
    """What became of a fault, and how long it took to see."""

    mutant: Mutant
    verdict: str
    seconds: float
    said: str = ""


M = Mutant
MUTANTS: Sequence[Mutant] = (
    # -- money and water, to the fen and the litre ---------------------------------------------------------------------
    M(
        "the odd fen goes to whom the smallest remainder is left",
        "hege/kernel/money.py", "sorted(remainders)[", "sorted(remainders, reverse=True)[",
        "tests/kernel/test_money.py::test_the_largest_remainder_gets_the_fen",
    ),
    M(
        "half a fen is dropped",
        "hege/kernel/money.py", "+ size.denominator) //", ") //",
        "tests/kernel/test_money.py::test_an_amount_is_rounded_half_up_to_the_fen",
    ),
    M(
        "an amount below zero is written from the wrong side",
        "hege/kernel/money.py", "divmod(abs(fen), 100)", "divmod(fen, 100)",
        "tests/kernel/test_money.py::test_fen_read_as_yuan",
    ),
    M(
        "50 litres are shown as half a cubic metre",
        "hege/metering/rules.py", "{part:03d}", "{part}",
        "tests/metering/test_rules.py::test_litres_read_as_cubic_metres",
    ),
    M(
        "the day a tenant is out is charged too",
        "hege/kernel/calendar.py", "(end - start).days)", "(end - start).days + 1)",
        "tests/billing/test_rules.py::test_the_first_day_out_is_not_counted",
    ),
    # -- how well a payment is proven, and that it is taken back whole -------------------------------------------------
    M(
        "a denial contests nothing as long as the other side says yes",
        "hege/ledger/rules.py", "any(not w.supports", "all(not w.supports",
        "tests/ledger/test_rules.py::test_a_payment_is_as_well_proven_as_its_words",
    ),
    M(
        "a reversal books the same once more",
        "hege/ledger/actions.py", "Line(_ref(transfer.credit), _ref(transfer.debit)", "Line(_ref(transfer.debit), _ref(transfer.credit)",
        "tests/ledger/test_reverse.py::test_a_reversal_mirrors_every_row_on_the_same_day",
    ),
    M(
        "what one side claims is counted as confirmed",
        "hege/arrears/queries.py", "+= fen - unproven", "+= fen",
        "tests/billing/test_sharing.py::test_a_claimed_receipt_counts_only_with_claims",
    ),
    M(
        "a warning is kept back by a payment nobody has proven",
        "hege/arrears/queries.py",
        "Sum(\"amount_fen\", filter=~Q(transaction_id__in=open_claims(street).filter(book__pk__in=books)))", "Sum(\"amount_fen\")",
        "tests/arrears/test_findings.py::test_a_claimed_payment_keeps_no_warning_back_and_a_proven_one_does",
    ),
    # -- terms of the law ----------------------------------------------------------------------------------------------
    M(
        "a cut-off notice goes out on the last day of the reasonable period",
        "hege/arrears/cutoff/rules.py", "if on <= ends:", "if on < ends:",
        "tests/arrears/test_cutoff_rules.py::test_a_notice_before_the_end_of_the_term_is_refused_to_the_millisecond",
    ),
    M(
        "a deferral that has ended by itself is still renewed",
        "hege/arrears/cutoff/rules.py", "    if lapsed:\n        return frozenset()\n", "",
        "tests/arrears/test_cutoff_rules.py::test_the_steps_open_to_a_procedure",
    ),
    M(
        "a deferral protects on the day it is until",
        "hege/arrears/cutoff/rules.py", "if on >= until_on:", "if on > until_on:",
        "tests/arrears/test_cutoff_rules.py::test_a_deferral_holds_through_its_last_day_and_not_on_the_day_it_is_until",
    ),
    M(
        "a notice of before the last deferral still counts",
        "hege/arrears/cutoff/rules.py", "served_at >= deferral_ended_at)", "served_at is not None)",
        "tests/arrears/test_cutoff_rules.py::test_a_notice_counts_only_when_served_after_the_last_deferral_ended",
    ),
    M(
        "a bill is overdue a day late",
        "hege/arrears/early_warning/rules.py", "if on >= overdue_from(", "if on > overdue_from(",
        "tests/arrears/test_warnings_of.py::test_a_bill_is_overdue_the_day_after_it_was_due",
    ),
    M(
        "water need not run again before a day more has gone by",
        "hege/arrears/rules.py", "start_of(min(days) + DAY)", "start_of(min(days) + 2 * DAY)",
        "tests/arrears/test_law_of_terms.py::test_water_is_restored_so_many_hours_after_payment_or_agreement",
    ),
    M(
        "an office sets a legal term away",
        "hege/arrears/rules.py", "if value < least:", "if value < 0:",
        "tests/arrears/test_cutoff_rules.py::test_a_legal_term_cannot_be_set_away",
    ),
    M(
        "an agreement is broken on the last day in time",
        "hege/mediation/rules.py", "> in_time_until", ">= in_time_until",
        "tests/mediation/test_rules.py::test_late_is_after_the_last_day",
    ),
    M(
        "the court is asked to confirm on the thirty-first day",
        "hege/mediation/rules.py", "has_passed(effective + CONFIRMATION_DAYS", "has_passed(effective + 31",
        "tests/mediation/test_agreement.py::test_the_thirty_first_day_is_too_late",
    ),
    M(
        "a working day that was made up for a holiday is a Sunday",
        "hege/places/queries.py", "{day: kind == DayKind.WORK for", "{day: False for",
        "tests/places/test_calendar.py::test_a_day_is_a_working_day_or_not",
    ),
    M(
        "a right is held on the first day without it",
        "hege/kernel/periods.py", 'until_on__gt"', 'until_on__gte"',
        "tests/kernel/test_periods.py::test_a_row_holds_from_its_first_day_until_the_day_before_its_end",
    ),
    # -- one street, one part of the grid, one's own ---------------------------------------------------------------------
    M(
        "cases of every street are listed",
        "hege/cases/queries.py", "Case.objects.filter(street=street_id).within(", "Case.objects.within(",
        "tests/cases/test_boards.py::test_another_streets_cases_are_not_there",
    ),
    M(
        "a collecting agent sees the meters of all others",
        "hege/web/shared/scope.py", 'points.filter(pk__in=mine.values("point_id"))', "points.all()",
        "tests/web/meters/test_list.py::test_a_collecting_agent_sees_their_own_meters_only",
    ),
    M(
        "who collected for a meter until yesterday still sees it",
        "hege/web/shared/scope.py", "mine = agents.on(desk.today)", "mine = agents",
        "tests/web/meters/test_list.py::test_a_meter_is_not_seen_by_who_collected_for_it_until_today",
    ),
    M(
        "a shop that draws from another meter is told that it will be cut off",
        "hege/arrears/cutoff/queries.py", "        .filter(not_over(on))\n", "",
        "tests/arrears/test_cutoff.py::test_a_cut_affects_who_draws_from_the_meter_on_that_day",
    ),
    M(
        "a party that left is given a task",
        "hege/cases/tasks/actions.py", "parts.filter(not_over(on)).exists()", "parts.exists()",
        "tests/cases/test_tasks.py::test_no_task_goes_to_a_party_that_left",
    ),
    M(
        "the roster names a tenant of former days",
        "hege/web/shared/scope.py", "running = holds_on(desk.today)", "running = Q()",
        "tests/web/units/test_units.py::test_the_roster_names_who_is_in_today",
    ),
    M(
        "a task is opened from another street",
        "hege/cases/queries.py", "Task.objects.filter(street=street, public_id=", "Task.objects.filter(public_id=",
        "tests/cases/test_tasks.py::test_another_street_does_not_see_a_task",
    ),
    M(
        "bills of every street are shared and warned of together",
        "hege/billing/queries.py", "return Bill.objects.filter(street=street, ", "return Bill.objects.filter(",
        "tests/billing/test_sharing.py::test_another_streets_bills_are_not_seen",
    ),
    M(
        "cut-off procedures of every street are listed",
        "hege/arrears/cutoff/queries.py", 'CutoffNotice.objects.filter(path_filter("point__place__path", paths), street=street)',
        'CutoffNotice.objects.filter(path_filter("point__place__path", paths))',
        "tests/arrears/test_cutoff.py::test_another_streets_procedures_are_not_seen",
    ),
    M(
        "what another street's office set holds here",
        "hege/arrears/queries.py", "Threshold.objects.filter(street=street)", "Threshold.objects.all()",
        "tests/web/settings/test_settings.py::test_a_figure_of_another_street_stays",
    ),
    M(
        "two streets count their cases together",
        "hege/cases/actions.py", ".get(street=street, series=series, year=year)", ".filter(series=series, year=year)[0]",
        "tests/cases/test_way.py::test_numbers_count_per_street_and_year",
    ),
    # -- who may -------------------------------------------------------------------------------------------------------
    M(
        "auditors no longer see the trail",
        "hege/web/access.py", '"trail.see": {AUDIT, ADMIN}', '"trail.see": {ADMIN}',
        "tests/web/test_access.py::test_a_dangerous_act_is_open_to_these_roles_alone",
    ),
    M(
        "coordinators check their own cases",
        "hege/web/access.py", '"cases.check": {CHECK}', '"cases.check": {CHECK, CO}',
        "tests/web/test_access.py::test_a_dangerous_act_is_open_to_these_roles_alone",
    ),
    M(
        "a view says no more who may open it",
        "hege/web/trail/views.py", '@opens("trail.prove")\n', "",
        "tests/web/test_access.py::test_every_address_says_who_may_open_it",
    ),
    M(
        "who handled a case checks it",
        "hege/cases/rules.py", "if by in handlers:", "if by is None:",
        "tests/cases/test_rules.py::test_nobody_checks_their_own_handling",
    ),
    M(
        "a session outlives the password it was opened with",
        "hege/web/signed_in.py", '.get(auth.HASH_SESSION_KEY, "")', '.get("", user.get_session_auth_hash())',
        "tests/web/test_signed_in.py::test_a_password_changed_elsewhere_ends_the_session",
    ),
    # -- what outsiders hold, and what nobody may read -----------------------------------------------------------------
    M(
        "a link's secret is kept as it is",
        "hege/cases/queries.py", "hashlib.sha256(token.encode()).hexdigest()", "token",
        "tests/cases/test_tasks.py::test_only_the_hash_of_the_secret_is_kept",
    ),
    M(
        "a link opens at the instant it ends",
        "hege/cases/rules.py", "if at >= link.expires_at:", "if at > link.expires_at:",
        "tests/cases/test_rules.py::test_a_link_opens_a_task_until_its_last_instant",
    ),
    M(
        "a telephone number in full width stays in the text",
        "hege/kernel/personal.py", '"".join(_fold(sign) for sign in text)', "text",
        "tests/kernel/test_personal.py::test_a_personal_number_is_hidden_however_it_is_typed",
    ),
    M(
        "shops read what was written for the offices alone",
        "hege/web/shop/page.py", "timeline(self.case, internal=False)", "timeline(self.case, internal=True)",
        "tests/web/shop/test_shop_page.py::test_what_the_street_does_shows_public_lines_only",
    ),
    M(
        "a field that somebody adds to a model has no privacy class",
        "hege/people/models.py", "    inside = models.BooleanField(", "    mail = models.EmailField(blank=True)\n    inside = models.BooleanField(",
        "tests/privacy/test_table.py::test_every_field_of_every_model_has_one_class_and_says_whom_it_is_told",
    ),
    M(
        "a field of the table stays unclassed",
        "hege/privacy/rules.py", 'p1="id street public_id kind inside", p2="name phone"', 'p1="id street public_id kind inside", p2="name"',
        "tests/privacy/test_table.py::test_every_field_of_every_model_has_one_class_and_says_whom_it_is_told",
    ),
    # -- once, whole, in order, and not by looking ---------------------------------------------------------------------
    M(
        "a form sent again with another wish is answered as the first one",
        "hege/trail/queries.py", "found[:2] != (asked, ", "found[:2] != (found[0], ",
        "tests/trail/test_idempotency.py::test_the_same_key_for_another_wish_is_refused",
    ),
    M(
        "the later of two sendings under way is not undone",
        "hege/trail/actions.py", "                    raise Undone\n", "                    pass\n",
        "tests/concurrency/test_once.py::test_an_idempotency_key_is_used_once", "postgresql",
    ),
    M(
        "a page that was overtaken acts on what it did not show",
        "hege/cases/actions.py", "version is not None and version != locked.version", "version is not None and version > locked.version",
        "tests/cases/test_way.py::test_a_page_that_believed_another_version_is_stale",
    ),
    M(
        "to look at a link opens it",
        "hege/web/answer/views.py", 'if request.method == "POST":\n            open_link', "if link:\n            open_link",
        "tests/web/answer/test_answer.py::test_looking_opens_nothing",
    ),
    M(
        "an answer that is refused uses its link up",
        "hege/cases/tasks/actions.py", "@atomic\ndef answer_by_link", "def answer_by_link",
        "tests/cases/test_tasks.py::test_a_refused_answer_does_not_use_the_link_up",
    ),
    M(
        "a file that is refused in the middle stays half booked",
        "hege/imports/actions.py", "@atomic\ndef _book", "def _book",
        "tests/imports/test_whole_files.py::test_a_file_that_is_refused_while_it_is_booked_leaves_no_half_of_it",
    ),
    M(
        "a sentence of what was done comes with what was not",
        "hege/web/middleware.py", "if response.status_code >= HTTPStatus.BAD_REQUEST:", "if response.status_code >= 600:",
        "tests/web/test_errors.py::test_what_was_not_kept_in_the_end_is_not_said_to_be_done",
    ),
    M(
        "two lines of the trail are written after the same one",
        "hege/trail/actions.py", "TrailHead.objects.select_for_update()", "TrailHead.objects",
        "tests/concurrency/test_once.py::test_lines_on_the_trail_follow_one_another", "postgresql",
    ),
    M(
        "two administrators end each other's role and nobody is left",
        "hege/places/staff/actions.py", "return locked_street(street.pk)", "return street",
        "tests/concurrency/test_once.py::test_a_street_keeps_an_administrator_when_two_end_each_others_role",
        "postgresql",
    ),
    # -- files of others -----------------------------------------------------------------------------------------------
    M(
        "one payment on two papers is booked twice without a question",
        "hege/imports/keys.py", "doubt = Doubt(row.number, \"payment\", mine,", "continue\n            doubt = Doubt(row.number, \"payment\", mine,",
        "tests/imports/test_doubts.py::test_two_papers_are_asked_about_whichever_comes_first",
    ),
    M(
        "the parser of other people's files sees the secrets of the house",
        "hege/kernel/limited.py", "env=kept", "env=dict(os.environ)",
        "tests/kernel/test_limited.py::test_a_parser_sees_neither_the_secrets_nor_the_settings_of_the_house",
    ),
    M(
        "a number in full width is another number",
        "hege/kernel/spelling.py", 'normalize("NFKC"', 'normalize("NFC"',
        "tests/kernel/test_spelling.py::test_every_spelling_of_a_number_folds_to_the_same",
    ),
    M(
        "a file that somebody looked at is booked by anybody",
        "hege/imports/piles.py", "pk=pile.pk, owner=by)", "pk=pile.pk)",
        "tests/imports/test_piles.py::test_a_pile_is_its_owners_alone_and_for_some_hours",
    ),
    M(
        "a parser that died is believed to have found nothing",
        "hege/kernel/limited.py", "if process.returncode:", "if process.returncode is None:",
        "tests/kernel/test_limited.py::test_a_parser_that_dies_is_ended_with_a_line_in_the_log",
    ),
    # -- the proof -----------------------------------------------------------------------------------------------------
    M(
        "who booked a transaction is no part of its digest",
        "hege/ledger/rules.py", "digest(street, *row, ", "digest(street, *row._replace(by_id=None), ",
        "tests/integrity/test_proof_of_rows.py::test_the_user_who_booked_is_part_of_the_seal",
    ),
    M(
        "what is changed past save stands on no line",
        "hege/kernel/mutability.py", "written.note(self.model, dict.fromkeys(pks))", "written.note(self.model, {})",
        "tests/trail/test_written.py::test_an_action_that_writes_through_a_filter_is_followed",
    ),
    M(
        "the chain can be written anew without its key",
        "hege/trail/rules.py", "hmac.new(key, text.encode(), hashlib.sha256)", "hashlib.sha256(text.encode())",
        "tests/trail/test_chain.py::test_a_chain_written_anew_without_the_key_is_named",
    ),
    M(
        "the end of a role is on no trail",
        "hege/places/staff/actions.py", 'trail.record(\n        "end_role"', '(lambda *_line, **_data: None)(\n        "end_role"',
        "tests/places/test_staff.py::test_ending_a_role_needs_a_reason_and_stands_on_the_trail",
    ),
    # -- signed badges -------------------------------------------------------------------------------------------------
    M(
        "a badge is signed without the words that no context defines",
        "hege/credentials/canonical.py", "_Strict(on_property_dropped=_lost)", "_Strict()",
        "tests/credentials/test_rules.py::test_what_would_not_be_signed_is_refused",
    ),
    M(
        "a badge is signed with a type that only the library has an address for",
        "hege/credentials/canonical.py", ', "base": None}', "}",
        "tests/credentials/test_rules.py::test_what_would_not_be_signed_is_refused",
    ),
    M(
        "a badge is good though its key had ended",
        "hege/credentials/rules.py", "at < self.until_at", "at >= self.from_at",
        "tests/credentials/test_rules.py::test_a_key_counts_from_its_beginning_until_its_end",
    ),
    M(
        "a badge is good though it names another issuer",
        "hege/credentials/rules.py", 'issuer_of(document) != key.method.partition("#")[0]', "not issuer_of(document)",
        "tests/credentials/test_rules.py::test_a_key_signs_for_its_issuer_alone",
    ),
    M(
        "a badge's first place of the list is the last bit of its byte",
        "hege/credentials/status.py", "|= 128 >> index % 8", "|= 1 << index % 8",
        "tests/credentials/test_status.py::test_the_first_place_is_the_first_bit_from_the_left",
    ),
    M(
        "a badge's key stays open under another secret",
        "hege/credentials/queries.py", "if todays:", "if todays and not street.pk:",
        "tests/credentials/test_keys.py::test_the_days_watch_opens_the_next_key_for_who_has_signed_and_for_nobody_else",
    ),
)  # fmt: skip


# -- running them ------------------------------------------------------------------------------------------------------


class Copy:
    """A copy of the tree to do harm to; its migrated database is put back each time."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder = folder
        for name in COPIED:
            here, there = source / name, folder / name
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(here, there) if here.is_dir() else shutil.copy2(here, there)
        self.kept = source / KEPT
        self.put_back()

    def put_back(self) -> None:
        """The migrated database as it was made from the whole tree: a fault may change what it is made of."""
        shutil.rmtree(self.folder / KEPT, ignore_errors=True)
        if self.kept.is_dir():
            shutil.copytree(self.kept, self.folder / KEPT)

    def run(self, tests: Sequence[str], database: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Run these tests here, on SQLite unless a database is given."""
        environment = {k: v for k, v in os.environ.items() if k not in ("HEGE_DATABASE_URL", "FAKE_DAY")}
        paths = [str(self.folder), str(self.folder / "tests" / "clock")]
        environment |= {"PYTHONPATH": os.pathsep.join(paths), "COLUMNS": "300", "HEGE_EXAMPLES": "30"}
        if database:
            environment["HEGE_DATABASE_URL"] = database
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", *more, *tests]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS
        )

    def harm(self, file: Path, text: str) -> None:
        """Write a file anew, and let nothing that was compiled of it before stand."""
        file.write_text(text, encoding="utf-8")
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
            compiled.unlink()

    def try_out(self, mutant: Mutant, database: str) -> Outcome:
        """Seed a fault, run its test, mend the fault."""
        started = time.monotonic()

        def outcome(verdict: str, said: str = "") -> Outcome:
            return Outcome(mutant, verdict, time.monotonic() - started, said)

        file = self.folder / mutant.file
        whole = file.read_text(encoding="utf-8") if file.is_file() else ""
        if whole.count(mutant.old) != 1 or mutant.new == mutant.old:
            return outcome(STALE, f"{mutant.file} holds {mutant.old!r} {whole.count(mutant.old)} times")
        harmed = whole.replace(mutant.old, mutant.new)
        try:
            compile(harmed, mutant.file, "exec")
        except SyntaxError as broken:
            return outcome(BROKEN, str(broken))
        self.put_back()
        self.harm(file, harmed)
        try:
            done = self.run([mutant.test], database if mutant.database == "postgresql" else "", "-x")
        except subprocess.TimeoutExpired:
            return outcome(BROKEN, f"no end after {MOST_SECONDS} seconds")
        finally:
            self.harm(file, whole)
        return outcome(*verdict_of(done))


def verdict_of(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """What a run of one test says of the fault in front of it: red by what the test claims, and by nothing else."""
    lines = done.stdout.strip().splitlines() or [done.stderr.strip()[-300:]]
    red = next((line for line in lines if line.startswith("FAILED")), "")
    if done.returncode == 0 and re.search(r"\d+ passed", lines[-1]):
        return SURVIVED, ""
    if done.returncode == 1 and re.search(r"\d+ failed", lines[-1]) and "error" not in lines[-1]:
        impossible = next((name for name in IMPOSSIBLE if f" - {name}" in red), "")
        return (BROKEN, red) if impossible else (KILLED, "")
    return BROKEN, lines[-1]


def green_before(copy: Copy, mutants: Sequence[Mutant], database: str) -> str:
    """Run all named tests on the tree as it is; what is said where they are not all green."""
    for which, url in (("sqlite", ""), ("postgresql", database)):
        tests = sorted({m.test for m in mutants if m.database == which})
        done = copy.run(tests, url) if tests else None
        if done is not None and done.returncode:
            return done.stdout + done.stderr
    return ""


def main(words: Sequence[str]) -> int:
    """Try all faults, or those with one of these words in their names; 1 unless every one of them is caught."""
    mutants = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    database = os.environ.get("HEGE_DATABASE_URL", "")
    if any(m.database == "postgresql" for m in mutants) and not database.startswith("postgres"):
        print("needs PostgreSQL: python -m tests.postgres -- python -m tests.mutants")
        return 2
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hege-mutants-") as folder:
        first = Copy(Path(folder) / "0", ROOT)
        if said := green_before(first, mutants, database):
            print(f"{said}\nred before any fault was seeded")
            return 1
        print(f"{len({m.test for m in mutants})} tests green before any fault, {time.monotonic() - started:.0f} s")
        copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        many = os.cpu_count() or 1
        for n in range(1, many + 1):
            copies.put(Copy(Path(folder) / str(n), first.folder))

        def try_out(mutant: Mutant) -> Outcome:
            copy = copies.get()
            try:
                return copy.try_out(mutant, database)
            finally:
                copies.put(copy)

        outcomes = []
        with ThreadPoolExecutor(many) as workers:
            for outcome in workers.map(try_out, mutants):
                outcomes.append(outcome)
                print(f"{outcome.verdict:8} {outcome.seconds:5.1f} s  {outcome.mutant.name}", flush=True)
                if outcome.verdict != KILLED:
                    print(f"{'':18}{outcome.mutant.test}  {outcome.said}", flush=True)
    count = {v: sum(o.verdict == v for o in outcomes) for v in (KILLED, SURVIVED, STALE, BROKEN)}
    print(", ".join(f"{n} {verdict.lower()}" for verdict, n in count.items()), f"in {time.monotonic() - started:.0f} s")
    return int(count[KILLED] < len(mutants))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
