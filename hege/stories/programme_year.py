"""What the warm-bee programme of the story holds, as tables: seasons, topics, activities, units, stations, riders.

The season's name, the four boards and the four units are the newspaper's; the other seasons, the topics, the activities and
every figure are made up. Persons are roles: nobody of these exists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hege.members.rules import MemberWork
from hege.programme.alliance.rules import Facility, OfferingKind
from hege.programme.seasons.almanac import Festival, days_of
from hege.programme.seasons.rules import Board
from hege.vouchers.rules import Worth

CENTRE = "党群服务中心"
#: The four member units of the alliance “通达四方”; the first is the street itself.
UNITS = ("华新镇", "白鹤镇", "香花桥街道", "区卫健工作党委")


class SeasonPlan(NamedTuple):
    """A season: its name, the term it begins with, its slogan, its money in fen, its topics by month."""

    name: str
    begins: Festival
    slogan: str
    budget_fen: int
    topics: Sequence[tuple[int, int, str]]


SEASONS: Sequence[SeasonPlan] = (
    SeasonPlan(
        "暖冬·感恩季", Festival.WINTER_BEGINS, "天冷了，来坐坐", 2_000_000,
        ((1, 11, "感恩启程"), (2, 12, "暖身暖心"), (3, 1, "平安返乡")),
    ),
    SeasonPlan(
        "迎春·启程季", Festival.SPRING_BEGINS, "新年第一单，平安上路", 2_600_000,
        ((4, 2, "团圆守岁"), (5, 3, "安全上路"), (6, 4, "学门手艺")),
    ),
    SeasonPlan(
        "盛夏·清凉季", Festival.SUMMER_BEGINS, "歇一歇，喝口水", 4_200_000,
        ((7, 5, "劳动光荣"), (8, 6, "清凉一夏"), (9, 7, "孩子来了")),
    ),
    SeasonPlan(
        "金秋·同行季", Festival.AUTUMN_BEGINS, "一起看看走了多远", 3_200_000,
        ((10, 8, "体检一次"), (11, 9, "中秋团圆"), (12, 10, "登高望远")),
    ),
)  # fmt: skip


class ActivityPlan(NamedTuple):
    """An activity: day and hours in Shanghai, places (None: nobody signs up), how many on one sign-up, money in fen."""

    on: dt.date
    hours: tuple[int, int, int]
    title: str
    board: Board
    unit: int | None
    where: str
    capacity: int | None = None
    party_max: int = 1
    budget_fen: int = 0
    festival: Festival | None = None


R, V, G, W = Board.RED, Board.VITAL, Board.GROWTH, Board.WARM
D = dt.date
#: In the order of days; hours are beginning, its minute, and how many minutes it takes.
ACTIVITIES: Sequence[ActivityPlan] = (
    ActivityPlan(D(2025, 11, 21), (9, 30, 120), "四季暖“蜂”启动与活动菜单", R, 0, CENTRE, None, 1, 300_000, Festival.LIGHT_SNOW),
    ActivityPlan(D(2025, 11, 28), (14, 0, 120), "第一期四方能量券怎么用", W, 0, CENTRE, 40, 1, 60_000),
    ActivityPlan(D(2025, 12, 18), (19, 0, 90), "冬天骑车怎么不摔：刹车、轮胎、雨裤", G, 0, f"{CENTRE} 2 楼", 5, 1, 30_000),
    ActivityPlan(D(2025, 12, 19), (14, 0, 150), "冬日健康站：量血压、颈肩理疗", W, 3, "华强街区驿站", 30, 1, 80_000),
    ActivityPlan(D(2025, 12, 20), (20, 30, 120), "一起看场电影", V, 2, "示例影城 6 厅", 6, 2, 120_000),
    ActivityPlan(D(2025, 12, 21), (11, 30, 90), "冬至吃碗热汤圆", R, 0, CENTRE, None, 1, 90_000, Festival.WINTER_SOLSTICE),
    ActivityPlan(D(2025, 12, 23), (19, 30, 90), "电动车保险怎么买、怎么赔", G, 0, "线上，手机听", 200),
    ActivityPlan(D(2025, 12, 26), (20, 0, 120), "篮球半场 3 对 3", V, 1, "白鹤镇文体中心", 32, 4, 40_000),
    ActivityPlan(D(2026, 1, 8), (18, 0, 120), "平安返乡包：路线、车票、车况检查", W, 0, CENTRE, 80, 1, 200_000),
    ActivityPlan(D(2026, 1, 26), (10, 0, 90), "腊八粥，听老师傅讲三件事", R, 0, "华新-华强街区", 40, 2, 50_000, Festival.LABA),
    ActivityPlan(D(2026, 2, 16), (17, 0, 180), "留下过年的团圆饭", R, 0, CENTRE, 60, 2, 400_000, Festival.NEW_YEARS_EVE),
    ActivityPlan(D(2026, 3, 5), (14, 0, 180), "一车一检", G, 0, "华强街区驿站", 50, 1, 100_000),
    ActivityPlan(D(2026, 3, 14), (19, 0, 120), "篮球半场赛", V, 1, "白鹤镇文体中心", 32, 4, 60_000),
    ActivityPlan(D(2026, 4, 11), (13, 30, 120), "叉车证、电工证怎么考", G, 2, "香花桥街道社区学校", 40, 1, 50_000),
    ActivityPlan(D(2026, 4, 20), (19, 0, 90), "党课搬到驿站", R, 0, "华强街区驿站", 30),
    ActivityPlan(D(2026, 5, 8), (9, 30, 120), "致敬奋斗 · 点赞先锋 · 赋能送暖", R, 0, CENTRE, None, 1, 300_000),
    ActivityPlan(D(2026, 5, 16), (9, 0, 180), "家属开放日", V, 0, CENTRE, 40, 4, 120_000),
    ActivityPlan(D(2026, 6, 5), (12, 0, 240), "清凉包与凉茶点", W, 3, "华强街区驿站", None, 1, 180_000, Festival.GRAIN_IN_EAR),
    ActivityPlan(D(2026, 7, 6), (8, 30, 480), "小候鸟暑托班", G, 2, "香花桥街道社区学校", 25, 2, 800_000),
    ActivityPlan(D(2026, 7, 23), (12, 0, 180), "大暑送冰水", W, 0, "华强街区驿站", None, 1, 60_000, Festival.GREAT_HEAT),
    ActivityPlan(D(2026, 8, 8), (8, 0, 240), "免费体检", W, 3, "白鹤镇社区卫生服务中心", 60, 1, 600_000),
    ActivityPlan(D(2026, 9, 12), (14, 0, 120), "法律门诊", G, 0, CENTRE, 20),
    ActivityPlan(D(2026, 9, 25), (19, 0, 150), "中秋歌会", V, 0, CENTRE, 100, 3, 200_000, Festival.MID_AUTUMN),
    ActivityPlan(D(2026, 10, 18), (8, 30, 240), "重阳登高", V, 1, "白鹤镇滨江步道", 40, 2, 80_000, Festival.DOUBLE_NINTH),
    ActivityPlan(D(2026, 10, 30), (14, 0, 120), "一年总结会", R, 0, CENTRE, 80, 1, 100_000),
)  # fmt: skip

#: What an activity of a festival is called in a year whose season has none.
WITHOUT_FESTIVAL: Mapping[str, str] = {
    "冬至吃碗热汤圆": "来吃碗热汤圆",
    "腊八粥，听老师傅讲三件事": "喝碗热粥，听老师傅讲三件事",
    "留下过年的团圆饭": "留下来的人一起吃顿饭",
    "大暑送冰水": "路上送冰水",
    "中秋歌会": "同行歌会",
    "重阳登高": "一起登高",
}
#: Unit -> what it brings, money in fen.
OFFERINGS: Sequence[tuple[int, OfferingKind, str, int | None]] = (
    (0, OfferingKind.VENUE, "党群服务中心两层，周一到周六", None),
    (0, OfferingKind.MONEY, "能量券和活动经费", 12_000_000),
    (1, OfferingKind.VENUE, "白鹤镇文体中心，周五晚上", None),
    (2, OfferingKind.DISCOUNT, "影城工作日优惠", None),
    (2, OfferingKind.COURSE, "职业资格考前辅导", None),
    (3, OfferingKind.COURSE, "健康站、急救课", None),
)
_ALL_DAY, _SHOP = [[0, 1440]], [[540, 1260]]
WEEK: Mapping[str, list[list[int]]] = {str(day): _SHOP for day in range(1, 7)} | {"7": [[600, 1080]]}
ROUND_THE_CLOCK: Mapping[str, list[list[int]]] = {str(day): _ALL_DAY for day in range(1, 8)}
#: Name, address, what is there, hours, longitude and latitude in millionths of a degree (WGS-84), made up.
STATIONS: Sequence[tuple[str, str, Sequence[str], Mapping[str, list[list[int]]], int, int]] = (
    (CENTRE, "华新镇示例路 1 号", [Facility.REST, Facility.DRINKING_WATER, Facility.HOT_FOOD, Facility.TOILET, Facility.BOOKS], WEEK, 121_231_000, 31_236_000),
    ("华强街区驿站", "华新镇示例路 88 号", [Facility.REST, Facility.DRINKING_WATER, Facility.CHARGING, Facility.COOL, Facility.FIRST_AID], ROUND_THE_CLOCK, 121_238_500, 31_232_200),
    ("换电点旁的小站", "华新镇示例支路 6 号", [Facility.BATTERY_SWAP, Facility.TOOLS], ROUND_THE_CLOCK, 121_226_300, 31_240_900),
)  # fmt: skip
#: How riders of the story are called, and what they do. Nobody's name.
RIDERS: Sequence[tuple[str, MemberWork]] = (
    ("早班的蜂", MemberWork.FOOD_RIDER),
    ("夜里送药的", MemberWork.FOOD_RIDER),
    ("三号网点", MemberWork.COURIER),
    ("大货慢慢开", MemberWork.TRUCK_DRIVER),
    ("晚高峰", MemberWork.RIDE_HAILING),
    ("雨天也来", MemberWork.FOOD_RIDER),
    ("双肩包", MemberWork.COURIER),
    ("老站长", MemberWork.COURIER),
    ("青浦小李子", MemberWork.RIDE_HAILING),
    ("跑单王不是我", MemberWork.FOOD_RIDER),
    ("一路向西", MemberWork.TRUCK_DRIVER),
    ("电瓶满格", MemberWork.FOOD_RIDER),
)


def season_begins(festival: Festival, year: int) -> dt.date:
    """The day of a term in a year."""
    return next(day for day, found in days_of(year).items() if festival in found)


class BatchPlan(NamedTuple):
    """Vouchers given out: released at ten in the morning of a day; sums in fen, hours in minutes of the day."""

    title: str
    kind: Worth
    released_on: dt.date
    use_until_on: dt.date
    stock: int
    cost_fen: int
    shop: int
    payer: int
    value_fen: int = 0
    percent: int = 0
    point_price: int = 0
    weekdays: tuple[int, ...] = tuple(range(7))
    hours: tuple[tuple[int, int], ...] = ()


#: Shops that take vouchers, and the party that is paid; made up.
SHOPS = ("1 号面馆（样例）", "2 号影城（样例）", "3 号诊所（样例）")
NOODLES, CINEMA, CLINIC = range(3)
MEALS = ((600, 840), (1020, 1260))
BATCHES: Sequence[BatchPlan] = (
    BatchPlan("热汤面一碗", Worth.FREE, D(2025, 11, 22), D(2026, 1, 1), 40, 1_200, NOODLES, 0, hours=MEALS),
    BatchPlan("电影票减 20 元", Worth.AMOUNT, D(2025, 11, 29), D(2026, 1, 16), 12, 1_500, CINEMA, 2, 2_000, weekdays=(0, 1, 2, 3)),
    BatchPlan("体检八折", Worth.PERCENT, D(2025, 12, 10), D(2026, 3, 1), 10, 3_000, CLINIC, 3, 3_000, 20),
    BatchPlan("用积分换的热汤面", Worth.FREE, D(2025, 12, 23), D(2026, 2, 4), 10, 1_200, NOODLES, 0, point_price=10, hours=MEALS),
)  # fmt: skip
#: Before the launch so many riders try each till with a voucher of its own.
TRIED_ON, TRYING = D(2025, 11, 12), 4
TRIALS: Sequence[BatchPlan] = (
    BatchPlan("试收：热饮一杯", Worth.FREE, TRIED_ON, D(2025, 11, 20), 8, 600, NOODLES, 0),
    BatchPlan("试收：电影票减 10 元", Worth.AMOUNT, TRIED_ON, D(2025, 11, 20), 8, 1_000, CINEMA, 2, 1_000),
    BatchPlan("试收：量血压", Worth.FREE, TRIED_ON, D(2025, 11, 20), 8, 800, CLINIC, 3),
)  # fmt: skip
#: When, which rider, what they noticed, where. The one that becomes a case is the first.
DEEDS: Sequence[tuple[dt.date, int, str, str]] = (
    (D(2025, 12, 9), 0, "路口盲道上停满电动车，盲人过不去。", "示例路口东侧"),
    (D(2025, 12, 10), 2, "小区北门台阶结冰，容易摔。", "示例小区北门"),
    (D(2025, 12, 11), 5, "路灯三盏不亮，晚上看不清。", "示例支路"),
    (D(2025, 12, 16), 7, "充电口漏雨，插头湿着。", "华强街区驿站旁"),
    (D(2026, 1, 6), 0, "窨井盖翘起来，压过去会响。", "示例路 60 号"),
    (D(2026, 1, 7), 9, "快递柜后面堆了杂物，挡住消防通道。", "示例小区 3 号门"),
    (D(2026, 1, 8), 11, "施工围挡倒了一块。", "示例支路口"),
    (D(2026, 3, 11), 2, "斑马线磨没了。", "学校门口"),
)
