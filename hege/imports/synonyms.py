"""What offices, property managers, utilities, collecting agents and banks call the columns of their papers. Data.

Each word has its source (``SOURCES``). The likelier word of a field stands first; a word stands for one field of a kind.
"""

from __future__ import annotations

from typing import NamedTuple

from hege.imports.layouts import FileKind as K

#: Where a word is from. Facts only: that a paper or a public program calls a column so.
SOURCES = {
    "office": "the ten made-up papers of one street, in the words such offices use",
    "billing": "public programs of water companies: bill lists and meter books (上期抄码, 计费水量, 装表地址)",
    "property": "public programs of property managers: rent rolls, meter sheets, fee books (LIGUANGYAO/TJ_Smart_Park: 上月抄见数,"
    " 租赁开始日期)",
    "banking": "public programs that read bank statements (jiegec/china_bean_importers, deb-sig/double-entry-generator)",
    "usual": "a usual spelling of the same word, without a paper of its own",
}


class Word(NamedTuple):
    """A heading: its text, how its cells are read ("" as the field's own), where it is from (a word of ``SOURCES``)."""

    text: str
    how: str
    source: str


def _words(**by_source: str) -> tuple[Word, ...]:
    """Headings apart by blanks, ``heading//how`` where the cells are read in a way of their own."""
    return tuple(
        Word(*word.partition("//")[::2], source) for source, text in by_source.items() for word in text.split()
    )


_METER = _words(
    office="水表编号 水表号", billing="表身号 钢印号 水表表号", property="表具编号", usual="水表号码 表编号"
)
_ACCOUNT_WORDS = "户号 用户号 用水户号 客户编号 用户编号 水司户号 缴费户号"
_MASTER = _words(office="水表编号 水表号", usual="总表编号 总水表号 表号 总水表", billing="表身号 钢印号 水表表号")
_ACCOUNT = _words(office="户号//account", billing="用户号//account 用户编号//account 客户编号//account", usual="用水户号//account 水司户号//account 缴费户号//account")  # fmt: skip
_UNIT = _words(
    office="铺号 门牌号",
    property="铺位号 房号 单元号 商铺编码 店铺编号 商户编号 摊位号",
    usual="门牌 铺位 门店编号 店号",
)
_OPERATOR = _words(
    office="租户", property="承租人 租户名称 承租方 商户名称 租户姓名 承租人姓名", usual="经营人 商户 负责人 经营者姓名"
)
_PAYER = _words(office="付款人", billing="缴费人 交款人 缴费户名", usual="付款方 付款户名 汇款人")
_VOUCHER = _words(
    office="收据号 流水号", property="收据编号 票据号 单据编号", billing="交易流水号 缴费流水号",
    usual="单号 凭证编号 票号 回单号 交易单号",
)  # fmt: skip
_MEANS = _words(office="渠道", property="付款方式 收款方式 缴费方式", billing="缴费渠道 交费方式", usual="支付方式")
_NAMED = _words(usual="付款用途 缴费用途 指定账单 付哪张账单")
_NOTE = _words(office="附言", usual="说明 摘要")
_PAID_ON = _words(
    office="缴费日期", property="收款日期 收费日期 付款日期", billing="交费日期 缴费时间 收费时间",
    usual="缴款日期 收款时间 交款日期 入账日期 交易日期 时间",
)  # fmt: skip
_PAID = _words(
    office="收款 缴费金额",
    property="实收 实收金额",
    billing="实缴金额 交费金额",
    usual="收款金额 实缴 付款金额 收费金额 交款金额 已收金额 已交金额",
)

SYNONYMS: dict[K, dict[str, tuple[Word, ...]]] = {
    K.UNITS: {
        "code": _words(office="门牌号 铺号", property="铺位号 房号 单元号 商铺编码 店铺编号 商户编号 摊位号", usual="门牌 铺位 门店编号 店号"),
        "name": _words(office="店招", property="店铺名称 门店名称", usual="店名 商铺名 招牌 招牌名称 店铺 字号"),
        "operator": _OPERATOR,
        "phone": _words(office="手机", property="手机号 手机号码 联系方式 联系人电话", usual="电话号码"),
        "area_sqm": _words(property="租赁面积 经营面积 使用面积", usual="铺面面积"),
        "use": _words(office="业态", property="经营业态 经营类型", usual="行业 经营范围 经营项目 性质"),
        "from_on": _words(
            office="租期起", property="起租日期 租赁开始日期 租赁起始日期 合同开始日期 起租日 租赁起始日",
            usual="入驻时间 租期开始 入场日期 合同起始日 开始日期",
        ),
        "until_on": _words(
            office="租期止", property="租赁结束日期 租赁到期日期 租赁到期日 合同结束日期 合同到期日 到期日期 到期日",
            usual="租期结束 合同终止日 结束日期 截止日期 退场日期 搬离日期",
        ),
        "master": _words(office="所属总表", usual="总表编号 总表 总水表 所属水表 上级总表"),
        "sub_meter": _words(usual="分表编号 分水表号 水表编号 水表号 分表"),
    },
    K.METERS: {
        "meter": _METER,
        "kind": _words(office="表类型", billing="水表类型 总分表类型", usual="水表类别 表类别 总分表 类型"),
        "diameter_mm": _words(office="口径", billing="水表口径", usual="表径 管径 公称口径"),
        "master": _words(usual="所属总表 上级表号 上级水表 总表编号 总表表号"),
        "started_on": _words(office="启用时间", billing="安装日期 装表日期", usual="安装时间 启用日 投用日期"),
        "verified_on": _words(office="检定时间", usual="检定日 校验日期"),
        "started_litres": _words(office="起码", billing="表底数 新表底码 初始读数", usual="起始读数 底码 表底"),
        "location": _words(office="安装地点", billing="装表地址 安装地址", usual="表位"),
        "holder": _words(office="户名", billing="用户名称 客户名称", usual="开户名 用户名 户主 户主名称"),
        "agent": _words(office="收费人", usual="收款人 代收单位"),
        "method": _words(office="分摊办法", usual="分摊方法 分摊"),
        "account": _words(office="户号", billing="用户编号 客户编号", usual="用水户号 水司户号 缴费户号"),
    },
    K.BILLS: {
        "bill": _words(office="账单编号", billing="水费编号", usual="账单号码 帐单号 单据号 账单流水号"),
        "master": _MASTER + _ACCOUNT,
        "from_on": _words(
            office="账期//period", billing="账务年月//period 账单月份//period 计费月份//period",
            usual="水费月份//period 费用月份//period 计费周期//period 所属期//period 账期开始 起始日期 开始日期",
        ),
        "last_on": _words(usual="账期结束 截止日期 结束日期"),
        "previous_litres": _words(office="上期读数", billing="上期抄码 上期止码 上次读数", property="上月读数 上月抄见数", usual="上期示数 上期抄表 起码 起度 期初读数 上期表底"),
        "current_litres": _words(office="本期读数", billing="本期抄码 本期止码 本次读数", property="本月读数 本月抄见数", usual="本期示数 本期抄表 止码 止度 期末读数 本期表底"),
        "volume_litres": _words(office="水量", billing="计费水量 实际用水量 抄见水量 结算水量", usual="实用水量 本期用量 用量 使用量"),
        "supply_fen": _words(office="水费", billing="水费金额 基本水费 自来水费"),
        "sewage_fen": _words(office="污水费", usual="排污费 排水费 污水"),
        "other_fen": _words(billing="水资源费 附加费 垃圾费", usual="其他费 其它费用"),
        "amount_fen": _words(office="合计", billing="应收金额 账单金额 综合水费", usual="应交金额 应收 总金额 金额合计 合计金额 费用合计"),
        "due_on": _words(office="缴费期限", billing="缴费截止日期", usual="最后缴费日 缴款期限 缴费截止日 到期日"),
        "issued_on": _words(billing="开账日期 出账日", usual="账单日期 开单日期"),
    },
    K.READINGS: {
        "meter": _METER,
        "read_on": _words(office="抄表日", billing="本次抄表日期 抄表时间", usual="本期抄表日期 日期"),
        "litres": _words(office="本月读数", billing="本期抄码 本次读数 本期读数", property="本月抄见数", usual="本月行度 抄表读数 本期示数 止码 本月表底 当前读数 现抄数"),
        "method": _words(billing="抄表类型", usual="抄表方法 抄见方式"),
        "reader": _words(office="抄表员", usual="抄表人员"),
        "note": _words(usual="说明"),
    },
    K.RECEIPTS: {
        "on": _PAID_ON, "unit": _UNIT, "amount_fen": _PAID, "means": _MEANS, "voucher": _VOUCHER,
        "counterparty": _words(usual="收费人 经手人 代收人"), "note": _NOTE, "operator": _OPERATOR, "named": _NAMED,
    },
    K.REMITTANCES: {
        "on": _PAID_ON, "master": _MASTER + _ACCOUNT, "amount_fen": _PAID, "means": _MEANS, "voucher": _VOUCHER,
        "counterparty": _PAYER, "note": _NOTE, "named": _NAMED,
    },
    K.DIRECT_PAYMENTS: {
        "on": _PAID_ON, "master": _MASTER + _ACCOUNT, "unit": _UNIT, "amount_fen": _PAID, "means": _MEANS, "voucher": _VOUCHER,
        "counterparty": _PAYER, "note": _NOTE, "operator": _OPERATOR, "named": _NAMED,
    },
    K.ACKNOWLEDGEMENTS: {
        "on": _words(usual="确认日期 承认日期 签字日期 截至"), "unit": _UNIT,
        "amount_fen": _words(usual="承认金额 确认欠费金额 未缴金额 欠费金额 承认未缴"),
        "voucher": _words(usual="确认书编号 承诺书编号 协议编号"), "note": _NOTE, "operator": _OPERATOR,
    },
    K.ASSERTIONS: {
        "on": _words(office="截至", usual="截至日期 截止日期 对账日期 核对日期 余额日期"),
        "master": _MASTER + _ACCOUNT,
        "amount_fen": _words(office="欠费余额", billing="欠费金额", usual="结欠金额 未缴余额 欠费合计 期末余额 余额"),
        "account": _words(usual="余额科目 余额类别"),
        "voucher": _words(usual="对账单号 文号 函号"), "note": _NOTE,
    },
    K.WALLET: {
        "on": _words(banking="交易时间 交易创建时间", usual="付款时间 交易日期"),
        "direction": _words(banking="收/支", usual="收支类型"),
        "counterparty": _words(banking="交易对方", usual="对方名称"),
        "sort": _words(banking="交易分类 类型"),
        "status": _words(banking="当前状态 交易状态"),
        "voucher": _words(banking="交易单号 交易订单号 交易号"),
        "remark": _words(banking="商品 商品说明 商品名称"),
        "means": _words(banking="支付方式 收/付款方式"),
        "amount_fen": _words(usual="收入金额//in 支出金额//out"),
    },
    K.BANK: {
        "on": _words(banking="交易日期 交易时间 记账日期 入账日期", usual="记账日 交易日 发生时间"),
        "amount_fen": _words(
            banking="交易金额 发生额 收入金额//in 贷方发生额//in 贷方金额//in 收入//in 贷方//in 转入金额//in 存入金额//in"
            " 贷方金额(收入)//in 支出金额//out 借方发生额//out 借方金额//out 支出//out 借方//out 转出金额//out 借方金额(支出)//out",
            usual="存入//in 贷//in 收方金额//in 支取金额//out 支取//out 借//out 付方金额//out",
        ),
        "direction": _words(banking="借贷标志 借贷 收/支", usual="借贷方向 收支标志 借/贷 收支方向 交易方向"),
        "counterparty": _words(banking="对方户名 对方账户名 对方账户名称 对方名称 对方单位名称 收(付)方名称", usual="交易对方 交易对手 对手户名 对方单位"),
        "sort": _words(banking="摘要 交易摘要 交易类型 业务类型"),
        "voucher": _words(banking="交易流水号 流水号 账户明细编号-交易流水号 凭证号码", usual="交易序号 企业流水号 回单编号 交易编号"),
        "remark": _words(
            banking="附言//join 用途//join 交易附言//join 交易用途//join 客户附言//join", usual="转账附言//join 交易备注//join"
        ),
        "balance_fen": _words(banking="账户余额 本次余额 交易后余额 当前余额", usual="联机余额"),
    },
    K.UTILITY_PAYMENTS: {
        "on": _PAID_ON, "amount_fen": _PAID, "means": _MEANS, "counterparty": _PAYER, "voucher": _VOUCHER,
        "account": _words(office="用户号", billing="用户编号 客户编号", usual="用水户号 水司户号 缴费户号"),
        "remark": _words(office="附言", usual="摘要 说明 用途"),
    },
    K.HONOURS: {
        "firm": _words(usual="单位名称 获证单位 获奖单位 持证单位 证书持有人 企业 申报单位"),
        "firm_code": _words(usual="信用代码 信用编码 社会信用代码 组织机构代码"),
        "title": _words(usual="荣誉 荣誉称号 证书名称 奖项 奖项名称 称号 荣获"),
        "kind": _words(usual="种类 类别 荣誉类别"),
        "level": _words(usual="级别 等级"),
        "body": _words(usual="发证机关 发证单位 颁证单位 授予单位 评定单位 认证机构"),
        "product": _words(usual="产品 获证产品 受检产品 成果名称"),
        "product_number": _words(usual="产品编号 编号 证书号 绿色食品编号 产品证书编号 资格证书编号"),
        "trade_mark": _words(usual="商标名称 注册商标 品牌"),
        "approval_no": _words(usual="批文号 批准号 文号"),
        "issued_on": _words(usual="发证日期 颁证日期 授予日期 获奖日期 获得日期"),
        "expires_on": _words(usual="有效期 到期日期 有效期止 有效期截止 证书有效期至 失效日期"),
        "source": _words(usual="来源 报纸 文件 刊登于"),
        "source_page": _words(usual="版次 页码 版"),
        "source_on": _words(usual="刊登日期 来源日期 见报日期"),
        "again": _words(usual="再次录入理由 理由"),
    },
}  # fmt: skip

#: What a heading of a kind says of a field that has no column, as a person would write it.
IMPLIED: dict[tuple[K, str], dict[str, str]] = {
    (K.ASSERTIONS, word): {"account": "应付水司"}
    for word in ("欠费余额", "欠费金额", "结欠金额", "未缴余额", "欠费合计")
}

#: What lines above the table call what a field without a column is in every row.
ABOVE: dict[str, tuple[str, ...]] = {
    "master": ("水表编号", "水表号", "总表表号", "总表编号", *_ACCOUNT_WORDS.split()),
    "account": tuple(_ACCOUNT_WORDS.split()),
    "on": ("截至", "截至日期", "截止日期"),
}

#: Headings of days out that name the last day in; the day out is the next one.
LAST_DAY_IN = frozenset(
    ["租期止", "租赁结束日期", "租赁到期日期", "租赁到期日", "合同结束日期", "合同到期日", "到期日期", "到期日", "租期结束",
     "合同终止日", "结束日期", "截止日期"]
)  # fmt: skip

#: What stands for no day out yet.
STILL_IN = frozenset({"长期", "至今", "在租", "无固定期限", "不定期", "无"})

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
    K.HONOURS: ("荣誉", "证书", "获奖"),
}
