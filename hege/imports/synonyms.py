"""What offices, property managers, utilities and collecting agents call the columns of their papers. Data, each word with its source.

The likelier word of a field stands first. A word stands for one field of a kind only.
"""

from __future__ import annotations

from typing import NamedTuple

from hege.imports.layouts import FileKind as K


class Word(NamedTuple):
    """A heading: its text, how its cells are read ("" as the field's own), whose word it is."""

    text: str
    how: str = ""
    source: str = ""


def _words(text: str, source: str) -> tuple[Word, ...]:
    """Headings apart by blanks; ``heading//how`` where the cells are read in a way of their own."""
    apart = (word.partition("//") for word in text.split())
    return tuple(Word(head, how, source) for head, _slashes, how in apart)


OFFICE = "office: the ten made-up papers of one street"
_METER = _words("水表编号 水表号 表具编号 表身号 水表表号 水表号码 表编号 表码编号", OFFICE)
_MASTER = _words("所属总表 总表编号 总表表号 上级总表 上级表号 总水表 水表编号 水表号 表号 表身号 水表号码", OFFICE)
_ACCOUNT = _words(
    "户号//account 用户号//account 用水户号//account 客户编号//account 用户编号//account 水司户号//account", OFFICE
)
_UNIT = _words(
    "门牌号 铺号 商铺号 店铺编号 商铺编码 铺位号 铺位 摊位号 单元号 房号 门牌 门店编号 位置编号 商户编号 店号", OFFICE
)
_OPERATOR = _words(
    "租户 承租人 经营者 租户名称 承租方 经营人 商户 商户名称 租户姓名 承租人姓名 负责人 经营者姓名", OFFICE
)
_PAYER = _words("付款人 缴费人 交款人 缴款人 付款方 付款户名 缴费户名 汇款人", OFFICE)
_VOUCHER = _words(
    "收据号 收据编号 票据号 单号 凭证编号 流水号 交易流水号 单据编号 票号 缴费流水号 交易单号 回单号", OFFICE
)
_MEANS = _words("方式 付款方式 支付方式 缴费方式 收款方式 渠道 缴费渠道 交费方式", OFFICE)
_NOTE = _words("备注 附言 说明 摘要 用途", OFFICE)
_PAID_ON = _words(
    "收款日期 缴费日期 交费日期 付款日期 缴款日期 收费日期 收费时间 收款时间 缴费时间 交款日期 时间 入账日期 交易日期",
    OFFICE,
)
_PAID = _words("实收金额 收款金额 缴费金额 实缴金额 收款 实收 实缴 交费金额 付款金额 收费金额 金额小计", OFFICE)

SYNONYMS: dict[K, dict[str, tuple[Word, ...]]] = {
    K.UNITS: {
        "code": _UNIT,
        "name": _words("店招 店名 店铺名称 商铺名 门店名称 招牌 招牌名称 店铺 字号", OFFICE),
        "operator": _OPERATOR,
        "phone": _words("手机 手机号 手机号码 联系方式 电话 电话号码 联系人电话", OFFICE),
        "area_sqm": _words("面积 建筑面积 租赁面积 使用面积 经营面积 铺面面积", OFFICE),
        "use": _words("业态 经营业态 经营类型 行业 经营范围 类型 性质", OFFICE),
        "from_on": _words("租期起 起租日期 入驻时间 租赁开始日期 合同开始日期 租期开始 开始日期 起租日 入场日期 合同起始日 租赁起始日", OFFICE),
        "until_on": _words("租期止 到期日 到期日期 租期结束 合同到期日 合同结束日期 租赁结束日期 租赁到期日 结束日期 截止日期 退场日期 合同终止日", OFFICE),
        "master": _words("所属总表 总表编号 总表 总水表 所属水表 上级总表", OFFICE),
        "sub_meter": _words("分表编号 分水表号 水表编号 分表", OFFICE),
    },
    K.METERS: {
        "meter": _METER,
        "kind": _words("表类型 水表类型 类型 表类别 水表类别 总分表", OFFICE),
        "diameter_mm": _words("口径 表径 管径 公称口径", OFFICE),
        "master": _words("所属总表 上级表号 上级水表 总表编号 总表表号", OFFICE),
        "started_on": _words("启用时间 安装日期 安装时间 装表日期 启用日 投用日期", OFFICE),
        "verified_on": _words("检定时间 检定日 检定到期日 校验日期", OFFICE),
        "started_litres": _words("起码 起始读数 初始读数 表底数 底码 起始行度 表底", OFFICE),
        "location": _words("安装地点 安装地址 位置 表位 地址", OFFICE),
        "holder": _words("户名 用户名称 开户名 用户名 户主 户主名称", OFFICE),
        "agent": _words("收费人 代收人 收款人 代收单位", OFFICE),
        "method": _words("分摊办法 分摊方法 分摊方式 分摊", OFFICE),
        "account": _words("户号 用户号 用水户号 客户编号 用户编号 水司户号", OFFICE),
    },
    K.BILLS: {
        "bill": _words("账单编号 账单号码 帐单号 单据号 账单流水号 发票号", OFFICE),
        "master": _MASTER[3:] + _ACCOUNT,
        "from_on": _words("账期//period 计费月份//period 水费月份//period 账单月份//period 费用月份//period 计费周期//period 账务年月//period 所属期//period 账期开始 起始日期 开始日期", OFFICE),
        "last_on": _words("账期结束 截止日期 结束日期", OFFICE),
        "previous_litres": _words("上期读数 上期示数 上次读数 上期抄表 上月读数 起码 起度 期初读数 上期表底", OFFICE),
        "current_litres": _words("本期读数 本期示数 本次读数 本期抄表 本月读数 止码 止度 期末读数 本期表底", OFFICE),
        "volume_litres": _words("水量 用水量 实用水量 本期用量 计费水量 用量 结算水量 使用量", OFFICE),
        "supply_fen": _words("水费 基本水费 自来水费 供水费 水费金额", OFFICE),
        "sewage_fen": _words("污水费 排污费 污水处理费 排水费 污水", OFFICE),
        "other_fen": _words("其他费 水资源费 附加费 垃圾费 其它费用", OFFICE),
        "amount_fen": _words("合计 应收金额 应缴金额 应收 总金额 账单金额 金额合计 合计金额 应交金额 费用合计", OFFICE),
        "due_on": _words("缴费期限 缴费截止日期 最后缴费日 应缴日期 缴款期限 到期日 缴费截止日", OFFICE),
        "issued_on": _words("出账日 开账日期 出账日期 账单日期 开单日期 开票日期", OFFICE),
    },
    K.READINGS: {
        "meter": _METER,
        "read_on": _words("抄表日 抄表日期 抄表时间 本次抄表日期 本期抄表日期 日期", OFFICE),
        "litres": _words("本月读数 本期读数 本次读数 本月行度 抄表读数 本期示数 止码 本月表底 当前读数 现抄数 本月抄见", OFFICE),
        "method": _words("抄表方法 抄见方式 抄表类型", OFFICE),
        "reader": _words("抄表员 抄表人员 抄表人", OFFICE),
        "note": _words("备注 说明", OFFICE),
    },
    K.RECEIPTS: {
        "on": _PAID_ON, "unit": _UNIT, "amount_fen": _PAID, "means": _MEANS, "voucher": _VOUCHER,
        "counterparty": _words("收费人 收款人 经手人 代收人", OFFICE), "note": _NOTE, "operator": _OPERATOR,
    },
    K.REMITTANCES: {
        "on": _PAID_ON, "master": _MASTER + _ACCOUNT, "amount_fen": _PAID, "means": _MEANS, "voucher": _VOUCHER,
        "counterparty": _PAYER, "note": _NOTE,
    },
    K.DIRECT_PAYMENTS: {
        "on": _PAID_ON, "master": _MASTER + _ACCOUNT, "unit": _UNIT, "amount_fen": _PAID, "means": _MEANS, "voucher": _VOUCHER,
        "counterparty": _PAYER, "note": _NOTE, "operator": _OPERATOR,
    },
    K.ACKNOWLEDGEMENTS: {
        "on": _words("确认日期 承认日期 签字日期 截至", OFFICE), "unit": _UNIT,
        "amount_fen": _words("承认金额 确认欠费金额 未缴金额 欠费金额 承认未缴", OFFICE), "voucher": _words("确认书编号 承诺书编号 协议编号", OFFICE),
        "note": _NOTE, "operator": _OPERATOR,
    },
    K.ASSERTIONS: {
        "on": _words("截至 截至日期 截止日期 对账日期 核对日期 余额日期", OFFICE),
        "master": _MASTER[3:] + _ACCOUNT,
        "amount_fen": _words("欠费余额 欠费金额 结欠金额 未缴余额 欠费合计 期末余额 余额", OFFICE),
        "account": _words("余额科目 余额类别", OFFICE),
        "voucher": _words("对账单号 文号 函号", OFFICE), "note": _NOTE,
    },
    K.WALLET: {
        "on": _words("交易时间 交易创建时间 付款时间 交易日期", OFFICE),
        "direction": _words("收/支 收支类型", OFFICE),
        "counterparty": _words("交易对方 对方名称", OFFICE),
        "sort": _words("交易分类 类型", OFFICE),
        "status": _words("当前状态 交易状态", OFFICE),
        "voucher": _words("交易单号 交易订单号 交易号", OFFICE),
        "remark": _words("商品 商品说明 商品名称", OFFICE),
        "means": _words("支付方式 收/付款方式", OFFICE),
        "amount_fen": _words("收入金额//in 支出金额//out", OFFICE),
    },
    K.BANK: {
        "on": _words("交易时间 交易日期 记账日期 入账日期 记账日 交易日", OFFICE),
        "amount_fen": _words(
            "交易金额 发生额 收入//in 收入金额//in 贷方发生额//in 贷方金额//in 贷方//in 转入金额//in 存入金额//in 存入//in"
            " 贷方发生额/元(收入)//in 支出//out 支出金额//out 借方发生额//out 借方金额//out 借方//out 转出金额//out 支取金额//out 支取//out"
            " 借方发生额/元(支取)//out", OFFICE),
        "direction": _words("借贷标志 借贷方向 收支标志 收/支 借/贷 收支方向 交易方向 借贷", OFFICE),
        "counterparty": _words("对方户名 对方账户名称 交易对方 对方名称 对方单位名称 收(付)方名称 交易对手 对手户名 对方账户名", OFFICE),
        "sort": _words("摘要 交易摘要 交易类型 业务类型", OFFICE),
        "voucher": _words("交易流水号 流水号 账户明细编号交易流水号 凭证号码 交易序号 企业流水号 回单编号 交易编号", OFFICE),
        "remark": _words("附言 备注 用途 交易附言 转账附言 交易备注", OFFICE),
        "balance_fen": _words("余额 账户余额 交易后余额 本次余额 当前余额 联机余额", OFFICE),
    },
    K.UTILITY_PAYMENTS: {
        "on": _PAID_ON,
        "amount_fen": _PAID,
        "account": _words("户号 用户号 用水户号 客户编号 用户编号 水司户号", OFFICE),
        "means": _words("渠道 缴费渠道 缴费方式 付款方式 支付方式 交费方式", OFFICE),
        "counterparty": _PAYER,
        "voucher": _VOUCHER,
        "remark": _words("附言 摘要 说明 用途", OFFICE),
    },
}  # fmt: skip

#: What a heading of a kind says of a field that has no column, as a person would write it.
IMPLIED: dict[tuple[K, str], dict[str, str]] = {
    (K.ASSERTIONS, word): {"account": "应付水司"}
    for word in ("欠费余额", "欠费金额", "结欠金额", "未缴余额", "欠费合计")
}

#: Headings of days out that name the last day in; the day out is the next one.
LAST_DAY_IN = frozenset(
    [
        "租期止",
        "到期日",
        "到期日期",
        "租期结束",
        "合同到期日",
        "合同结束日期",
        "租赁结束日期",
        "租赁到期日",
        "结束日期",
        "截止日期",
        "合同终止日",
    ]
)

#: Headings of columns that only count the rows.
SERIAL = frozenset({"序号", "编号", "no", "no.", "行号", "序", "#"})

#: Words in the name of a sheet, of a file or in a title that say what kind of paper it is.
HINTS: dict[K, tuple[str, ...]] = {
    K.UNITS: ("花名册", "名册", "商铺", "商户", "租户"),
    K.METERS: ("水表台账", "台账", "水表", "表具"),
    K.READINGS: ("抄表", "读数"),
    K.BILLS: ("账单", "帐单"),
    K.RECEIPTS: ("收款", "收费", "收据", "流水账"),
    K.REMITTANCES: ("上缴", "交水司", "缴水司", "解缴"),
    K.DIRECT_PAYMENTS: ("自缴", "直缴", "直接缴"),
    K.ACKNOWLEDGEMENTS: ("承认", "确认书", "承诺"),
    K.ASSERTIONS: ("对账单", "欠费", "余额"),
    K.WALLET: ("微信", "支付宝"),
    K.BANK: ("银行", "账户明细"),
    K.UTILITY_PAYMENTS: ("缴费记录", "缴费明细"),
}
