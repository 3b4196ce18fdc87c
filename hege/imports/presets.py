"""Exports of wallets and banks, and lists of utilities and property managers, as they come. Data, each layout with its source.

No wallet, bank or utility confirmed any of them; ``docs/files.md`` says of each where its facts come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hege.imports.cells import heading_key
from hege.imports.layouts import FileKind as K


@dataclass(frozen=True, slots=True)
class Preset:
    """A layout that is known: which headings it is known by, and what each of its columns is ("" is not read).

    ``constants`` are what its columns do not say. ``owner`` are the facts above the table that name whose it is.
    """

    name: str
    kind: K
    marks: frozenset[str]
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    owner: tuple[str, ...] = ()
    source: str = ""


def _preset(
    name: str,
    kind: K,
    marks: str,
    columns: Mapping[str, str],
    *,
    constants: Mapping[str, str],
    owner: str = "",
    source: str,
) -> Preset:
    keyed = {heading_key(head): word for head, word in columns.items()}
    return Preset(
        name, kind, frozenset(map(heading_key, marks.split())), keyed, constants, tuple(owner.split()), source
    )


PRESETS: tuple[Preset, ...] = (
    _preset(
        "微信支付账单", K.WALLET, "交易时间 交易类型 交易对方 收/支 当前状态 交易单号",
        {
            "交易时间": "日期", "交易类型": "交易类型", "交易对方": "对方", "商品": "备注", "收/支": "收支", "金额(元)": "金额",
            "支付方式": "", "当前状态": "状态", "交易单号": "凭证号", "商户单号": "", "备注": "",
        },
        constants={"方式": "微信"}, owner="微信昵称",
        source="jiegec/china_bean_importers, deb-sig/double-entry-generator",
    ),
    _preset(
        "支付宝账单", K.WALLET, "交易时间 交易分类 交易对方 商品说明 收/支 金额 交易状态",
        {
            "交易时间": "日期", "交易分类": "交易类型", "交易对方": "对方", "对方账号": "", "商品说明": "备注", "收/支": "收支", "金额": "金额",
            "收/付款方式": "", "交易状态": "状态", "交易订单号": "凭证号", "商家订单号": "", "备注": "",
        },
        constants={"方式": "支付宝"}, owner="姓名 支付宝账户",
        source="deb-sig/double-entry-generator",
    ),
    _preset(
        "建设银行账户明细", K.BANK, "交易时间 借方发生额/元(支取) 贷方发生额/元(收入) 余额 对方户名",
        {
            "交易时间": "日期", "借方发生额/元(支取)": "金额/out", "贷方发生额/元(收入)": "金额/in", "余额": "余额", "币种": "",
            "对方户名": "对方", "对方账号": "", "对方开户机构": "", "记账日期": "", "摘要": "交易类型", "备注": "备注",
            "账户明细编号-交易流水号": "凭证号",
        },
        constants={"方式": "银行转账"}, owner="账户名称",
        source="deb-sig/double-entry-generator",
    ),
    _preset(
        "水司缴费记录", K.UTILITY_PAYMENTS, "缴费日期 户号 缴费金额",
        {"缴费日期": "日期", "户号": "户号", "渠道": "方式", "缴费金额": "金额", "付款人": "对方", "流水号": "凭证号", "附言": "备注"},
        constants={}, source="",
    ),
)  # fmt: skip


def preset_of(keys: Sequence[str], kind: K | None = None) -> Preset | None:
    """The layout these headings are, of a kind where one is named; of several the one that more of them speak for."""
    there = {*keys}
    known = [p for p in PRESETS if p.marks <= there and kind in (None, p.kind)]
    return max(known, key=lambda p: len(p.columns.keys() & there), default=None)
