"""Every form, sent twice with one key: done once, answered alike; sent with a row of another street: never taken.

Generated from the table of addresses.

Each form is filled in from its own page: choices take their first value, days today, money one hundred yuan,
words "测试"; ``FILLED`` says what a form needs beyond that. A form that cannot be sent in the state the
small street is in is brought there by ``PREPARED``, or must be listed in ``NOT_NOW`` with the reason: it still has to
answer a repeat alike.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Exists, F, OuterRef, TextField
from django.db.models.functions import Cast

from hege.cases import actions as cases
from hege.cases.models import Case, Report
from hege.cases.requests.actions import agree_request, ask_due, ask_hold
from hege.cases.rules import ReportState, due_on
from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.mediation.agreements import actions as mediation
from hege.mediation.dossier.actions import open_file, record_session, tell_rights
from hege.mediation.rules import FileSource
from hege.members.actions import ask_for_code, prove_code
from hege.members.queries import code_in_hand
from hege.members.rules import digits_of
from hege.outbox.actions import set_gateway
from hege.outbox.rules import CONSOLE, Channel
from hege.people.models import Membership, User
from hege.places.models import Place
from hege.places.queries import workday_calendar
from hege.programme.thanks.rules import ThanksKind
from hege.trail.models import IdempotencyKey
from hege.vouchers.tills.rules import Finding, ScanFault
from hege.web.access import MAY
from hege.web.form_key import FIELD
from hege.web.log_redaction import TOKEN_IN_PATH
from hege.web.till.page import FAILED, Failed
from tests.agreements import ACCOUNT, write_particulars
from tests.cast import make_row
from tests.imports.outlines import lines, outlines, square
from tests.places.notices import NOTICE_2027
from tests.routes import FOR_THE_MACHINE, Route, routes
from tests.vouchers.tills import digits
from tests.web.html import Page, SentForm
from tests.web.office import in_days
from tests.web.streets import Reader, Streets, each, opening, told, typical, undone
from tests.web.thanked import LONG_AGO, a_report, thank
from tests.web.things import JOINED_BY, Things, make_notice

pytestmark = pytest.mark.slow
KEY = "k" * 26
POSTS = [
    r
    for r in routes()
    if not r.name.startswith(("account:", FOR_THE_MACHINE))
    and not (opening(r).verb or "").endswith(".see")
    and r.name
    not in (
        "gallery",
        "shop:sent",
        "shop:reported",
        "answer:sent",
        "paper_check:check",
    )  # samples; pictures; only looked at
    and (not r.name.startswith("roll:") or r.name in ("roll:check", "roll:object"))  # the others are only looked at
    and (not r.name.startswith("letters:") or r.name in ("letters:find", "letters:object"))
    and not r.name.startswith(("nearby:", "menu:"))  # and so are these
]

#: Field -> the row of a street that it names.
ROWS: dict[str, Callable[[Things], Any]] = {
    "about": lambda t: t.row.point,
    "area": lambda t: t.place,
    "agreement": lambda t: t.agreement,
    "ally": lambda t: t.offering.unit,
    "case": lambda t: t.case,
    "host": lambda t: t.cast.office,
    "join": lambda t: t.case,
    "lists": lambda t: t.settled.confirmed,
    "creditor": lambda t: t.settled.confirmed.paid_by,
    "mediator": lambda t: t.cast.mediator,
    "merchants": lambda t: t.shop,
    "meter": lambda t: t.reading.meter,
    "parent": lambda t: t.place,
    "payer": lambda t: t.cast.office,
    "place": lambda t: t.place,
    "point": lambda t: t.row.point,
    "points": lambda t: t.row.point,
    "report": lambda t: t.gate_fact.report,
    "reports": lambda t: t.report,
    "season": lambda t: t.year["season"],
    "station": lambda t: t.year["station"],
    "tenancy": lambda t: t.row.tenancies[0],
    "things": lambda t: t.case,
    "topic": lambda t: t.year["published"].topic,
    "unit": lambda t: t.unit,
    "whom": lambda t: t.cast.clerk,
    "whose": lambda t: t.row.point,
    "units": lambda t: t.unit,
    **dict.fromkeys(
        ("agent", "applicants", "assisting", "debtor", "lead", "others", "parties", "party", "refusing", "respondents", "thirds"),
        lambda t: t.cast.utility,
    ),
}  # fmt: skip

#: Fields of such a name that are words here, and lists of numbers that are no rows.
NO_ROWS = {
    "activities:sign_up": {"party"},
    "member:sign_up": {"party"},
    "conferences:call": {"place"},
    "letters:find": {"street"},  # anybody may ask of any
    "mediation:particulars": {"about"},
    "meters:exchange_meter": {"diameter_mm"},
    "vouchers:new": {"weekdays"},
    "vouchers:amend": {"weekdays"},
}

#: Those that a page leaves out while there is nothing to choose from.
NOT_SHOWN = {"cases:new": ["reports"], "mediation:draft": ["point"], "reports:new": ["join"]}

#: What an empty field is filled with, one after the other, until its page stops complaining.
TODAY = clock.today()
WORDS = ["测试", TODAY.isoformat(), "100", "5", (TODAY + dt.timedelta(days=7)).isoformat(), f"{TODAY} 00:00"]
RECEIPTS = "日期,商铺编号,金额,方式,凭证号,收款人,证据,备注\n2026-03-05,ZB-NEAR-02,12.34,现金,SJ-9,二房东,已证实,\n"

#: Route -> what its form needs beyond words, days and amounts.
FILLED: dict[str, Callable[[Things], dict[str, object]]] = {
    "attachments:cover": lambda t: {"bars": "0,0,100,100"},
    "imports:choose": lambda t: {"file": SimpleUploadedFile("收据.csv", RECEIPTS.encode())},
    "imports:add": lambda t: {"file": SimpleUploadedFile("收据二.csv", RECEIPTS.encode())},
    "places:choose": lambda t: {"file": SimpleUploadedFile("边界.geojson", outlines(square("W1", parent="B1")))},
    "settlements:pay": lambda t: {"bank_serial": "AB4471"},
    "settlements:repay": lambda t: {"bank_serial": "AB4472"},
    "till:index": lambda t: {"number": t.voucher.number, "code": digits(t.voucher, clock.now())},
    "till:failed": lambda t: {FAILED: Failed(t.till.pk, Finding(ScanFault.USED), t.voucher.number, "a-nonce").signed()},
    "member:join": lambda t: {"phone": "13800001111"},
    "member:phone": lambda t: {"phone": "13800001111"},
    "member:join_code": lambda t: the_digits(t),
    "member:phone_code": lambda t: the_digits(t),
    "member:leave": lambda t: {"sure": "on"},
    "member:report": lambda t: {"place": t.place.pk, "text": "门口台阶结冰"},
    "points:rule": lambda t: {"from_on": in_days(1)},
    "vouchers:new": lambda t: {
        "title": "饺子一份",
        "kind": "free",
        "stock": "40",
        "releases_at": f"{TODAY} 10:00",
        "claim_until_at": f"{in_days(9)} 18:00",
        "use_from_on": str(TODAY),
        "use_until_on": in_days(20),
        "merchants": [t.shop.pk],
        "payer": t.cast.office.pk,
        "cost_fen": "15",
        "budget_fen": "600",
    },
    "members:leave": lambda t: {"sure": "on"},
    "members:end_codes": lambda t: {"at": t.station_code.label},
    "cases:ask_due": lambda t: {"due_on": str(due_on(t.task.due_on, 3, workday_calendar(t.cast.street)))},
    **dict.fromkeys(("cases:hold", "cases:hold_task"), lambda t: {"until_on": str(_in_a_week(t))}),
    "cutoffs:defer": lambda t: {"last_day": in_days(21), "decision": "第 1 次联席会议"},
    "mediation:draft": lambda t: {
        "debtor": t.cast.agent_party.pk,
        "debt_fen": "840.00",
        "account": "6200 0000 0047",
        "i1-due_on": in_days(30),
        "i1-amount_fen": "840.00",
    },
    "meters:evidence": lambda t: {"stance": "for", "side": "payee", "kind": "oral_word"},
    "honours:clipping": lambda t: {"take_2": "on"},
    "honours:decide": lambda t: {"cell": "1", "doubt": "firm", "choice": "firm_one"},
    "honours:paste": lambda t: {"text": "示例水产合作社 荣获 示范单位"},
    "honours:new_pattern": lambda t: {"template": "沪评字{年:9999}-{序号:9+}"},
    "gateways:change": lambda t: {"address": "http://127.0.0.1:9/send"},
    **dict.fromkeys(
        ("activities:sign_up", "activities:check_in", "activities:check_out", "activities:enter"),
        lambda t: {"number": t.rider.shown_number},
    ),
    "member:sign_up": lambda t: {"party": "1"},
    "member:answer": lambda t: {"offer": "1", "wants": "yes"},
    "programme:new": lambda t: {"starts_at": f"{in_days(9)} 10:00", "ends_at": f"{in_days(9)} 12:00", "festival": ""},
    "programme:amend": lambda t: {"title": "换个名字", "festival": ""},
    "programme:new_season": lambda t: {"t1-name": "专题"},
    "programme:amend_season": lambda t: {"t2-number": "2", "t2-month": _next_month(), "t2-name": "专题"},
    "programme:reschedule": lambda t: {"starts_at": f"{in_days(9)} 10:00", "ends_at": f"{in_days(9)} 12:00"},
    "meters:share": lambda t: {"method": "area"},
    "thanks:new": lambda t: {"number": t.rider.shown_number},
    "letters:find": lambda t: {"street": t.cast.street.pk, "number": t.letter.number},
    "shop:find": lambda t: {"number": t.report.public_id},
    "paper_check:find": lambda t: {"code": t.paper.check_code.lower()},
    "thanks:write_sheet": lambda t: {"parts": "9:30 致敬奋斗 | 主持人"},
    "thanks:certify": lambda t: {"from_on": in_days(-9), "last_on": in_days(-1)},
    "stations:new": lambda t: {"d1": "8:00-20:00"},
    "stations:draw": lambda t: {"lines": SimpleUploadedFile("路.geojson", lines([(121.26, 31.16), (121.27, 31.17)]))},
    "settings:confirm_year": lambda t: {
        "text": NOTICE_2027,
        "seen": hashlib.sha256(NOTICE_2027.strip().encode()).hexdigest(),
    },
}


def _next_month() -> str:
    return str((clock.today().replace(day=1) + dt.timedelta(days=31)).replace(day=1))


def _in_a_week(t: Things) -> dt.date:
    """A working day to come."""
    return due_on(clock.today(), 5, workday_calendar(t.cast.street))


def a_hold(t: Things) -> Things:
    """A case whose lead asks that it hangs, as a grid worker wrote down."""
    case = a_late_case(t).case
    ask_hold(case, until_on=_in_a_week(t), reason="等汛期。", by=t.cast.grid_worker, at=clock.now())
    return replace(t, case=case)


def a_held_task(t: Things) -> Things:
    """A task that hangs."""
    ask_hold(t.task, until_on=_in_a_week(t), reason="等设备。", by=t.cast.grid_worker, at=clock.now())
    agree_request(t.task, by=t.cast.coordinator, at=clock.now())
    return t


def a_late_case(t: Things) -> Things:
    """A case that its lead is late with."""
    cast, at = t.cast, at_noon(clock.today() - dt.timedelta(days=30))
    case = cases.file_case(cast.street, title="早该办的", place=t.place, by=cast.coordinator, at=at)
    return replace(t, case=cases.dispatch_case(case, lead=cast.office, days=5, by=cast.coordinator, at=at))


def a_case_that_waits(t: Things) -> Things:
    """A case that nobody leads yet."""
    cast = t.cast
    return replace(
        t, case=cases.file_case(cast.street, title="没人管的", place=t.place, by=cast.coordinator, at=clock.now())
    )


def another_day(t: Things) -> Things:
    """A task for which the utility asks for more days, as a grid worker wrote down."""
    wanted = due_on(t.task.due_on, 3, workday_calendar(t.cast.street))
    ask_due(t.task, due_on=wanted, reason="等设备。", by=t.cast.grid_worker, at=clock.now())
    return t


def a_checked_case(t: Things) -> Things:
    """A case that is handled and checked: ready to be closed."""
    cast, at = t.cast, clock.now()
    case = cases.file_case(cast.street, title="下水倒灌", place=t.place, by=cast.coordinator, at=at)
    case = cases.dispatch_case(case, lead=cast.office, days=5, by=cast.coordinator, at=at)
    case = cases.sign_for(case, by=cast.clerk, at=at)
    case = cases.first_contact(case, text="已联系。", by=cast.clerk, at=at)
    case = cases.give_feedback(case, text="办好了。", by=cast.clerk, at=at)
    return replace(t, case=cases.inspect_case(case, finding="看过了。", by=cast.checker, at=at))


def a_notice(t: Things) -> Things:
    """Another master meter that owes 840 yuan, with a cut-off notice that stands: ready to be deferred."""
    row = make_row(t.cast.street, code="ZB-OWES")
    row.bill("B-OWES", fen=84_000)
    return replace(t, row=row, notice=make_notice(t.cast, row))


def a_mediation(t: Things) -> Things:
    """A mediation about that debt in which everything has been said, printed and signed: ready to be recorded."""
    t, by, at = a_notice(t), t.cast.mediator, clock.now()
    file = open_file(
        t.cast.street, source=FileSource.APPLICATION, subject="分期", summary="说明。", applicants=[t.cast.utility],
        respondents=[t.cast.agent_party], case=t.case, point=t.row.point, mediator=by, by=by, at=at,
    )  # fmt: skip
    file = tell_rights(file, by=by, at=at)
    record_session(file, text="愿意分期。", by=by, at=at)
    write_particulars(file, by=by, at=at)
    mediation.draft_agreement(
        file, debtor=t.cast.agent_party, debt_fen=84_000, instalments=[(clock.today() + dt.timedelta(days=30), 84_000)],
        pay_to=ACCOUNT, facts="代收未交。", terms="一次付清。", by=by, at=at,
    )  # fmt: skip
    mediation.print_agreement(file, by=by, at=at)
    signed = dict.fromkeys([t.cast.utility, t.cast.agent_party], clock.today())
    mediation.sign_agreement(file, signed=signed, mediator_signed_on=clock.today(), by=by, at=at)
    file.refresh_from_db()
    return replace(t, file=file)


def two_administrators(t: Things) -> Things:
    """A street that can want a second person."""
    t.second()
    return t


def with_sms(t: Things) -> Things:
    """A street that can send SMS."""
    set_gateway(t.cast.street, channel=Channel.SMS, address=CONSOLE, by=t.cast.administrator, at=clock.now())
    return t


def a_code(t: Things, phone: str = "13800001111", *, proven: bool = False) -> Things:
    """A code that was sent to a telephone, for the browser of the nets; the telephone is no member's."""
    code = ask_for_code(with_sms(t).cast.street, phone=phone, address=None, secret=JOINED_BY, at=clock.now())
    if proven:
        prove_code(code, digits=next(digits_of(code.public_id)), at=clock.now())
    return t


def the_digits(t: Things) -> dict[str, object]:
    """What stands in the SMS."""
    code = code_in_hand(t.cast.street, JOINED_BY)
    return {"digits": next(digits_of(code.public_id))} if code else {}


def some_thanks(t: Things, steps: int) -> Things:
    """Thanks on which the next step may be taken today."""
    at = clock.now() - LONG_AGO
    made = thank(t.cast, t.rider, t.year["season"], "", kind=ThanksKind.NOTICE, steps=steps, since=at)
    return replace(t, thanks=made)


def an_unread_report(t: Things) -> Things:
    """A report that waits for another person."""
    return replace(t, sheet=a_report(t.sheet.activity, "", by=t.cast.clerk))


#: Routes of acts that must not happen twice, and the state in which they can happen at all. Money that is booked, files
#: that are imported and persons that are made need no preparing.
PREPARED: dict[str, Callable[[Things], Things]] = {
    "cases:close": a_checked_case,
    "cases:urge_all": a_late_case,
    "cases:dispatch_all": a_case_that_waits,
    "cases:agree_task": another_day,
    "cases:refuse_task": another_day,
    "cases:agree": a_hold,
    "cases:refuse": a_hold,
    "cases:void": a_late_case,
    "cases:resume_task": a_held_task,
    "cutoffs:defer": a_notice,
    "mediation:record": a_mediation,
    "settings:second_person": two_administrators,
    "member:join": with_sms,
    "member:join_code": a_code,
    "member:join_you": partial(a_code, proven=True),
    "member:phone": with_sms,
    "member:phone_code": a_code,
    "thanks:publish_report": an_unread_report,
    "thanks:review": partial(some_thanks, steps=1),
    "thanks:show": partial(some_thanks, steps=2),
    "thanks:give": partial(some_thanks, steps=3),
}
DANGEROUS = {*PREPARED, "meters:pay", "imports:confirm", "people:new", "people:agree"}

#: Routes whose form is refused in the state the small street is in, and why. A repeat is answered alike all the same;
#: that their acts happen once is held by the tests of the actions.
NOT_NOW: dict[str, str] = {
    **dict.fromkeys(
        (
            "activities:wall",
            "member:activity",
            "member:copy",
            "member:index",
            "member:left",
            "member:me",
            "members:letter",
            "members:sheet",
            "members:station_code",
            "member:board",
            "member:deeds",
            "member:points",
            "member:reported",
            "member:vouchers",
            "member:voucher",
            "members:card_code",
            "members:print_card",
            "mediation:print_paper",
            "reports:shown_reporter",
            "shop:page",
            "shop:thanks",
            "shop:thanks_for",
            "till:camera",
            "till:refused",
            "till:taken",
            "till:today",
            "till:settlements",
            "till:settlement",
            "tills:code",
            "units:code",
            "units:posters",
            "people:handover",
            "imports:pile",
            "imports:done",
            "honours:clippings",
            "honours:shown_objector",
        ),
        "a page without a form",
    ),
    **dict.fromkeys(("imports:marked", "places:choose"), "shows what is wrong with a file"),
    **{
        f"honours:{act}": "the honour is shown to everybody, and objected to"
        for act in ["check", "publicity", "publish"]
    },
    "honours:withdraw": "the honour is not on the roll",
    "imports:relearn": "nothing was forgotten",
    "till:index": "answers with the page of the voucher and keeps nothing",
    "till:queue": "is no form: what each scan of it was is told by its own number (tests/vouchers/test_offline.py)",
    "lists:save": "is asked for without saying which list (tests/web/lists/test_saved.py)",
    "lists:take": "is sent without naming a list",
    "roll:check": "answers with a page and keeps nothing",
    "imports:lines": "its file is no statement with lines",
    "imports:original": "a file without a form",
    **{
        f"cases:{act}": "the case is being handled"
        for act in ["check", "contact", "dispatch", "reopen", "resume", "revisit", "rework", "sign"]
    },
    "cases:pass_on": "only people of the office that has the task pass it on",
    "cases:redirect_task": "the task waits for its signature",
    **{
        f"conferences:{act}": "the round is over and its minutes are signed"
        for act in ["add_decision", "cancel", "hold", "invite", "sign"]
    },
    **dict.fromkeys(("conferences:confirm", "conferences:send_back"), "the promise is not reported done"),
    **{
        f"cutoffs:{act}": "the notice stands deferred and the debt unpaid"
        for act in ["clear", "cut", "demand", "lift", "notify", "renew", "restore", "withdraw"]
    },
    **{
        f"mediation:{act}": "the mediation ended in an agreement"
        for act in [
            *("archive", "authorise", "draft", "fail", "open", "particulars", "print", "rights", "session", "sign"),
            *("terminate", "withdraw"),
        ]
    },
    **dict.fromkeys(("mediation:breached", "mediation:performed"), "no instalment is due yet"),
    "mediation:ruling": "no court was asked",
    **dict.fromkeys(("papers:cutoff_notice", "papers:demand_letter"), "the notice stands deferred"),
    **dict.fromkeys(("papers:invitation", "papers:sign_in_sheet"), "the round is over and its minutes are signed"),
    "places:close": "shops and a meter lie in the block",
    "people:unlock": "the sign-in is open",
    "cutoffs:consent": "the agreement of the small street covers less than is overdue",
    "reports:unmerge": "the report belongs to no case",
    "reports:verify": "nobody is verifying the report",
}


def test_the_acts_that_must_not_happen_twice_are_among_those_that_are_sent_twice():
    assert {*DANGEROUS} <= {route.name for route in POSTS} - {*NOT_NOW}


def rows_of_everything() -> dict[str, int]:
    """How many rows each table of ours has. Keys are not what a form asks for, and a file that waits to be confirmed
    is replaced when it is sent again."""
    with connection.cursor() as cursor:
        cursor.execute(_counting())
        return dict(cursor.fetchall())


@cache
def _counting() -> str:
    """One statement for all tables: it is sent three times for each form."""
    left_out = ("trail.IdempotencyKey", "imports.StagedFile", "imports.Pile")
    models = [m for m in apps.get_models() if m.__module__.startswith("hege.") and m._meta.label not in left_out]
    return " UNION ALL ".join(f"SELECT '{m._meta.label}', count(*) FROM \"{m._meta.db_table}\"" for m in models)


def crossed() -> list[str]:
    """Every row of ours that points to a row, a person or a part of the grid of another street than its own."""
    with connection.cursor() as cursor:
        cursor.execute(*_crossing())
        return [f"{what} of {pk}" for what, pk in cursor.fetchall()]


@cache
def _crossing() -> tuple[str, list[Any]]:
    """One statement for all columns that point to something: it is sent after each form."""
    asked: dict[str, Any] = {
        "Membership.path": Membership.objects.exclude(path="").exclude(
            Exists(Place.objects.filter(street=OuterRef("street"), path=OuterRef("path")))
        )
    }
    for model in OURS:
        for key in [f for f in model._meta.concrete_fields if f.is_relation and f.name != "street"]:
            rows = model._default_manager.filter(**{f"{key.name}__isnull": False})
            if key.related_model is User:
                home = Membership.objects.filter(street=OuterRef("street"), user=OuterRef(key.attname))
                rows = rows.exclude(Exists(home))
            elif key.related_model in OURS:
                rows = rows.exclude(**{f"{key.name}__street": F("street")})
            asked[f"{model.__name__}.{key.name}"] = rows
    parts: list[str] = []
    values: list[Any] = []
    for name, rows in asked.items():
        sql, given = rows.order_by().values_list(Cast("pk", TextField())).query.sql_with_params()
        parts.append(f"SELECT '{name}', found.* FROM ({sql}) AS found")
        values += given
    return " UNION ALL ".join(parts), values


OURS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith("hege.") and "street" in {f.name for f in model._meta.concrete_fields}
]


def answers_kept() -> list[str]:
    """Where the forms sent so far led to, as the database keeps it."""
    return list(IdempotencyKey.objects.values_list("answer", flat=True))


class Sent:
    """What was sent in the end, by whom, and the answer to it."""

    def __init__(self, user: Reader, data: dict[str, object], answer: Any) -> None:
        self.user, self.data, self.answer = user, data, answer

    @property
    def done(self) -> bool:
        return 300 <= self.answer.status_code < 400


FORTY_DIGITS = "9" * 40
#: What no field is made for: to be seen by nobody, too long; to be run.
HOSTILE = ["\x00\u202e; DROP TABLE members", "长" * 9_000]
SCRIPT = "'\"><script>alert(1)</script>{{ 7 * 7 }}"
TYPED = re.compile(
    r'<textarea[^>]* name="([\w-]+)"|<input(?! type="(?:hidden|radio|checkbox|file))[^>]* name="([\w-]+)"'
)


@each(POSTS, parts=4)
class EveryForm(Streets):
    """One form at a time."""

    def each_form(self, route: Route) -> Iterator[str]:
        """Filled in and sent once, it serves all three: the repeat, forty digits, the rows of another street."""
        self.near = PREPARED.get(route.name, lambda t: t)(self.near)
        for user in self.senders(route):
            self.near.arguments(route, user)  # what belongs to one person is made before anything is sent
        with undone():
            before = rows_of_everything()
            path, first = self.send(route)
            yield from self.not_once(route, path, first, before)
        page = self.client_of(first.user).get(path)
        yield from self.broken_by_words(path, first, page)
        if connection.vendor != "sqlite":
            yield from self.broken_by_digits(path, first, [])
            return
        names = self.naming_rows(route, path, first, page)  # whose a row is, no database reads in its own way
        yield from self.broken_by_digits(path, first, names)
        yield from self.joined_streets(path, first, names)

    def not_once(self, route: Route, path: str, first: Sent, before: dict[str, int]) -> Iterator[str]:
        """A form sent twice with one key is done once and answered alike."""
        if first.done is (route.name in NOT_NOW):
            yield f"{first.answer.status_code} to {first.data}: {complaints(first.answer)}"
        if TOKEN_IN_PATH.search(" ".join(answers_kept())):
            yield "the database keeps a secret address"
        after = rows_of_everything()
        if not first.done and after != before:
            yield "a form that is answered with a page has done something"
        again = self.post(path, first.user, first.data)
        answers = [(answer.status_code, answer.headers.get("Location")) for answer in (first.answer, again)]
        if answers[0] != answers[1] or rows_of_everything() != after:
            yield f"sent again it is answered with {answers[1]} instead of {answers[0]}, or done again"

    def broken_by_digits(self, path: str, first: Sent, names: list[str]) -> Iterator[str]:
        """Forty digits in every field, hidden or chosen, are answered in words: no database has a column for them."""
        everywhere: dict[str, object] = dict.fromkeys([*first.data, *names], FORTY_DIGITS)
        for data in (everywhere, *({**first.data, name: FORTY_DIGITS} for name in names)):
            with undone():
                if (status := self.post(path, first.user, {**data, FIELD: KEY}).status_code) >= 500:
                    yield f"{status} to {data}"

    def broken_by_words(self, path: str, first: Sent, page: Any) -> Iterator[str]:
        """What was written to do harm, in every field that is typed, is kept or refused: nothing fails, no page runs it.

        Too long a text and a zero byte PostgreSQL refuses for reasons of its own; what a page does with what is kept, and
        words that any column takes, are seen on SQLite.
        """
        if page.status_code != 200:
            return
        typed = {name for pair in TYPED.findall(page.content.decode()) for name in pair if name}
        for words in [*HOSTILE, SCRIPT] if connection.vendor == "sqlite" else HOSTILE:
            with undone():
                answer = self.post(path, first.user, {**first.data, **dict.fromkeys(typed, words), FIELD: KEY})
                if answer.status_code >= 500:
                    yield f"{answer.status_code} to {words[:40]!r}"
                after = answer.headers.get("Location", "") if words == SCRIPT else ""
                shown = self.client_of(first.user).get(after) if after.startswith("/") else answer
                if "<script>alert(1)" in told(shown):
                    yield f"{words!r} would be run"

    def joined_streets(self, path: str, first: Sent, names: list[str]) -> Iterator[str]:
        """Whatever row of another street a field is made to name, no row of the database joins two streets after it."""
        Report.objects.filter(pk=self.foreign.report.pk).update(state=ReportState.ACCEPTED)  # a case may be filed of it
        for name in names:
            for value in spellings(ROWS[name](self.foreign)):
                with undone():
                    answer = self.post(path, first.user, {**first.data, name: value, FIELD: KEY})
                    joined = crossed() if 300 <= answer.status_code < 400 else []
                told_of = [m for m in self.foreign_marks if m not in value and m in told(answer)]
                if joined or told_of:
                    yield f"{name}={value}: {answer.status_code} {joined} {told_of}"

    def naming_rows(self, route: Route, path: str, first: Sent, page: Any) -> list[str]:
        """The fields of a form that name rows: what one chooses from a list of rows, what is typed or hidden as a name."""
        form = form_of(page, path) if page.status_code == 200 else None
        listed = (
            [n for n, values in form.choices.items() if all(map(names_a_row, filter(None, values)))] if form else []
        )
        shown = {*first.data, *form.values, *form.choices} if form else {*first.data}
        names = {*listed, *(ROWS.keys() & shown), *NOT_SHOWN.get(route.name, [])} - NO_ROWS.get(route.name, set())
        assert names <= ROWS.keys(), f"add to ROWS what row {names - ROWS.keys()} name"
        return sorted(names)

    def test_no_row_of_the_two_streets_joins_them(self) -> None:
        assert crossed() == []

    def test_a_row_that_joins_them_is_found(self) -> None:
        for wrong in (  # a key of the other street's is refused by the database (tests/kernel/test_street_keys.py)
            Case.objects.filter(pk=self.near.case.pk).update(filed_by=self.foreign.cast.coordinator),
            Membership.objects.filter(pk=self.near.member.pk).update(path=f"nowhere{self.foreign.place.path}"),
        ):
            assert wrong == 1
        assert len(crossed()) == 2

    def post(self, path: str, user: Reader, data: dict[str, object]) -> Any:
        """As a browser sends it; files are read from their start."""
        for value in data.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        return self.client_of(user).post(path, data)

    def senders(self, route: Route) -> list[Reader]:
        """Those who may send a form, the typical ones first; nobody where everybody may."""
        if opening(route).member:
            return [self.near.rider]
        if opening(route).till:
            return [self.near.till]
        verb = opening(route).verb
        roles = dict.fromkeys([*typical(verb), *MAY[verb]]) if verb else {}
        return [self.near.cast.of(role) for role in roles] or [None]

    def send(self, route: Route) -> tuple[str, Sent]:
        """Fill the form in and send it: by the first role whose sending does something, else by the last that may."""
        for user in self.senders(route):
            path = route.path(**self.near.arguments(route, user))
            sent = self.fill(route, path, user)
            if sent.done:
                break
        return path, sent

    def fill(self, route: Route, path: str, user: Reader) -> Sent:
        """Send, read what the page complains of, fill that in otherwise, send again."""
        page = self.client_of(user).get(path)
        data: dict[str, object] = {}
        if page.status_code == 200:
            data |= filled(form_of(page, path))
        wishes = FILLED.get(route.name, lambda t: {})
        tried: dict[str, int] = {}
        for _round in range(len(WORDS) + 1):
            data |= {**wishes(self.near), FIELD: KEY}
            answer = self.post(path, user, data)
            wrong = complaints(answer)
            if answer.status_code != 422 or not wrong:
                break
            for name in wrong:
                data[name] = WORDS[tried.get(name, 0) % len(WORDS)]
                tried[name] = tried.get(name, 0) + 1
        return Sent(user, data, answer)


def form_of(page: Any, path: str) -> SentForm | None:
    """The form of a page that is sent to the page's own address."""
    forms = [f for f in Page(page.content.decode()).forms if f.method == "post"]
    return next((f for f in forms if f.action in ("", path)), None)


def names_a_row(value: str) -> bool:
    """Whether what one chooses is a number or an id."""
    return value.isdigit() or len(value) > 20


def spellings(row: Any) -> list[str]:
    """How a field may name a row: by its number, its public id, its code."""
    names = [row.pk, getattr(row, "public_id", None), getattr(row, "code", None)]
    return [str(name) for name in names if name is not None]


def filled(form: SentForm | None) -> dict[str, object]:
    """A form with its first choices taken; what is a person's to write stays empty."""
    if form is None:
        return {}
    data: dict[str, object] = {name: values for name, values in form.values.items() if any(values)}
    for name, choices in form.choices.items():
        if name not in data:
            data[name] = next((c for c in choices if c), "")
    return data


def complaints(answer: Any) -> list[str]:
    """The fields a page that came back complains of."""
    if answer.status_code != 422:
        return []
    ids = Page(answer.content.decode()).ids
    return [i.removeprefix("id_").removesuffix("_error") for i in ids if i.startswith("id_") and i.endswith("_error")]
