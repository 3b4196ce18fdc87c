"""Exports of wallets and banks, and lists of utilities and property managers, as they come. Data, each layout with its source.

No wallet, bank or utility confirmed any of them; ``docs/files.md`` says of each where its facts come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.imports.cells import heading_key
from hege.imports.layouts import FileKind as K


@dataclass(frozen=True, slots=True)
class Preset:
    """A layout that is known: which headings it is known by, and what each of its columns is ("" is not read).

    ``constants`` are what its columns do not say. ``owner`` are the facts above the table that name whose it is.
    """

    name: Promise
    kind: K
    marks: frozenset[str]
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    owner: tuple[str, ...] = ()
    source: str = ""


GENERATOR = "github.com/deb-sig/double-entry-generator"
IMPORTERS = "github.com/jiegec/china_bean_importers"
PROGRAMS = "headings in public programs that read such exports"
OFFICE = "the made-up papers of one street"

_BANK = {"方式": "银行转账"}
#: Its headings come with half-width brackets and with full-width ones.
_CCB = """
    账号
    账户名称
    交易时间 = 日期
    借方发生额/元(支取) = 金额/out
    贷方发生额/元(收入) = 金额/in
    余额 = 余额
    币种
    对方户名 = 对方
    对方账号
    对方开户机构
    记账日期
    摘要 = 交易类型
    备注 = 备注
    账户明细编号-交易流水号 = 凭证号
    企业流水号
    凭证种类
    凭证号
"""


def _preset(
    name: Promise,
    kind: K,
    *,
    columns: str,
    marks: str,
    source: str,
    constants: Mapping[str, str] | None = None,
    owner: str = "",
) -> Preset:
    """A layout from lines of ``heading = field/how``; a heading alone is not read. ``marks`` are some of the headings."""
    pairs = (line.strip().partition(" = ") for line in columns.split("\n") if line.strip())
    keyed = {heading_key(head): word for head, _is, word in pairs}
    told = frozenset(map(heading_key, marks.split("、")))
    return Preset(name, kind, told, keyed, constants or {}, tuple(owner.split()), source)


PRESETS: tuple[Preset, ...] = (
    _preset(
        _("微信支付账单"), K.WALLET, source=f"{IMPORTERS}, {GENERATOR}", constants={"方式": "微信"}, owner="微信昵称",
        marks="交易时间、交易类型、交易对方、收/支、当前状态、交易单号",
        columns="""
            交易时间 = 日期
            交易类型 = 交易类型
            交易对方 = 对方
            商品 = 备注
            收/支 = 收支
            金额(元) = 金额
            支付方式
            当前状态 = 状态
            交易单号 = 凭证号
            商户单号
            备注
        """,
    ),
    _preset(
        _("支付宝账单（手机导出）"), K.WALLET, source=f"{IMPORTERS}, {GENERATOR}", constants={"方式": "支付宝"}, owner="姓名 支付宝账户",
        marks="交易时间、交易分类、交易对方、商品说明、收/支、金额、交易状态",
        columns="""
            交易时间 = 日期
            交易分类 = 交易类型
            交易对方 = 对方
            对方账号
            商品说明 = 备注
            收/支 = 收支
            金额 = 金额
            收/付款方式
            交易状态 = 状态
            交易订单号 = 凭证号
            商家订单号
            备注
        """,
    ),
    _preset(
        _("支付宝账单（网页导出）"), K.WALLET, source=f"{IMPORTERS}; {PROGRAMS}", constants={"方式": "支付宝"}, owner="账号",
        marks="交易号、交易创建时间、交易对方、商品名称、金额（元）、收/支",
        columns="""
            交易号 = 凭证号
            商家订单号
            交易创建时间 = 日期
            付款时间
            最近修改时间
            交易来源地
            类型 = 交易类型
            交易对方 = 对方
            商品名称 = 备注
            金额（元） = 金额
            收/支 = 收支
            交易状态 = 状态
            服务费（元）
            成功退款（元）
            备注
            资金状态
        """,
    ),
    _preset(
        _("支付宝商家账单"), K.WALLET, source=PROGRAMS, constants={"方式": "支付宝"}, owner="账号",
        marks="账务流水号、业务流水号、发生时间、收入金额（+元）、支出金额（-元）",
        columns="""
            账务流水号 = 凭证号
            业务流水号
            商户订单号
            商品名称 = 备注/join
            发生时间 = 日期
            对方账号 = 对方
            收入金额（+元） = 金额/in
            支出金额（-元） = 金额/out
            账户余额（元） = 余额
            交易渠道
            业务类型 = 交易类型
            备注 = 备注/join
        """,
    ),
    _preset(
        _("工商银行历史明细"), K.BANK, source=GENERATOR, constants=_BANK, owner="户名",
        marks="交易日期、摘要、交易场所、记账金额(收入)、记账金额(支出)、余额",
        columns="""
            交易日期 = 日期
            记账日期
            摘要 = 交易类型
            交易详情 = 备注/join
            交易场所 = 备注/join
            交易国家或地区简称
            钞/汇
            交易金额(收入)
            交易金额(支出)
            交易币种
            记账金额(收入) = 金额/in
            记账金额(支出) = 金额/out
            记账币种
            余额 = 余额
            对方户名 = 对方
            对方账户
        """,
    ),
    _preset(
        _("工商银行借记账户明细"), K.BANK, source=IMPORTERS, constants=_BANK, owner="户名",
        marks="交易日期、储种、收入/支出金额、余额、对方户名",
        columns="""
            交易日期 = 日期
            帐号
            储种
            序号
            币种
            钞汇
            摘要 = 交易类型
            地区
            收入/支出金额 = 金额
            余额 = 余额
            对方户名 = 对方
            对方帐号
            渠道 = 备注
        """,
    ),
    _preset(
        _("建设银行账户明细"), K.BANK, source=PROGRAMS, constants=_BANK, owner="账户名称",
        marks="交易时间、借方发生额/元(支取)、贷方发生额/元(收入)、余额、对方户名",
        columns=_CCB,
    ),
    _preset(
        _("建设银行账户明细"), K.BANK, source=PROGRAMS, constants=_BANK, owner="账户名称",
        marks="交易时间、借方发生额（支取）、贷方发生额（收入）、余额、对方户名",
        columns=_CCB.replace("/元(", "（").replace(")", "）"),
    ),
    _preset(
        _("建设银行个人活期明细"), K.BANK, source=f"{IMPORTERS}; {PROGRAMS}", constants=_BANK, owner="客户名称",
        marks="摘要、交易日期、交易金额、账户余额、交易地点/附言、对方账号与户名",
        columns="""
            序号
            摘要 = 交易类型
            币别
            钞汇
            交易日期 = 日期
            交易金额 = 金额
            账户余额 = 余额
            交易地点/附言 = 备注
            对方账号与户名 = 对方/after-number
        """,
    ),
    _preset(
        _("农业银行账户明细"), K.BANK, source=PROGRAMS, constants=_BANK, owner="户名 账户名称",
        marks="交易时间、收入金额、支出金额、交易行名、对方户名",
        columns="""
            交易时间 = 日期
            交易时间戳
            收入金额 = 金额/in
            支出金额 = 金额/out
            账户余额 = 余额
            本次余额 = 余额
            手续费总额
            交易方式 = 交易类型
            交易行名
            交易类别
            对方省市
            对方账号
            对方户名 = 对方
            交易用途 = 备注/join
            交易说明
            交易摘要 = 备注/join
            交易附言 = 备注/join
            交易凭证号 = 凭证号
        """,
    ),
    _preset(
        _("农业银行借记卡明细"), K.BANK, source=GENERATOR, constants=_BANK, owner="户名",
        marks="交易日期、交易摘要、交易金额、本次余额、对手信息、交易附言",
        columns="""
            交易日期 = 日期
            交易时间
            交易摘要 = 交易类型
            交易金额 = 金额
            本次余额 = 余额
            对手信息 = 对方
            日志号
            交易渠道
            交易附言 = 备注
        """,
    ),
    _preset(
        _("中国银行企业网银明细"), K.BANK, source=PROGRAMS, constants=_BANK, owner="查询账号",
        marks="付款人名称[ Payer's Name ]、收款人名称[ Payee's Name ]、交易日期[ Transaction Date ]、交易金额[ Trade Amount ]",
        columns="""
            交易类型[ Transaction Type ]
            业务类型[ Business type ] = 交易类型
            付款人开户行号[ Account holding bank number of payer ]
            付款人开户行名[ Payer account bank ]
            付款人账号[ Debit Account No. ]
            付款人名称[ Payer's Name ] = 对方/when-in
            收款人开户行行号[ Account holding bank number of beneficiary ]
            收款人开户行名[ Beneficiary account bank ]
            收款人账号[ Payee's Account Number ]
            收款人名称[ Payee's Name ] = 对方/when-out
            交易日期[ Transaction Date ] = 日期
            交易时间[ Transaction time ]
            交易货币[ Trade Currency ]
            交易金额[ Trade Amount ] = 金额
            交易后余额[ After-transaction balance ] = 余额
            起息日期[ Value Date ]
            汇率[ Exchange rate ]
            交易流水号[ Transaction reference number ] = 凭证号
            凭证类型[ Voucher type ]
            凭证号码[ Voucher number ]
            摘要[ Reference ] = 备注/join
            用途[ Purpose ] = 备注/join
            交易附言[ Remark ] = 备注/join
            备注[ Remarks ] = 备注/join
        """,
    ),
    _preset(
        _("中国银行借记卡明细"), K.BANK, source=f"{IMPORTERS}, {GENERATOR}", constants=_BANK, owner="客户姓名",
        marks="记账日期、记账时间、币别、金额、余额、交易名称、附言、对方账户名",
        columns="""
            记账日期 = 日期
            记账时间
            币别
            金额 = 金额
            余额 = 余额
            交易名称 = 交易类型
            渠道
            网点名称
            附言 = 备注
            对方账户名 = 对方
            对方卡号/账号
            对方开户行
            借记卡号
        """,
    ),
    _preset(
        _("水司缴费记录"), K.UTILITY_PAYMENTS, source=OFFICE, marks="缴费日期、户号、缴费金额",
        columns="""
            缴费日期 = 日期
            户号 = 户号
            渠道 = 方式
            缴费金额 = 金额
            付款人 = 对方
            流水号 = 凭证号
            附言 = 备注
        """,
    ),
    _preset(
        _("水司账单明细"), K.BILLS, source=OFFICE, marks="账单编号、水表编号、账期、上期读数、本期读数、水费、污水费、合计、缴费期限",
        columns="""
            序号
            账单编号 = 账单号
            水表编号 = 总表表号
            账期 = 账期起/period
            上期读数 = 上期行度
            本期读数 = 本期行度
            水量(吨) = 用水量
            水费 = 供水费
            污水费 = 污水处理费
            合计 = 应缴金额
            缴费期限 = 应缴日期
            状态
        """,
    ),
    _preset(
        _("物业抄表单"), K.READINGS, source=OFFICE, marks="水表号、上月读数、本月读数、抄表日",
        columns="""
            月份
            水表号 = 表号
            上月读数
            本月读数 = 行度
            用量
            抄表日 = 抄表日期
            抄表员 = 抄表人
            备注 = 备注
        """,
    ),
)  # fmt: skip


def preset_of(keys: Sequence[str], kind: K | None = None) -> Preset | None:
    """The layout these headings are, of a kind where one is named; of several the one that more of them speak for."""
    there = {*keys}
    known = [p for p in PRESETS if p.marks <= there and kind in (None, p.kind)]
    return max(known, key=lambda p: (len(p.marks), len(p.columns.keys() & there)), default=None)


def owner_of(facts: Mapping[str, str], preset: Preset) -> str:
    """Whose a wallet or an account is, as the lines above the table of a known layout say; "" where they do not."""
    told = {heading_key(name): text.strip().strip("[]") for name, text in facts.items()}
    return next((told[name] for name in preset.owner if told.get(name)), "")
