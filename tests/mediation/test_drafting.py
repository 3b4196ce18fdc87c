"""Draft, print, signatures, record: each row beside the article it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic, set_rollback
from django.test.utils import CaptureQueriesContext

from hege.arrears.queries import who_holds_the_money
from hege.billing.chart import TransactionKind
from hege.cases import actions as cases
from hege.cases.rules import PartyRole
from hege.kernel.clock import at_noon
from hege.kernel.mutability import Immutable
from hege.kernel.refused import Refused
from hege.mediation.agreements import actions as mediation
from hege.mediation.dossier.actions import file_document, tell_rights
from hege.mediation.models import (
    Agreement,
    AgreementDraft,
    AgreementPrint,
    AgreementText,
    Dossier,
    Signature,
)
from hege.mediation.queries import (
    authorisations_of,
    content_of,
    intact,
    latest_print,
    parties_of,
    payable_fen,
    signatures_of,
    wanted_for_archive,
)
from hege.mediation.rules import (
    AgreementForm,
    DocumentKind,
    IdentityKind,
    Particulars,
    PayManner,
    PayTo,
    agreement_digest,
    check_debt,
    check_particulars,
    check_pay_to,
    identity_fits,
    masked_identity,
)
from hege.people.models import Party, PartyKind
from hege.trail import queries as trail
from tests.agreements import ACCOUNT, particulars_of, write_particulars
from tests.cast import make_row
from tests.mediation.conftest import AT, ON, SCHEDULE, Room

pytestmark = pytest.mark.once

DAY = dt.timedelta(days=1)

# -- rules -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "field"),
    [
        # SPC Interpretation of the Civil Procedure Law art. 358: unclear content is not confirmed
        (PayTo(PayManner.BANK, "水务公司", "示例银行", "6200 0000 0047"), None),
        (PayTo(PayManner.WALLET, "水务公司", "微信支付", "shop-47-pay"), None),
        (PayTo(PayManner.CASH, "水务公司", "营业所柜台", ""), None),
        (PayTo(PayManner.BANK, "", "示例银行", "620000000047"), "payee"),
        (PayTo(PayManner.BANK, "水务公司", "—", "620000000047"), "bank"),
        (PayTo(PayManner.BANK, "水务公司", "示例银行", ""), "account"),
        (PayTo(PayManner.BANK, "水务公司", "示例银行", "6200****0047"), "account"),
        (PayTo(PayManner.WALLET, "水务公司", "微信支付", "略"), "account"),
        (PayTo(PayManner.CASH, "水务公司", "", ""), "bank"),
    ],
)
def test_where_to_pay_is_said_so_that_a_court_could_confirm_it(to: PayTo, field: str | None):
    if field is None:
        assert check_pay_to(to).payee == "水务公司"
        return
    with pytest.raises(Refused) as refusal:
        check_pay_to(to)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("debt", "ledger", "difference", "kept"),
    [
        (1_000_00, 1_000_00, "", ""),
        (1_000_00, 1_000_00, "不该写的", ""),
        (900_00, 1_000_00, "减免 100 元", "减免 100 元"),
        (1_000_01, 1_000_00, "", None),
        (900_00, 1_000_00, "略", None),
    ],
)
def test_a_debt_that_is_not_the_ledgers_says_why(debt: int, ledger: int, difference: str, kept: str | None):
    if kept is not None:
        assert check_debt(debt, ledger_fen=ledger, on=ON, difference=difference) == kept
        return
    with pytest.raises(Refused, match="差 ") as refusal:
        check_debt(debt, ledger_fen=ledger, on=ON, difference=difference)
    assert refusal.value.field == "difference"


@pytest.mark.parametrize(
    ("kind", "number", "fits"),
    [
        (IdentityKind.ID_CARD, "11010519491231002X", True),  # the example of GB 11643
        (IdentityKind.ID_CARD, "110105194912310021", False),
        (IdentityKind.ID_CARD, "11010519491231020X", False),
        (IdentityKind.ID_CARD, "1101051949123100", False),
        (IdentityKind.USCC, "91350100M000100Y43", True),  # the example of GB 32100
        (IdentityKind.USCC, "91350100M000100Y34", False),
        (IdentityKind.USCC, "91350100O000100Y43", False),  # no letter O in it
        (IdentityKind.OTHER, "推选书 1 号", True),
        (IdentityKind.OTHER, "无", False),
    ],
)
def test_a_number_proves_itself(kind: IdentityKind, number: str, fits: bool):
    assert identity_fits(kind, number) is fits


def test_of_a_persons_number_the_ends_alone_are_kept_and_taken_again():
    masked = masked_identity(IdentityKind.ID_CARD, "11010519491231002X")
    assert masked == "110***********002X"
    given = Particulars(IdentityKind.ID_CARD, masked, "九杜路 47 号", "13000000047")
    assert check_particulars(given, organisation=False, known=masked).identity_number == masked
    with pytest.raises(Refused, match="号码不对"):
        check_particulars(given, organisation=False)


@pytest.mark.parametrize(
    ("wish", "field"),
    [  # People's Mediation Law art. 29 (1): the parties' particulars
        ({"address": " "}, "address"),
        ({"phone": "没有"}, "phone"),
        ({"representative": ""}, "representative"),
        ({"identity_number": ""}, "identity_number"),
    ],
)
def test_particulars_are_whole(wish: dict[str, str], field: str):
    whole = {"identity_number": "登记证 1 号", "address": "路 1 号", "phone": "02147474747", "representative": "王负责"}
    check_particulars(Particulars(IdentityKind.OTHER, **whole), organisation=True)
    with pytest.raises(Refused) as refusal:
        check_particulars(Particulars(IdentityKind.OTHER, **{**whole, **wish}), organisation=True)
    assert refusal.value.field == field


# -- the way -----------------------------------------------------------------------------------------------------------


def draft(room: Room, file: Dossier, **wishes: object) -> AgreementDraft:
    facts: dict[str, object] = {
        "debtor": room.row.agent, "debt_fen": 1_000_00, "instalments": SCHEDULE, "pay_to": ACCOUNT, "facts": "代收未交。",
        "terms": "分三期付到上列账户。", "by": room.cast.mediator, "at": AT,
    }  # fmt: skip
    return mediation.draft_agreement(file, **{**facts, **wishes})  # type: ignore[arg-type]


def printed(room: Room, file: Dossier) -> AgreementPrint:
    write_particulars(file, by=room.cast.mediator, at=AT)
    return mediation.print_agreement(file, by=room.cast.mediator, at=AT)


def sign(room: Room, file: Dossier, **wishes: object) -> AgreementPrint:
    facts = {"signed": {room.cast.utility: ON, room.row.agent: ON}, "mediator_signed_on": ON, "by": None, "at": AT}
    return mediation.sign_agreement(file, **{**facts, **wishes})  # type: ignore[arg-type]


def record(room: Room, file: Dossier) -> Agreement:
    return mediation.record_agreement(file, sealed_on=ON, by=room.cast.mediator, at=AT)


def test_what_is_printed_is_what_is_signed_and_what_stands(room: Room, file: Dossier):
    draft(room, file)
    paper = printed(room, file)
    sign(room, file)
    made = record(room, file)
    assert (made.printed, made.text.sha256, made.effective_on) == (paper, paper.sha256, ON)
    assert agreement_digest(paper.content) == paper.sha256
    assert (paper.content["copies"], paper.content["committee"]) == (
        3,
        "九里亭街道人民调解委员会",
    )  # art. 29: one each, one kept
    assert intact(made)
    assert [s.kind for s in signatures_of(made)] == ["party", "party", "mediator", "committee"]


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (sign, "协议还没有打印"),
        (record, "协议还没有打印"),
    ],
)
def test_no_paper_is_entered_as_signed_before_it_was_printed(
    room: Room, act: Callable[..., object], says: str, file: Dossier
):
    draft(room, file)
    with pytest.raises(Refused, match=says):
        act(room, file)
    assert not Signature.objects.exists()


def test_a_paper_is_not_signed_on_a_day_before_it_was_printed(room: Room, file: Dossier):
    draft(room, file)
    printed(room, file)
    with pytest.raises(Refused, match="不能早于打印的日期（2026-03-02）"):
        sign(room, file, signed={room.cast.utility: ON - DAY})


def change_terms(room: Room, file: Dossier) -> None:
    draft(room, file, terms="分三期付清，逾期恢复停水程序。")


def change_account(room: Room, file: Dossier) -> None:
    draft(room, file, pay_to=PayTo(PayManner.CASH, "水务公司", "营业所柜台", ""))


def change_particulars(room: Room, file: Dossier) -> None:
    row = parties_of(file)[0]
    moved = Particulars(IdentityKind.OTHER, "登记证 48 号", "九杜路 2 号", "02100000000", "王负责")
    mediation.write_particulars(row, moved, by=None, at=AT)


def change_authority(room: Room, file: Dossier) -> None:
    mediation.authorise_delegate(
        file,
        parties=[room.row.agent],
        agent=room.cast.office,
        scope="签协议",
        paper="委托书 1 号",
        given_on=ON,
        by=None,
        at=AT,
    )


@pytest.mark.parametrize("change", [change_terms, change_account, change_particulars, change_authority])
def test_a_change_after_the_print_wants_a_new_print_and_new_signatures(
    room: Room, change: Callable[..., None], file: Dossier
):
    draft(room, file)
    first = printed(room, file)
    sign(room, file)
    change(room, file)
    for act in (sign, record):
        with pytest.raises(Refused, match="请重新打印、重新签名"):
            act(room, file)
    second = printed(room, file)
    assert (second.number, second.sha256 != first.sha256) == (2, True)
    with pytest.raises(Refused, match="还有 2 方当事人没有签名：水务公司、二房东"):
        record(room, file)


def test_the_same_draft_printed_again_is_the_same_print(room: Room, file: Dossier):
    draft(room, file)
    assert printed(room, file) == printed(room, file) == latest_print(file)


@pytest.mark.both
def test_a_print_names_who_still_lacks_particulars(room: Room, file: Dossier):
    draft(room, file)
    mediation.write_particulars(parties_of(file)[0], particulars_of(parties_of(file)[0]), by=None, at=AT)
    with pytest.raises(Refused, match="还缺当事人基本情况（证件、住址、电话）：二房东。"):
        mediation.print_agreement(file, by=None, at=AT)


@pytest.mark.both
def test_a_debt_that_the_ledger_learnt_otherwise_is_not_printed(room: Room, file: Dossier):
    draft(room, file)
    room.pay(100_00, ON)
    with pytest.raises(Refused, match="账上 2026-03-02 的欠款变了"):
        printed(room, file)
    draft(room, file, difference="当日付款另计")
    assert printed(room, file).content["ledger_fen"] == 900_00


def test_personal_words_are_on_no_print_and_on_no_trail(room: Room, file: Dossier):
    draft(room, file)
    paper = printed(room, file)
    told = str([line.data for line in trail.of(file, street=file.street)]) + str(paper.content)
    for word in ("13000000047", "九杜路", "002X"):
        assert word not in told


def test_an_oral_agreement_stands_as_the_mediator_writes_it_down(room: Room, file: Dossier):
    """People's Mediation Law art. 28, 30: no print, no signatures; content, amount, day and account all the same."""
    draft(room, file, form=AgreementForm.ORAL)
    write_particulars(file, by=None, at=AT)
    made = mediation.record_agreement(file, agreed_on=ON, by=room.cast.mediator, at=AT)
    assert (made.effective_on, intact(made), signatures_of(made).exists()) == (ON, True, False)


def test_parties_sign_one_after_the_other_and_none_twice(room: Room, file: Dossier):
    draft(room, file)
    printed(room, file)
    sign(room, file, signed={room.cast.utility: ON}, mediator_signed_on=None)
    with pytest.raises(Refused, match="已经登记过签名：水务公司"):
        sign(room, file, signed={room.cast.utility: ON})
    with pytest.raises(Refused, match="还有 1 方当事人没有签名：二房东"):
        record(room, file)
    sign(room, file, signed={room.row.agent: ON})
    assert record(room, file).effective_on == ON
    with pytest.raises(Refused, match="协议已经登记"):
        draft(room, file)


# -- who signs for another (Civil Code art. 165) -----------------------------------------------------------------------


def with_delegate(room: Room, shops: int) -> tuple[Dossier, Party, list[Party]]:
    """A mediation whose third party is the delegate of many shops."""
    row = make_row(room.cast.street, code="ZB-47", shops=shops)
    row.bill("B-47", fen=1_000_00)
    delegate = Party.objects.create(street=room.cast.street, kind=PartyKind.PERSON, name="商户代表")
    case = cases.file_case(room.cast.street, title="欠费", point=row.point, by=room.cast.coordinator, at=AT)
    cases.add_party(case, party=delegate, role=PartyRole.SHOP, by=room.cast.coordinator, at=AT)
    file = room.open(thirds=[delegate], case=case, point=row.point)
    file = tell_rights(file, text="已送达。", by=None, at=AT)
    room.session(file)
    file.refresh_from_db()
    file.case, file.point = case, row.point
    draft(room, file)
    write_particulars(file, by=None, at=AT)
    return file, delegate, [t.party for t in row.tenancies if t.party]


def authorise(file: Dossier, delegate: Party, shops: list[Party]) -> None:
    mediation.authorise_delegate(
        file, parties=shops, agent=delegate, scope="代签协议", paper="授权委托书", given_on=ON, by=None, at=AT
    )


def test_a_delegate_signs_for_47_shops_with_the_authority_of_each_of_them(room: Room):
    file, delegate, shops = with_delegate(room, 47)
    with pytest.raises(Refused, match="商户代表代签的 47 户没有授权委托书：01 号铺、02 号铺、03 号铺等"):
        mediation.print_agreement(file, by=None, at=AT)
    authorise(file, delegate, shops[:46])
    with pytest.raises(Refused, match="商户代表代签的 1 户没有授权委托书：47 号铺。"):
        mediation.print_agreement(file, by=None, at=AT)
    authorise(file, delegate, shops)  # one paper lists all of them: who is in it already stays
    assert authorisations_of(file).count() == 47
    paper = mediation.print_agreement(file, by=None, at=AT)
    assert paper.content["copies"] == 51
    mediation.sign_agreement(
        file, signed={p.party: ON for p in parties_of(file)}, mediator_signed_on=ON, by=None, at=AT
    )
    assert intact(record(room, file))


@pytest.mark.both
def test_a_shop_whose_keeper_nobody_knows_has_authorised_nobody(room: Room):
    file, delegate, shops = with_delegate(room, 3)
    authorise(file, delegate, shops)
    shops[2].tenancies.update(party=None)
    with pytest.raises(Refused, match="1 户没有授权委托书：03 号铺"):
        mediation.print_agreement(file, by=None, at=AT)


@pytest.mark.both
def test_who_signs_in_a_partys_place_has_its_authority_since_that_day(room: Room, file: Dossier):
    file, lawyer = file, room.cast.office
    draft(room, file)
    printed(room, file)
    with pytest.raises(Refused, match="城建中心代签的 1 户没有授权委托书：二房东"):
        sign(room, file, agents={room.row.agent: lawyer})
    mediation.authorise_delegate(
        file, parties=[room.row.agent], agent=lawyer, scope="签协议", paper="委托书", given_on=ON, by=None, at=AT
    )
    printed(room, file)
    sign(room, file, agents={room.row.agent: lawyer})
    made = record(room, file)
    assert [s.agent for s in signatures_of(made) if s.party == room.row.agent] == [lawyer]
    file_document(file, kind=DocumentKind.IDENTITY, text="复印件。", happened_on=ON, by=None, at=AT)
    assert wanted_for_archive(file) == []
    file.documents.filter(kind=DocumentKind.POWER_OF_ATTORNEY).update(state="missing")
    assert [row.kind for row in wanted_for_archive(file)] == [DocumentKind.POWER_OF_ATTORNEY]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"scope": "略"}, "scope"),
        ({"paper": " "}, "paper"),
        ({"given_on": ON + DAY}, "given_on"),
        ({"parties": []}, "parties"),
    ],
)
def test_an_authority_says_for_what_on_which_paper_since_when(room: Room, wish: dict[str, object], field: str):
    facts = {
        "parties": [room.row.agent],
        "agent": room.cast.office,
        "scope": "签协议",
        "paper": "委托书",
        "given_on": ON,
    }
    with pytest.raises(Refused) as refusal:
        mediation.authorise_delegate(room.file(), **{**facts, **wish}, by=None, at=AT)  # type: ignore[arg-type]
    assert refusal.value.field == field
    with pytest.raises(Refused, match="不能委托自己"):
        mediation.authorise_delegate(room.file(), **{**facts, "agent": room.row.agent}, by=None, at=AT)  # type: ignore[arg-type]


def test_forty_seven_shops_cost_the_statements_of_three(room: Room):
    from django.db import connection

    counts = []
    for shops in (3, 47):
        with atomic():
            file, delegate, parties = with_delegate(room, shops)
            with CaptureQueriesContext(connection) as asked:
                authorise(file, delegate, parties)
                mediation.print_agreement(file, by=None, at=AT)
                signed = {p.party: ON for p in parties_of(file)}
                mediation.sign_agreement(file, signed=signed, mediator_signed_on=ON, by=None, at=AT)
                record(room, file)
            counts.append(len(asked))
            set_rollback(True)
    assert counts[0] == counts[1]


# -- the ledger, and what was there before -----------------------------------------------------------------------------


def test_what_is_payable_here_is_what_the_money_page_says(room: Room):
    room.pay(120_00, ON)
    room.pay(55_00, ON, confirmed=False)
    room.row.pay(TransactionKind.RECEIPT, 10_00, on=ON, unit=0)
    for day in (ON - DAY, ON, ON + DAY):
        assert payable_fen(room.row.point, on=day) == who_holds_the_money(room.row.point, on=day).confirmed.payable


@pytest.mark.both
def test_an_agreement_signed_before_printing_was_recorded_stays_whole(room: Room, file: Dossier):
    file.state = "agreed"
    file.save()
    made = Agreement.objects.create(
        street=file.street, file=file, point=room.row.point, debtor=room.row.agent, form="written", effective_on=ON,
        debt_fen=1_000_00,
    )  # fmt: skip
    words = {"facts": "欠费。", "terms": "分期还清", "statement": ""}
    for number, (due_on, fen) in enumerate(SCHEDULE, start=1):
        made.instalments.create(street=file.street, number=number, due_on=due_on, amount_fen=fen)
    digest = agreement_digest(content_of(made, SCHEDULE, **words))
    AgreementText.objects.create(street=file.street, agreement=made, sha256=digest, at=AT, **words)
    signature = Signature.objects.create(
        street=file.street, agreement=made, kind="party", party=room.row.agent, signed_on=ON
    )
    assert (intact(made), list(signatures_of(made)), made.printed) == (True, [signature], None)


@pytest.mark.both
def test_a_print_is_never_changed_and_a_signature_belongs_to_one_paper(room: Room, file: Dossier):
    draft(room, file)
    paper = printed(room, file)
    with pytest.raises(Immutable):
        paper.save()
    with pytest.raises(IntegrityError), atomic():
        Signature.objects.create(street=file.street, kind="mediator", signed_on=ON)


def test_a_print_changed_behind_its_back_is_seen(agreement: Agreement):
    made = agreement
    assert intact(made)
    made.printed.content["account"] = "1"  # type: ignore[union-attr]
    assert not intact(made)


def test_the_draft_is_about_a_day_that_has_been(room: Room, file: Dossier):
    with pytest.raises(Refused) as refusal:
        draft(room, file, counted_on=ON + DAY, at=at_noon(ON))
    assert refusal.value.field == "counted_on"
