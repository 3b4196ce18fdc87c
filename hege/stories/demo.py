"""The street of ``make demo``: the crisis on its worst day, with neighbours, and two streets more. All sample data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from hege.attachments.actions import add_files
from hege.attachments.rules import Purpose
from hege.cases.actions import dispatch_case, file_case, first_contact, give_feedback, sign_for
from hege.cases.reports import actions as cases
from hege.cases.rules import ReportKind
from hege.credentials.actions import open_key
from hege.kernel.calendar import DAY
from hege.kernel.database import atomic
from hege.kernel.money import yuan
from hege.kernel.statistics import count_uncounted
from hege.mediation.agreements import actions as mediation
from hege.mediation.dossier.actions import open_file, record_session, tell_rights
from hege.mediation.queries import parties_of, payable_fen
from hege.mediation.rules import FileSource
from hege.metering.actions import hang_posters
from hege.metering.models import SupplyPoint
from hege.metering.queries import the_point
from hege.people.models import Membership, Role, Street, User
from hege.procedures.actions import keep_watch
from hege.stories.crisis import Step
from hege.stories.drawings import signed_page
from hege.stories.handed_out import hand_out_papers
from hege.stories.honours import play_roll
from hege.stories.hours import at_noon
from hege.stories.neighbours import Neighbour, add_neighbours
from hege.stories.photographs import show_the_register, take_pictures
from hege.stories.programme import play_winter
from hege.stories.street import ROLE_NAMES, SAMPLE, Stage, set_stage
from hege.stories.water import PARTICULARS, UTILITY_ACCOUNT, Water

#: The street of the newspaper's case, that of the programme for riders and of the honour roll, and a third.
JIULITING, HUAXIN, BAIHE = "310117006", "310118107", "310118110"
#: Its code -> what its people's user names end with.
STREETS = {JIULITING: "", HUAXIN: "-huaxin", BAIHE: "-baihe"}


@dataclass
class Demo:
    """The three streets. Once ``begin`` is through everybody can sign in; ``fill`` plays what has happened until today, act
    by act, as a visitor could see it happen."""

    today: dt.date
    tell: Callable[[Step], None]
    water: Water = field(init=False)
    quiet: list[tuple[Stage, int]] = field(default_factory=list)

    @atomic
    def begin(self) -> None:
        """Streets, offices, people."""
        self.water = Water(self.today, tell=self.tell)
        self.water.set_the_stage()
        self.quiet = [
            (_street(HUAXIN, "华新镇", "华新综合网格", "华强居委", STREETS[HUAXIN], self.today), 100),
            (_street(BAIHE, "白鹤镇", "白鹤综合网格", "鹤祥居委", STREETS[BAIHE], self.today), 70),
        ]

        # The roll is played before the programme, whose letters are older: both are signed with the one key.
        open_key(self.quiet[0][0].street, by=None, at=at_noon(self.today - 400 * DAY))

    def fill(self) -> None:
        """Everything a visitor should find today; the day's watch over a street is the last act in it."""
        self.water.from_the_drawers()
        count_uncounted()  # these tables were empty a moment ago
        stage, today = self.water.stage, self.today
        take_pictures(self.water, today - DAY)
        hand_out_papers(self.water, today - DAY)
        add_neighbours(
            stage,
            [
                Neighbour("ZB-0112", "九杜路沿街", 12, 210),
                Neighbour("ZB-0208", "沪亭北路市集", 18, 320, shared_by="等额"),
                Neighbour("ZB-0265", "涞坊路商业街", 9, 150, collected=78),
                Neighbour("ZB-0340", "易富路沿街", 15, 260, passed_on=60),
            ],
            today=today,
        )
        show_the_register(stage, "ZB-0208", today)
        _arrivals(stage, today)
        _handed_in(stage, today)
        _mediation(stage, today)
        _end(stage, today)
        for stage, passed_on in self.quiet:
            _months_of(stage, today, passed_on=passed_on)
            if stage.street.code == HUAXIN:
                play_roll(stage, today, tell=self.tell)
                play_winter(stage, today, tell=self.tell)
            _end(stage, today)


def play_demo(today: dt.date, *, tell: Callable[[Step], None]) -> None:
    """All of it, at once."""
    demo = Demo(today, tell)
    demo.begin()
    demo.fill()


def is_sample() -> bool:
    """Whether this database holds sample streets and nothing else; one query."""
    runners = set(Street.objects.order_by().values_list("organisation__name", flat=True).distinct())
    return runners == {SAMPLE}


def is_half_played() -> bool:
    """Whether this is a demo, and nothing else, that was stopped before its end: a street was left without a watch."""
    return is_sample() and Street.objects.filter(daily_watch=None).exists()


def made_up(username: str) -> User | None:
    """One of the people every demo begins with, by user name; nobody that was added since."""
    roles = {f"{role.value}{suffix}": (code, role) for code, suffix in STREETS.items() for role in ROLE_NAMES}
    if username not in roles:
        return None
    code, role = roles[username]
    posts = Membership.objects.filter(street__code=code, street__organisation__name=SAMPLE, role=role)
    return User.objects.filter(username=username, is_active=True, memberships__in=posts).first()


def _end(stage: Stage, today: dt.date) -> None:
    for point in SupplyPoint.objects.filter(street=stage.street).select_related("street").order_by("code"):
        hang_posters(point, **stage.acting(Role.GRID_WORKER, today))
    keep_watch(stage.street, on=today, by=None, at=at_noon(today))


def _mediation(stage: Stage, today: dt.date) -> None:
    """A mediation over a neighbour's debt whose agreement is printed, signed by one side, and waits for the other."""
    point = the_point(stage.street, "ZB-0340")
    utility, manager = stage.parties["水务公司"], stage.parties["物业"]
    begun, met, now = (stage.acting(Role.MEDIATOR, today - n * DAY) for n in (6, 3, 0))
    file = open_file(
        stage.street, source=FileSource.APPLICATION, subject="物业代收水费未缴齐", summary="近两个月代收的水费没有交齐。",
        applicants=[utility], respondents=[manager], point=point, mediator=now["by"], **begun,
    )  # fmt: skip
    file = tell_rights(file, text="当面宣读，各方签收告知书。", **begun)
    record_session(file, text="物业认账，愿意分两期付清。", present="水务公司、物业", **met)
    for row in parties_of(file):
        mediation.write_particulars(row, PARTICULARS[row.party.name], **now)
    debt = payable_fen(point, on=today)
    mediation.draft_agreement(
        file, debtor=manager, debt_fen=debt,
        instalments=[(today + 30 * DAY, debt // 2), (today + 60 * DAY, debt - debt // 2)], pay_to=UTILITY_ACCOUNT,
        facts="物业代收水费，近两个月没有交齐，双方对金额没有争议。", terms="分两期汇入下列账户；逾期一期，全部到期。",
        **now,
    )  # fmt: skip
    mediation.print_agreement(file, **now)
    mediation.sign_agreement(file, signed={utility: today}, **now)
    add_files([signed_page(Purpose.SIGNED_PAGE, "ZB-0340", f"{today}", yuan(debt))], about=file, **now)


def _arrivals(stage: Stage, today: dt.date) -> None:
    """What came in lately and waits to be looked at."""
    for days, kind, text in (
        (3, ReportKind.HOTLINE, "夜里十一点后装卸货，声音很大，睡不着。"),
        (2, ReportKind.HOTLINE, "仓库夜间装卸噪声，已经一个星期。"),
        (1, ReportKind.PATROL, "沿街电动车飞线充电，三处。"),
        (0, ReportKind.SHOP, "下水倒灌进铺面，地上全是水。"),
    ):
        cases.submit_report(
            stage.street, kind=kind, text=text, place=stage.block, by=None, at=at_noon(today - days * DAY)
        )


def _handed_in(stage: Stage, today: dt.date) -> None:
    """A small case whose office says that it is done: another pair of eyes is to go and look."""
    filed, taken, done = (today - n * DAY for n in (7, 6, 2))
    case = file_case(
        stage.street, title="沿街 3 处护栏松动", summary="巡查时看到，推一下就晃。", place=stage.block,
        **stage.acting(Role.GRID_WORKER, filed),
    )  # fmt: skip
    case = dispatch_case(case, lead=stage.parties["城建中心"], days=7, **stage.acting(Role.COORDINATOR, filed))
    case = sign_for(case, **stage.acting(Role.CLERK, taken))
    case = first_contact(case, text="和物业约好，今天先围起来。", **stage.acting(Role.CLERK, taken))
    give_feedback(case, text="3 处都重新固定了，推不动。", **stage.acting(Role.CLERK, done))


def _street(code: str, name: str, grid: str, residence: str, suffix: str, today: dt.date) -> Stage:
    return set_stage(
        code=code, name=name, grid=grid, residence=residence, block=f"{name}第一街区", premises=f"{name}沿街",
        since=today - 400 * DAY, years=range(today.year - 2, today.year + 2), suffix=suffix,
    )  # fmt: skip


def _months_of(stage: Stage, today: dt.date, *, passed_on: int) -> None:
    """Some months of a street where things go well, or not quite."""
    name = stage.street.name
    add_neighbours(
        stage,
        [
            Neighbour("ZB-01", f"{name}东街", 14, 240),
            Neighbour("ZB-02", f"{name}西街", 10, 180, passed_on=passed_on),
            Neighbour("ZB-03", f"{name}菜场", 22, 410, collected=90 if passed_on < 100 else 100, shared_by="等额"),
        ],
        today=today,
    )
