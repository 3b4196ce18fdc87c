"""The rows of each table that goes out, one after the other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.queries import who_holds_the_money
from hege.arrears.rules import shop_rows
from hege.attachments.models import Attachment
from hege.attachments.queries import files_of
from hege.billing.chart import WATER, TransactionKind
from hege.billing.queries import confirmed_payments_of, payment_counts, sample_of, transactions_of
from hege.cases.queries import last_visits
from hege.exports.tables import Fen
from hege.kernel.clock import day_of
from hege.ledger.rules import TRANSACTIONS, Level
from hege.metering.models import SupplyPoint
from hege.people.models import Street
from hege.privacy.trail_words import THINGS, VERBS
from hege.programme.figures.queries import SeasonFigures, of_season
from hege.programme.figures.rules import Shown
from hege.programme.seasons.queries import the_season
from hege.programme.settlements.models import SettlementLine
from hege.trail.models import TrailLine
from hege.trail.rules import in_short

CHUNK = 1000
Row = tuple[Any, ...]
Headings = tuple[tuple[object, int], ...]

SHOPS: Headings = (
    (gettext_lazy("商铺编号"), 18), (gettext_lazy("商铺"), 18), (gettext_lazy("入驻日期"), 13), (gettext_lazy("退租日期"), 13),
    (gettext_lazy("应分摊"), 13), (gettext_lazy("已付代收人"), 13), (gettext_lazy("直接付水司"), 13), (gettext_lazy("还欠"), 13),
    (gettext_lazy("书面承认"), 13), (gettext_lazy("预付"), 13), (gettext_lazy("单方说已付"), 13),
    (gettext_lazy("已证实的证据数"), 13), (gettext_lazy("最近走访"), 13),
)  # fmt: skip
MONEY: Headings = (
    (gettext_lazy("编号"), 10), (gettext_lazy("日期"), 12), (gettext_lazy("什么"), 16), (gettext_lazy("商铺编号"), 16),
    (gettext_lazy("谁"), 20), (gettext_lazy("金额"), 14), (gettext_lazy("证据"), 10), (gettext_lazy("凭证"), 20),
    (gettext_lazy("备注"), 30), (gettext_lazy("登记时间"), 17), (gettext_lazy("登记人"), 12), (gettext_lazy("冲正"), 16),
)  # fmt: skip
TRAIL: Headings = (
    (gettext_lazy("行"), 8), (gettext_lazy("时间"), 17), (gettext_lazy("谁"), 14), (gettext_lazy("做了什么"), 22),
    (gettext_lazy("对什么"), 16), (gettext_lazy("编号"), 14), (gettext_lazy("写了什么"), 60), (gettext_lazy("校验码"), 60),
)  # fmt: skip
PAPERS: Headings = (
    (gettext_lazy("编号"), 10), (gettext_lazy("日期"), 12), (gettext_lazy("总表"), 16), (gettext_lazy("什么"), 16),
    (gettext_lazy("谁"), 20), (gettext_lazy("金额"), 14), (gettext_lazy("凭证"), 20), (gettext_lazy("包里的文件"), 60),
)  # fmt: skip
SETTLEMENTS: Headings = (
    (gettext_lazy("月份"), 10), (gettext_lazy("商户"), 22), (gettext_lazy("收款方"), 24), (gettext_lazy("谁的券"), 20),
    (gettext_lazy("谁付"), 20), (gettext_lazy("状态"), 14), (gettext_lazy("时间"), 17), (gettext_lazy("什么"), 10),
    (gettext_lazy("券"), 24), (gettext_lazy("券号"), 12), (gettext_lazy("金额"), 12), (gettext_lazy("名单编号"), 14),
    (gettext_lazy("名单校验码"), 60),
)  # fmt: skip

FIGURES: Headings = (
    (gettext_lazy("部分"), 14), (gettext_lazy("什么"), 30), (gettext_lazy("哪一天"), 12), (gettext_lazy("数的是什么"), 16),
    (gettext_lazy("数"), 14),
)  # fmt: skip


def shops(point: SupplyPoint, *, on: dt.date) -> Iterator[Row]:
    """The account of each tenancy behind a supply point at the end of a day, who owes most first."""
    holding, counts = who_holds_the_money(point, on=on), payment_counts(point, on=on)
    for row in shop_rows(holding, counts, last_visits(point, on=on)):
        m = row.money
        sums = (m.charged, row.to_agent, m.direct, m.owed, m.acknowledged, m.advance, row.claimed)
        yield m.code, m.name, m.from_on, m.until_on, *map(Fen, sums), row.receipts, row.visited_on


def money_of(point: SupplyPoint) -> QuerySet[Any]:
    """Everything that happened to the money of a supply point, newest first."""
    rows: QuerySet[Any] = transactions_of(point).defer("source_row__file__content", "source_row__raw")
    return rows.prefetch_related("transfers")


def money(point: SupplyPoint) -> Iterator[Row]:
    """Every transaction of a supply point, what proves it, who booked it when."""
    for t in money_of(point).iterator(CHUNK):
        paid = getattr(t, "payment", None)
        unit = paid.tenancy.unit if paid and paid.tenancy else None
        who, proof = _said_of(paid) if paid else ("", "")
        bill = getattr(t, "bill", None)
        fen = bill.amount_fen if bill else sum(transfer.amount_fen for transfer in t.transfers.all())
        voucher = proof if paid or bill is None else bill.number
        level = Level(t.level).label if t.kind in WATER.needs_evidence else ""
        taken = t.reversed_by.effective_on if hasattr(t, "reversed_by") else None
        yield (
            t.pk, t.effective_on, TransactionKind(t.kind).label, unit.code if unit else "", who, Fen(fen), level, voucher,
            paid.note if paid else t.reason, t.recorded_at, t.by.full_name if t.by else "", taken,
        )  # fmt: skip


def trail(lines: QuerySet[TrailLine]) -> Iterator[Row]:
    """Lines of the trail, with what each says and its hash."""
    for line in lines.iterator(CHUNK):
        who = line.on_behalf or (line.by.full_name if line.by else _("系统"))
        said = json.dumps(in_short(line.data), ensure_ascii=False, sort_keys=True)
        verb, thing = VERBS.get(line.verb, line.verb), THINGS.get(line.thing, line.thing)
        yield line.seq, line.at, who, verb, thing, line.thing_id, said[:30_000], line.hash


def settled_lines(street: Street, *, month: str, number: str) -> QuerySet[SettlementLine]:
    """The lines of a month's frozen lists ("2025-11"; none: of all months), or of one list by its number."""
    rows: QuerySet[SettlementLine] = SettlementLine.objects.filter(street=street)
    year, _dash, of_year = month.partition("-")
    if year.isdecimal() and of_year.isdecimal():
        rows = rows.filter(settlement__month__month_on__year=int(year), settlement__month__month_on__month=int(of_year))
    if number:
        rows = rows.filter(settlement__public_id=number)
    return rows.order_by("settlement__month__month_on", "settlement", "used_at", "pk")


def settlements(lines: QuerySet[SettlementLine]) -> Iterator[Row]:
    """Each line with its list, the voucher it is of, and what it comes to."""
    of_list = ("month", "merchant", "payee", "payer", "paid_by")
    rows = lines.select_related(
        *(f"settlement__{name}" for name in of_list), "redemption__claim__batch", "reversal__redemption__claim__batch",
        "conflict__failure__claim__batch",
    )  # fmt: skip
    for line in rows.iterator(CHUNK):
        of, what, claim = line.settlement, line.what, line.claim
        yield (
            str(of.month), of.merchant.name, of.payee.name, of.payer.name, of.paid_by.name, of.get_state_display(),
            line.used_at, what.label, claim.batch.title, claim.number, Fen(line.fen), of.public_id, of.digest,
        )  # fmt: skip


def drawn(street: Street, seed: str, size: int) -> list[tuple[Any, list[Attachment]]]:
    """The confirmed payments that a seed draws, by day, each with the papers that are kept of it."""
    rows = sample_of(confirmed_payments_of(street), seed=seed, size=size)
    named = rows.select_related("transaction", "point", "tenancy__unit", "agent")
    payments = list(named.order_by("transaction__effective_on", "pk"))
    files = files_of(street, TRANSACTIONS, [payment.transaction_id for payment in payments])
    return [(payment, files.get(payment.transaction_id, [])) for payment in payments]


def paper_row(payment: Any, names: list[str]) -> Row:
    """A payment of a sample, and how its papers are called in the pack."""
    who, voucher = _said_of(payment)
    kind, day = TransactionKind(payment.transaction.kind).label, payment.transaction.effective_on
    return (
        payment.pk, day, payment.point.code, kind, who, Fen(payment.amount_fen), voucher,
        "\n".join(names) or _("没有照片"),
    )  # fmt: skip


def _said_of(payment: Any) -> tuple[str, str]:
    """Who paid, or whom, and by what means and paper."""
    who = payment.tenancy.unit.name if payment.tenancy else payment.agent.name if payment.agent else ""
    return who, " ".join(part for part in (payment.means, payment.voucher) if part)


def figures(street: Street, season_id: str, *, at: dt.datetime) -> Iterator[Row]:
    """What a season has come to, a figure a row, as its page says it: what is not said there stands here in the same words."""
    season = the_season(street, season_id)
    if season is not None:
        found = of_season(season, at=at)
        yield from _people_of(found)
        yield from _money_of(found)
        noticed = found.noticed
        for what, n in (
            (_("报来的"), noticed.reported), (_("查实"), noticed.true), (_("办完"), noticed.done),
            (_("不受理"), noticed.refused),
        ):  # fmt: skip
            yield _("公众反映"), what, None, _("件"), n
        yield _("积分"), _("一共几轮"), None, _("轮"), noticed.rounds
        yield _("积分"), _("发出"), None, _("分"), noticed.points


def _people_of(found: SeasonFigures) -> Iterator[Row]:
    for work, people in found.reached.parts.items():
        yield _("来过的人"), work.label, None, _("人"), _said(people)
    yield _("来过的人"), _("合计"), None, _("人"), _said(found.reached.total)
    for activity, came in found.evenings:
        day = day_of(activity.starts_at)
        if activity.capacity is not None:
            yield _("到场"), activity.title, day, _("名额"), activity.capacity
            yield _("到场"), activity.title, day, _("报上"), activity.taken
        yield _("到场"), activity.title, day, _("到场人数"), _said(came)
    yield _("到场"), _("合计"), None, _("人次"), _said(found.came)
    yield _("到场"), _("其中迟到"), None, _("人次"), _said(found.late)
    yield _("到场"), _("服务时长"), None, _("小时"), found.hours


def _money_of(found: SeasonFigures) -> Iterator[Row]:
    for batch, claimed, used, owed_fen in found.given:
        yield _("能量券"), batch.title, None, _("领走"), claimed
        yield _("能量券"), batch.title, None, _("用掉"), used
        yield _("能量券"), batch.title, None, _("应付（元）"), Fen(owed_fen)
    yield _("花费"), _("活动"), None, _("元"), Fen(found.spent_fen)
    yield _("花费"), _("能量券"), None, _("元"), Fen(found.owed_fen)
    yield _("花费"), _("季预算"), None, _("元"), Fen(found.season.budget_fen)


def _said(shown: Shown) -> int | str:
    return shown if isinstance(shown, int) else str(shown.label)
