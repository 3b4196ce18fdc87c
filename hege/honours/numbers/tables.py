"""What the digits of numbers stand for (代码表), as far as something printed says so; a code not in here is unknown, not wrong.

docs/honours.md names the source of each table.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DIVISIONS = Path(__file__).with_name("divisions.tsv")


class Division(NamedTuple):
    """A division (行政区划) at or above county level: its name, the years of its code. 0: not known, or still in force.

    The name of a former one ends in its last year: 上海市青浦县 (–1998).
    """

    name: str
    first_year: int
    last_year: int


#: The provinces in a green-food number: the order of GB/T 2260 before Chongqing became one. Printed numbers confirm 08,
#: 09, 19 and 27; the others are inferred from the order.
PROVINCES_OF_GREEN_FOOD: dict[int, str] = dict(
    enumerate((
        "北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建",
        "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "四川", "贵州", "云南", "西藏", "陕西",
        "甘肃", "青海", "宁夏", "新疆",
    ), start=1)
)  # fmt: skip
#: What a green-food number with the grade A or AA is for: the order of the centre's statistics. Printed numbers confirm
#: 03, 15, 23 and 50; the order after 53 is not known.
CATEGORIES_OF_GREEN_FOOD: dict[int, Promise] = dict(
    enumerate((
        _("小麦"), _("小麦粉"), _("大米"), _("大米加工品"), _("玉米"), _("玉米加工品"), _("大豆"), _("大豆加工品"),
        _("油料作物产品"), _("食用植物油及其制品"), _("糖料作物产品"), _("机制糖"), _("杂粮"), _("杂粮加工品"),
        _("蔬菜"), _("冷冻保鲜蔬菜"), _("蔬菜加工品"), _("鲜果类"), _("干果类"), _("果类加工品"), _("食用菌及山野菜"),
        _("食用菌及山野菜加工品"), _("其他食用农林产品"), _("其他农林加工产品"), _("猪肉"), _("牛肉"), _("羊肉"),
        _("禽肉"), _("其他肉类"), _("肉食加工品"), _("禽蛋"), _("蛋制品"), _("液体乳"), _("乳制品"), _("蜂产品"),
        _("水产品"), _("水产加工品"), _("瓶（罐）装饮用水"), _("碳酸饮料"), _("果蔬汁及其饮料"), _("固体饮料"),
        _("其他饮料"), _("冷冻饮品"), _("精制茶"), _("其他茶"), _("白酒"), _("啤酒"), _("葡萄酒"), _("其他酒类"),
        _("方便主食品"), _("糕点"), _("糖果"), _("果脯蜜饯"),
    ), start=1)
)  # fmt: skip
#: Numbers with the old grades 1 and 2 had 53 classes of their own; when the list changed is not known, so no name is said.
OLD_CATEGORIES_OF_GREEN_FOOD = range(1, 54)
#: GB 32100-2015, tables 2 and 3: who registers, and what kind of body.
REGISTRARS: dict[str, Promise] = {
    "11": _("机关"), "12": _("事业单位"), "13": _("机构编制部门管理的群众团体"), "19": _("机构编制部门登记的其他机构"),
    "21": _("外国常驻新闻机构"), "29": _("外交部门登记的其他机构"),
    "31": _("律师执业机构"), "32": _("公证处"), "33": _("基层法律服务所"), "34": _("司法鉴定机构"), "35": _("仲裁委员会"),
    "39": _("司法行政部门登记的其他机构"),
    "41": _("外国在华文化中心"), "49": _("文化部门登记的其他机构"),
    "51": _("社会团体"), "52": _("民办非企业单位"), "53": _("基金会"), "59": _("民政部门登记的其他组织"),
    "61": _("外国旅游部门常驻代表机构"), "62": _("港澳台地区旅游部门常驻代表机构"), "69": _("旅游部门登记的其他机构"),
    "71": _("宗教活动场所"), "72": _("宗教院校"), "79": _("宗教部门登记的其他组织"),
    "81": _("基层工会"), "89": _("工会登记的其他组织"),
    "91": _("企业"), "92": _("个体工商户"), "93": _("农民专业合作社"),
    "A1": _("军队事业单位"), "A9": _("军队登记的其他单位"),
    "N1": _("组级集体经济组织"), "N2": _("村级集体经济组织"), "N3": _("乡镇级集体经济组织"), "N9": _("农业部门登记的其他组织"),
    "Y1": _("其他部门登记的单位"),
}  # fmt: skip


@lru_cache(maxsize=4096)
def division(code: str, year: int) -> Division | None:
    """The division of a code in some year, else the last before it; None where the code was not yet or never given."""
    given = [one for one in _divisions().get(code, ()) if one.first_year <= year]
    in_force = (one for one in given if one.last_year == 0 or one.last_year >= year)
    found = next(in_force, max(given, key=lambda one: one.last_year, default=None))
    if found is None:
        return None
    former = f" (–{found.last_year})" if found.last_year else ""
    return found._replace(name=_whole_name(code, found.name) + former)


def _whole_name(code: str, name: str) -> str:
    """With its province and prefecture in front, where the code has such."""
    above = [_divisions().get(above, ()) for above in (f"{code[:2]}0000", f"{code[:4]}00") if above != code]
    names = [max(of, key=lambda one: one.last_year == 0).name for of in above if of] + [name]
    return "".join(name for name in names if name not in ("市辖区", "县") and "直辖县级" not in name)


@cache
def _divisions() -> dict[str, tuple[Division, ...]]:
    """Code -> its divisions, the earlier before the later."""
    found: dict[str, tuple[Division, ...]] = {}
    for line in DIVISIONS.read_text(encoding="utf-8").splitlines()[1:]:
        code, name, first, last = (line + "\t\t").split("\t")[:4]
        found[code] = (*found.get(code, ()), Division(name, int(first or 0), int(last or 0)))
    return found
