"""Files as they come in, made in the test, and a street to bring them into."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
import xlwt

from hege.imports.actions import import_file
from hege.imports.kind import Answers
from hege.imports.kinds import KINDS
from hege.imports.layouts import FileKind
from hege.imports.looking import NOTHING_SAID, Outcome
from hege.kernel.clock import at_noon
from hege.people.models import Street

NOW = at_noon(dt.date(2026, 11, 23))
Row = Sequence[Any]

METERS = "表号,类别,口径,上级总表,启用日期,检定日期,起码,安装位置,账户名,代收人,分摊方式"
UNITS = "商铺编号,商铺名称,经营者,联系电话,建筑面积,分表表号,用途,入驻日期,退租日期,总表表号"
BILLS = "账单号,总表表号,账期起,账期止,上期行度,本期行度,用水量,供水费,污水处理费,其他费用,应缴金额,应缴日期,出账日期"
RECEIPTS = "日期,商铺编号,金额,方式,凭证号,收款人,证据,备注"
REMITTANCES = "日期,总表表号,金额,方式,凭证号,缴款人,证据,备注"
DIRECT = "日期,总表表号,商铺编号,金额,方式,凭证号,缴款人,证据,备注"
READINGS = "表号,抄表日期,行度,抄表方式,抄表人,备注"
ACKNOWLEDGEMENTS = "日期,商铺编号,承认未缴金额,凭证号,备注"
ASSERTIONS = "日期,总表表号,科目,商铺编号,金额,凭证号,备注"
HONOURS = "企业名称,企业代码,荣誉名称,荣誉种类,荣誉级别,颁发单位,产品名称,证书编号,商标,批准文号,颁发日期,有效期至,出处,版面,出处日期,再录理由"
HEADERS = {
    FileKind.METERS: METERS,
    FileKind.UNITS: UNITS,
    FileKind.BILLS: BILLS,
    FileKind.RECEIPTS: RECEIPTS,
    FileKind.REMITTANCES: REMITTANCES,
    FileKind.DIRECT_PAYMENTS: DIRECT,
    FileKind.READINGS: READINGS,
    FileKind.ACKNOWLEDGEMENTS: ACKNOWLEDGEMENTS,
    FileKind.ASSERTIONS: ASSERTIONS,
    FileKind.HONOURS: HONOURS,
}
MASTER: Row = ["ZB-1", "总表", "DN50", "", "2025-01-01", "", "0", "弄口", "某物业公司", "二房东", "等额"]


def csv_of(header: str | Row, rows: Iterable[Row], encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header.split(",") if isinstance(header, str) else header)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_of(header: str | Row, rows: Iterable[Row]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [header.split(",") if isinstance(header, str) else header, *rows]:
        sheet.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def computed(header: str | Row, rows: Iterable[Row], *cells: str) -> bytes:
    """An ``.xlsx`` in which some cells are formulas that come to what stands there."""
    old = zipfile.ZipFile(io.BytesIO(xlsx_of(header, rows)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for cell in cells if name.endswith("sheet1.xml") else ():
                data, n = re.subn(rb'(<c r="%s"[^>]*>)<v>' % cell.encode(), rb"\1<f>1*1</f><v>", data)
                assert n
            new.writestr(name, data)
    return out.getvalue()


def xls_of(header: str | Row, rows: Iterable[Row]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for r, row in enumerate([header.split(",") if isinstance(header, str) else header, *rows]):
        for c, cell in enumerate(row):
            if isinstance(cell, dt.date):
                sheet.write(r, c, cell, day)
            elif cell is not None:
                sheet.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(
    street: Street,
    kind: FileKind,
    *rows: Row,
    dry_run: bool = False,
    name: str = "表.csv",
    answers: Answers = NOTHING_SAID,
) -> Outcome:
    """Import rows under the headings of the issue, in their order."""
    content = csv_of(HEADERS[kind], rows)
    return import_file(street, kind, name, content, by=None, at=NOW, dry_run=dry_run, answers=answers)


def taken(street: Street, kind: FileKind, *rows: Row, name: str = "表.csv", answers: Answers = NOTHING_SAID) -> Outcome:
    """``bring`` where nothing may be refused; what is much like another in a roster is said to be new."""
    if kind in (FileKind.UNITS, FileKind.METERS):
        answers = Answers(new=frozenset(range(2, 2 + len(rows))))
    outcome = bring(street, kind, *rows, name=name, answers=answers)
    assert outcome.faults == []
    return outcome


def told(outcome: Outcome) -> list[tuple[int, str, str]]:
    """The faults without their values."""
    return [(f.row, f.column, f.reason) for f in outcome.faults]


def where(outcome: Outcome) -> list[tuple[int, str]]:
    """Row and heading of each fault."""
    return [(f.row, f.column) for f in outcome.faults]


def unit(code: str = "001", *, operator: str = "张三", area: str = "20", sub: str = "", use: str = "商铺",
         in_on: str = "2025-01-01", out_on: str = "", master: str = "ZB-1", phone: str = "", name: str = "") -> Row:  # fmt: skip
    return [code, name or f"{code} 号铺", operator, phone, area, sub, use, in_on, out_on, master]


def bill(number: str = "B-1", *, first: str = "2026-01-01", last: str = "2026-01-31", before: str = "0", after: str = "100",
         volume: str = "100", supply: str = "399.00", sewage: str = "210.60", other: str = "", amount: str = "609.60",
         due: str | None = None, master: str = "ZB-1", issued: str = "") -> Row:  # fmt: skip
    """A bill, due twenty days after its period where nothing else is said."""
    due = str(dt.date.fromisoformat(last) + dt.timedelta(days=20)) if due is None else due
    return [number, master, first, last, before, after, volume, supply, sewage, other, amount, due, issued]


def receipt(voucher: str = "R-1", *, on: str = "2026-02-10", code: str = "001", amount: str = "100",
            payee: str = "二房东", proof: str = "已证实", note: str = "") -> Row:  # fmt: skip
    return [on, code, amount, "微信", voucher, payee, proof, note]


def meter(number: str, kind: str = "分表", *, master: str = "", since: str = "2025-01-01", start: str = "0",
          diameter: str = "", place: str = "", holder: str = "", agent: str = "", method: str = "", checked: str = "") -> Row:  # fmt: skip
    return [number, kind, diameter, master, since, checked, start, place, holder, agent, method]


def a_street(street: Street) -> Street:
    """One master meter, three shops, one bill."""
    taken(street, FileKind.METERS, MASTER)
    taken(street, FileKind.UNITS, unit("001"), unit("002", operator="李四"), unit("003", operator="王五"))
    taken(street, FileKind.BILLS, bill())
    return street


def names(kind: FileKind) -> list[str]:
    return [c.name for c in KINDS[kind].layout.columns]


def honour(firm: str = "裕韵合作社", title: str = "中国绿色食品产品", *, code: str = "", kind: str = "产品证书", level: str = "国家级",
           body: str = "", product: str = "稻谷", number: str = "LB-23-25050904867A", mark: str = "", approval: str = "",
           issued: str = "2025-05-01", expires: str = "2028-04-30", source: str = "青浦报", page: str = "第 3 版",
           day: str = "2026-11-20", again: str = "") -> Row:  # fmt: skip
    return [
        firm,
        code,
        title,
        kind,
        level,
        body,
        product,
        number,
        mark,
        approval,
        issued,
        expires,
        source,
        page,
        day,
        again,
    ]
