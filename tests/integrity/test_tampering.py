"""Whoever writes into the database behind our back is found: every table, every column, on a street that was lived in.

The water story is played, then each column of each table is changed, each row taken away or renumbered in raw SQL with
the triggers off: a walk over all tables, so that a new one cannot be forgotten. By what name a change in the books is
told is in ``test_proof_of_rows``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models
from django.db.transaction import atomic, set_rollback

from hege.arrears import actions as arrears
from hege.arrears.rules import ThresholdKind
from hege.attachments.actions import add_files, cover
from hege.attachments.preparing import prepare
from hege.attachments.rules import Purpose
from hege.billing.models import BillComponent, Payment, Share
from hege.cases.models import CaseFollow, CaseRequest, Task, Urging
from hege.cases.reports import actions as cases
from hege.cases.rules import ReportKind
from hege.conferences.models import AssistingParty, Decision
from hege.credentials.actions import open_key
from hege.honours.actions import (
    add_pattern,
    begin_publicity,
    check_honour,
    decide_doubt,
    decide_objection,
    draft_honours,
    object_to_honour,
    publish_honour,
    set_honour_setting,
    take_in_clipping,
)
from hege.honours.queries import drafts_of, read
from hege.honours.rules import Consent, Seen, SettingKind
from hege.honours.rules import Decision as Became
from hege.integrity.queries import checks_of, faults
from hege.kernel import seal
from hege.kernel.mutability import AppendOnly, Mutable, append_only_models, lock, unwatched, watched_models
from hege.ledger.models import Evidence, SourceFile, Transfer
from hege.ledger.queries import TOTALS, as_far_as_it_goes
from hege.mediation.models import Dossier, SupplementaryPaper
from hege.mediation.rules import DocumentKind
from hege.members.actions import appoint, end_device, join_with_card, open_by_card
from hege.members.models import Member, MemberDevice
from hege.members.queries import card_of
from hege.members.rules import ConsentKind, MemberRoleKind, MemberWork
from hege.metering.models import SupplyPoint
from hege.outbox.actions import set_gateway
from hege.outbox.rules import Channel
from hege.papers.actions import issue_paper, void_paper
from hege.papers.drawing import Wanted as WantedPaper
from hege.papers.drawing import draw
from hege.papers.rules import PaperKind
from hege.people.models import Party, Role, Street, User
from hege.people.second_factor.passkeys import Passkey
from hege.places.models import Place
from hege.places.second_factor.actions import add_passkey, make_recovery_codes
from hege.places.staff.actions import ask_for_role
from hege.points.actions import set_point_rule, spend
from hege.points.rules import FIRST_RULE
from hege.programme.activities.actions import (
    agree_entry,
    close_attendances,
    enter_by_hand,
    lift_strike,
    sign_up,
    staff_check_in,
)
from hege.programme.activities.models import Strike
from hege.programme.activities.rules import AROUND
from hege.programme.alliance.actions import add_gate_fact, add_offering, draw_map, join_alliance, open_station
from hege.programme.alliance.rules import GateFactKind, MapLine, MapLineKind, OfferingKind
from hege.programme.deeds.actions import post_round, report_deed
from hege.programme.seasons.actions import publish_activity
from hege.programme.seasons.models import Activity, Season
from hege.programme.settlements.actions import confirm_list, freeze_month, pay_shop
from hege.programme.settlements.queries import lists_of
from hege.programme.thanks.actions import (
    certify_hours,
    decide_thanks_objection,
    give_thanks,
    object_to_thanks,
    propose_thanks,
    review_thanks,
    show_thanks,
)
from hege.programme.thanks.ceremonies.actions import publish_report, write_run_sheet
from hege.programme.thanks.ceremonies.rules import Part, SheetDraft
from hege.programme.thanks.rules import Decision as BecameOfThanks
from hege.programme.thanks.rules import ThanksKind
from hege.stories.water import Water
from hege.trail import actions as trail
from hege.trail import queries
from hege.trail.models import TrailHead, TrailLine, WitnessKind
from hege.vouchers.actions import claim_voucher, close_batch, issue_paper_code
from hege.vouchers.models import Batch, Merchant, OfflineConflict
from hege.vouchers.tills.actions import decide_conflict, redeem_offline, reverse_redemption
from hege.vouchers.tills.rules import ConflictState
from tests.attachments.files import picture
from tests.cast import NOW
from tests.integrity.tampering import tamper
from tests.programme.seasons.year import AT, planned, winter
from tests.vouchers.samples import SOUP, a_shop, given_out, local
from tests.vouchers.tills import a_claim, an_open_till, noted, take

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]

#: Keys that nothing refers to, of rows that their transaction seals or that have a number of their own.
SAYS_NOTHING = {(model, "id") for model in (TrailLine, TrailHead, Transfer, Evidence, BillComponent, Share, Payment)}
#: What is written into an empty column.
BLANKS: dict[str, Any] = {
    "DateField": dt.date(2026, 1, 1), "DateTimeField": NOW, "BooleanField": False, "JSONField": "[1]", "CharField": "z",
    "TextField": "z",
}  # fmt: skip


@pytest.fixture(scope="module")
def street(django_db_setup: None, django_db_blocker: Any) -> Iterator[Street]:
    """The water story, and what it leaves out: a row in every table that is watched. Every test puts back what it does."""
    with django_db_blocker.unblock(), atomic():
        yield lived_in()
        set_rollback(True)


def lived_in() -> Street:
    """Play it."""
    story = Water(dt.date(2025, 11, 21))
    story.until_the_worst_day()
    story.to_the_end()
    street, user = story.stage.street, User.objects.order_by("pk")[0]
    who: dict[str, Any] = {"by": user, "at": NOW}
    arrears.set_threshold(street, kind=ThresholdKind.HELD_DAYS, value=9, from_on=NOW.date(), source="会议", **who)
    report = cases.submit_report(
        street, kind=ReportKind.SHOP, text="水费涨了", reporter_name="王", reporter_phone="13800000000", **who
    )
    decision, party = Decision.objects.order_by("pk")[0], story.stage.parties["商户代表"]
    AssistingParty.objects.create(street=street, decision=decision, party=party)
    task = Task.objects.order_by("pk")[0]
    Urging.objects.create(
        street=street, case=task.case, task=task, party=task.party, on=NOW.date(), words="请回话", told=1, **who
    )
    CaseFollow.objects.create(street=street, case=task.case, user=user, at=NOW)
    CaseRequest.objects.create(
        street=street, task=task, was_due_on=task.due_on, due_on=task.due_on + dt.timedelta(days=7), reason="等设备",
        asked_by=user, asked_at=NOW, on_behalf="水务公司",
    )  # fmt: skip
    SupplementaryPaper.objects.create(
        street=street, file=Dossier.objects.get(), kind=DocumentKind.PERFORMANCE, text="已付清", happened_on=NOW.date(),
        recorded_at=NOW, by=user,
    )  # fmt: skip
    photo, data = Purpose.RECEIPT, picture()
    (receipt, _another) = add_files(
        [prepare("收据.jpg", len(data), lambda: data, purpose=photo)] * 2, about=report, **who
    )
    cover(receipt, bars=[(0, 0, 9, 9)], **who)
    add_passkey(user, name="指环", passkey=Passkey("AAAA", "BBBB", 0), by=user, at=NOW)
    other = User.objects.exclude(pk=user.pk).order_by("pk")[0]
    an_honour(street, by=user, other=other)
    activity = a_year(street, by=user, other=other)
    an_alliance(street, party=party, **who)
    a_member(street, by=user)
    an_evening(activity, by=user, other=other)
    a_letter(activity, by=user, other=other)
    a_voucher(street, party=party, by=user, other=other)
    a_round(street, by=user)
    a_paper(street, by=user)
    ask_for_role(street, other, role=Role.AUDITOR, from_on=NOW.date(), reason="轮岗", **who)
    set_gateway(street, channel=Channel.MAIL, address="hege@example.cn", most_bytes=900, a_minute=9, a_month=99, **who)
    open_key(street, **who)
    make_recovery_codes(user, codes=["2345-6789-abcd"], by=user, at=NOW)
    trail.record("record_decision", decision, street=street, **who)
    trail.keep_witness(street, WitnessKind.BACKUP, seq=1, digest=TrailLine.objects.get(seq=1).hash, note="盘", **who)
    assert list(faults(street)) == []
    tamper("UPDATE ledger_entry SET amount_fen = 1 WHERE id = 0")  # triggers off here, not in every savepoint
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as a database in use has counted its rows long ago
    return street


def a_round(street: Street, *, by: User) -> None:
    """A row in every table of points and deeds: three members reported, one has spent what it brought."""
    set_point_rule(street, FIRST_RULE, from_on=NOW.date() + dt.timedelta(days=1), by=by, at=NOW)
    data, place = picture(size=(300, 300)), Place.objects.filter(street=street).order_by("pk")[0]
    photo = prepare("p.jpg", len(data), lambda: data, purpose=Purpose.PHOTO)
    season = Season.objects.filter(street=street).order_by("pk")[0]
    for n in range(3):
        member = join_with_card(street, called=f"蜂{n}", work=MemberWork.COURIER, consents={}, by=by, at=NOW)
        deed = report_deed(member, text="灯不亮", place=place, photos=[photo][n:], by=None, at=NOW)
        cases.verify_report(cases.begin_verifying(deed.report, by=by, at=NOW), finding="属实", by=by, at=NOW)
    post_round(street, by=None, at=NOW)
    spend(member, 4, key="1", by=by, at=NOW)
    trail.amend("amend_deed", lock(deed), {"season": season}, by=by, at=NOW)


def a_paper(street: Street, *, by: User) -> None:
    """A statement that was issued and is void."""
    point = SupplyPoint.objects.filter(street=street).order_by("pk")[0]
    first, last = dt.date(2025, 11, 1), dt.date(2025, 12, 31)
    wanted = WantedPaper(PaperKind.METER_STATEMENT, street, point, from_on=first, last_on=last)
    made = issue_paper(wanted, digest=draw(wanted, at=NOW).digest, by=by, at=NOW)
    void_paper(made, reason="抬头写错", by=by, at=NOW)


def a_member(street: Street, *, by: User) -> None:
    """A row in every table of members."""
    said: dict[str, Any] = {
        "called": "王",
        "phone": "13800000001",
        "work": MemberWork.COURIER,
        "consents": {ConsentKind.BOARD: True},
    }
    member = join_with_card(street, **said, by=by, at=NOW)
    card = card_of(member, at=NOW)
    assert card is not None
    open_by_card(card, secret="s", browser="x", by=None, at=NOW)
    appoint(
        member, role=MemberRoleKind.WATCHER, area=None, from_on=NOW.date(), until_on=dt.date(2027, 6, 1), by=by, at=NOW
    )
    end_device(MemberDevice.objects.get(member=member), by=by, at=NOW)


def a_voucher(street: Street, *, party: Party, by: User, other: User) -> None:
    """A row in every table of vouchers."""
    shop = a_shop(street, party)
    batch = given_out(street, shop=shop, payer=party, by=by, other=other)
    claim = claim_voucher(batch, member=Member.objects.get(street=street), by=None, at=SOUP.releases_at)
    issue_paper_code(claim, by=None, at=SOUP.releases_at)
    at_the_counter(batch, shop, by=by)
    close_batch(batch, reason="歇业", by=by, at=SOUP.releases_at)


def at_the_counter(batch: Batch, shop: Merchant, *, by: User) -> None:
    """A row in every table of tills."""
    till, noon = an_open_till(shop), local(2025, 11, 23, 12)
    made = take(till, a_claim(batch, at=noon), at=noon)
    reverse_redemption(made, reason="不是本人", by=by, at=noon)
    scans = [noted(a_claim(batch, at=noon), nonce="nonce-01", at=noon, number="00000000")]
    redeem_offline(till, scans=scans, ahead=dt.timedelta(0), by=None, at=noon)
    decide_conflict(OfflineConflict.objects.get(), to=ConflictState.DECLINED, reason="没有这个号", by=by, at=noon)
    take(till, a_claim(batch, at=noon), nonce="settled", at=noon)
    settled(batch.street, by=by, at=local(2025, 12, 1, 12))


def settled(street: Street, *, by: User, at: dt.datetime) -> None:
    """A row in every table of settlements."""
    freeze_month(street, month_on=dt.date(2025, 11, 1), by=by, at=at)
    row = confirm_list(lists_of(street).get(), words="签字的名单", by=by, at=at)
    said: dict[str, Any] = {"fen": 100, "bank_serial": "A0001", "paid_on": at.date()}
    pay_shop(street, lists=[row], **said, by=by, at=at)


def an_honour(street: Street, *, by: User, other: User) -> None:
    """A row in every table of the honour roll."""
    later = NOW + dt.timedelta(days=10)
    first: dict[str, Any] = {"by": by, "at": NOW}
    second: dict[str, Any] = {"by": other, "at": NOW}
    set_honour_setting(street, kind=SettingKind.PUBLICITY_DAYS, value=9, reason="会议", **first)
    add_pattern(street, name="甲", template="甲{序号:9999}", source="乙", **first)
    clipping = take_in_clipping(street, text="松林米业公司\n松江大米\n荣获\n典范单位", source="报", **first)
    (doubt,) = read(clipping).cells[0].doubts
    decide_doubt(clipping, cell=1, doubt=doubt.key, choice="product", **first)
    (draft,) = drafts_of(clipping, code_on=NOW.date())
    (honour,) = draft_honours(street, [replace(draft, body="协会")], clipping=clipping, **first)
    honour = check_honour(honour, seen=Seen.SOURCE, words="报", **second)
    honour = begin_publicity(honour, consent=Consent.FIRM, words="同意书", **second)
    objection = object_to_honour(honour, words="不对", contact="王", by=None, at=NOW)
    decide_objection(objection, decision=Became.NOT_UPHELD, words="对", **second)
    publish_honour(honour, by=other, at=later)


def a_year(street: Street, *, by: User, other: User) -> Activity:
    """A row in every table of the seasons."""
    activity = planned(winter(street, by=by), by=by)
    return publish_activity(activity, by=other, at=AT)


def an_evening(activity: Activity, *, by: User, other: User) -> None:
    """A row in every table of the activities: one came late, did not check out, and was entered by hand."""
    member, over = Member.objects.get(street=activity.street), activity.ends_at + AROUND
    sign_up(activity, member=member, by=None, at=AT)
    staff_check_in(activity, member=member, by=by, at=activity.starts_at + AROUND)
    close_attendances(activity.street, by=None, at=over)
    lift_strike(Strike.objects.get(), reason="弄错了", by=other, at=over)
    entry = enter_by_hand(activity, member=member, minutes=30, reason="手机没电", by=by, at=over)
    agree_entry(entry, by=other, at=over)


def a_letter(activity: Activity, *, by: User, other: User) -> None:
    """A row in every table of thanks: given in spite of an objection, and a certificate of the hours."""
    member = Member.objects.filter(street=activity.street).order_by("pk")[0]
    first: dict[str, Any] = {"by": by, "at": NOW}
    second: dict[str, Any] = {"by": other, "at": NOW}
    said: dict[str, Any] = {"kind": ThanksKind.LETTER, "title": "谢谢您", "words": "谢谢"}
    letter = show_thanks(
        review_thanks(propose_thanks(member, season=activity.season, **said, **first), **second), **first
    )
    objection = object_to_thanks(letter, words="不对", by=None, at=NOW)
    decide_thanks_objection(objection, decision=BecameOfThanks.NOT_UPHELD, words="对", **second)
    give_thanks(letter, by=other, at=NOW + dt.timedelta(days=10))
    on = activity.starts_at.date()
    certify_hours(member, from_on=on, last_on=on, **first)
    draft = SheetDraft([Part(570, "致敬奋斗", "主持人")], words="坐满了。")
    publish_report(write_run_sheet(activity, draft=draft, **first), by=other, at=NOW + dt.timedelta(days=10))


def an_alliance(street: Street, *, party: Party, **who: Any) -> None:
    """A row in every table of the alliance."""
    place, on = Place.objects.filter(street=street).order_by("pk")[0], NOW.date()
    where: dict[str, Any] = {"lon_e6": 121_262_500, "lat_e6": 31_168_400}
    unit = join_alliance(street, party=party, from_on=on, **who)
    add_offering(unit, kind=OfferingKind.MONEY, words="水费", amount_fen=100, from_on=on, **who)
    open_station(
        street, name="驿站", place=place, address="路 1 号", facilities=[], hours={"1": [[0, 1440]]}, unit=unit, **where, **who
    )  # fmt: skip
    report = cases.submit_report(street, kind=ReportKind.PATROL, text="北门开着", place=place, **who)
    report = cases.verify_report(report, finding="属实", **who)
    draw_map(
        street,
        lines=[MapLine(MapLineKind.ROAD, "路", [(121_262_500, 31_168_400), (121_263_500, 31_168_400)])],
        source="图",
        **who,
    )
    look: dict[str, Any] = {"looked_on": on, "next_look_on": on + dt.timedelta(days=9)}
    add_gate_fact(place, kind=GateFactKind.WAY, words="走北门", report=report, **look, **where, **who)


def others(field: models.Field[Any, Any], value: Any) -> list[Any]:
    """Values of the same type that are not this one; the database may refuse the first."""
    if field.is_relation:
        assert isinstance(field.related_model, type)
        rows = field.related_model._default_manager.exclude(pk=value).order_by("-pk")
        return [*rows.values_list("pk", flat=True)[:1], (value or 0) + 1_000_000]
    if field.primary_key:
        return [value + 1_000_000]
    match value:
        case bool():
            return [not value]
        case dt.datetime():
            return [value + dt.timedelta(hours=1), value - dt.timedelta(hours=1), None]
        case dt.date():
            return [value + dt.timedelta(days=1), value - dt.timedelta(days=1), None]
        case int() | Decimal():
            return [value + 1, value - 1]
        case dict() | list():
            return [json.dumps({"x": 1})]
        case str():
            return ["x" * min(len(value) + 1, field.max_length or len(value) + 1), "y"]
        case None:
            return [BLANKS.get(field.get_internal_type(), 3)]
    return [b"x"]


class Watch:
    """``faults`` of one table alone where that is enough, else beginning with the checks that found a change of it before,
    so that some hundred edits take seconds."""

    def __init__(self, street: Street) -> None:
        self.street = street
        self.alone = {m for m in append_only_models() if not m.sealed_by and m is not SourceFile} | {*watched_models()}
        self.found_by: dict[type[models.Model], list[str]] = {}

    def finds(self, model: type[models.Model]) -> bool:
        if model not in self.alone:
            return self.finds_anywhere(model)
        if issubclass(model, AppendOnly):
            by_line = seal.known_as(model) != "ledger.evidence"
            found = queries.row_faults(self.street, model, all_told=by_line)
            return next(found, None) is not None or (not by_line and self.finds_anywhere(model))
        return next(queries._standing_faults(self.street, model, queries.Lines(self.street)), None) is not None

    def finds_anywhere(self, model: type[models.Model]) -> bool:
        """Whether any check finds a fault; the one that did so last is asked first."""
        before = self.found_by.setdefault(model, [])
        for what, found in sorted(
            checks_of(self.street), key=lambda check: before.index(check[0]) if check[0] in before else len(before)
        ):
            if next(as_far_as_it_goes(what, found), None) is not None:
                before[:] = [what, *(name for name in before if name != what)]
                return True
        return False


def changed(model: type[models.Model], field: models.Field[Any, Any], row: dict[str, Any]) -> Iterator[None]:
    """Goes once with the column of the row changed, or not at all where the database itself refuses every other value."""
    for value in others(field, row[field.attname]):
        try:
            with atomic():
                sql = f'UPDATE "{model._meta.db_table}" SET "{field.column}" = %s WHERE id = %s'
                assert tamper(sql, value, row["id"]) == 1

                yield
                set_rollback(True)
            return
        except DatabaseError:
            continue


def watched() -> list[type[models.Model]]:
    """Every table that is sealed or followed as it stands."""
    known = [m for m in apps.get_models() if issubclass(m, AppendOnly) or m is TrailHead]
    return [*known, *watched_models()]


def test_every_change_of_every_column_is_found(street: Street):
    watch, unfound, refused, edits = Watch(street), [], [], 0
    for model in watched():
        rows = model._default_manager.order_by("pk")
        assert rows.exists(), f"the street has no {model._meta.label}"
        ends = rows.values().last(), rows.values().first()
        left_out = {f.attname for f in model._meta.concrete_fields} - {"content"} - set(seal.columns(model))
        for place, field in enumerate(model._meta.concrete_fields):
            if field.attname in left_out or (model, field.attname) in SAYS_NOTHING:
                continue
            row, tried = ends[place % 2], 0
            assert row is not None
            for _ in changed(model, field, row):
                tried += 1
                if not watch.finds(model):
                    unfound.append(f"{model._meta.label}.{field.attname}")
            edits += tried
            if not tried:
                refused.append(f"{model._meta.label}.{field.attname}")
    assert unfound == []
    assert len(refused) < 40, refused  # what a constraint of the table itself refuses with the triggers off
    assert edits > 400


def test_every_row_taken_away_is_found(street: Street):
    watch, unfound = Watch(street), []
    for model in watched():
        for row in (model._default_manager.order_by("pk").first(), model._default_manager.order_by("-pk").first()):
            assert row is not None
            with atomic():
                assert tamper(f'DELETE FROM "{model._meta.db_table}" WHERE id = %s', row.pk) == 1
                if not watch.finds(model):
                    unfound.append(f"{model._meta.label} {row.pk}")
                set_rollback(True)
    assert unfound == []


def test_a_row_slipped_into_any_table_is_found(street: Street):
    """Its id is new: that nobody spoke of it is told beside the row it was copied from."""
    untold = []
    for model in [m for m in append_only_models() if not m.sealed_by] + list(watched_models()):
        if seal.known_as(model) == "ledger.evidence":
            continue  # sealed by its transaction: test_proof_of_rows
        row = model._default_manager.order_by("pk")[0]
        with atomic():
            assert tamper(f'UPDATE "{model._meta.db_table}" SET id = id + 1000000 WHERE id = %s', row.pk) == 1
            told = f"{seal.known_as(model)} {row.pk + 1_000_000}: no line of the trail speaks of it"
            checks = dict(queries.sealed_faults(street)) | dict(queries.standing_faults(street))
            # A user or organisation nobody ever spoke of holds no right: a membership or street that names it is found.
            if told not in list(checks[seal.known_as(model)]) and model._meta.label not in (
                "people.User", "people.Organisation", "people.Street", "places.CalendarDay"
            ):  # fmt: skip
                untold.append(model._meta.label)
            set_rollback(True)
    assert untold == []


def test_what_is_not_watched_holds_no_right_no_day_and_no_sum():
    listed = dict(unwatched())
    assert sorted(name for name in listed if name.split(".")[0] in {"people", "imports", "ledger", "trail"}) == [
        "imports.Pile",
        "imports.RememberedMapping",
        "imports.RememberedName",
        "imports.StagedFile",
        "ledger.AccountTotal",
        "ledger.FoldedKey",
        "ledger.MonthTotal",
        "ledger.OpenClaim",
        "people.FormerPassword",
        "people.Session",
        "people.SignInFailure",
        "people.User.last_login",
        "trail.IdempotencyKey",
        "trail.TrailHead",
        "trail.Upkeep",
    ]
    for model in apps.get_models():
        if not issubclass(model, Mutable) or not model.unwatched:
            continue
        if model in TOTALS:  # sums, each proven from the sealed entries: tests/ledger/test_months.py
            continue
        days = [f for f in model._meta.concrete_fields if f.get_internal_type() == "DateField"]
        named = {f.name for f in model._meta.concrete_fields if f.name.endswith(("_fen", "_litres", "_on"))}
        assert not days, model
        assert not named & {"role", "password", "value", "area_sqm", "path"}, model
        assert not named, model


def test_every_model_says_how_it_is_watched():
    for model in apps.get_models():
        if model._meta.app_label not in {"auth", "contenttypes"}:
            assert issubclass(model, AppendOnly | Mutable), model
