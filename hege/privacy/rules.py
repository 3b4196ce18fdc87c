"""The one table of privacy classes (个人信息分级): every field of every model, in one class; no default, no wildcard.

* **P0 public** (公开): posted in the street or printed in the law.
* **P1 inside** (内部): the office's own work. Keys are P1: a key has no words of its own, what it points at has its class.
* **P2 personal** (个人信息): names, numbers and words that tell of a person. Leaves in a file only by right, with a line on the trail.
* **P3 secret** (保密): identity numbers, bank lines, who reported, what was said in mediation, hashes of passwords and
  tokens. Leaves in no file at all.

JSON and files are classed by the worst that can stand in them. Beside the classes stands whom a row is about, for what it is
held, and until when (Personal Information Protection Law, art. 6, 19, 45).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PrivacyClass(Enum):
    """How far a field may be seen (分级)."""

    PUBLIC = "P0"
    INSIDE = "P1"
    PERSONAL = "P2"
    SECRET = "P3"  # noqa: S105  # a class of fields, no password


class Subject(Enum):
    """Who a row can be about: somebody who signs in, a party (当事人、商户、单位), or a member (成员)."""

    USER = "people.User"
    PARTY = "people.Party"
    MEMBER = "members.Member"


class Kept(Enum):
    """Until when a row is kept (保存期限): a limit that the daily run keeps, or why there is none (art. 19)."""

    #: What the daily run deletes by itself; ``hege.privacy`` is held to it by a test.
    HOURS = "hours", _("几小时，到期由每日任务删除"), True
    DAYS = "days", _("几天，到期由每日任务删除"), True
    MONTHS = "months", _("几个月，到期由每日任务删除；还要有人处理的留到处理完"), True
    LAST_FEW = "last few", _("只留最近几条，旧的删除"), True
    #: What its owner deletes.
    UNTIL_LEAVING = "until leaving", _("到本人退出为止；退出时称呼和手机号马上删除，编号留下"), False
    #: What stays, and why.
    STANDS = "stands", _("在用期间；改动以新代旧"), False
    PROOF = "proof", _("长期：账和留痕逐行相扣，少一行就证明不了；凭证和账簿的保管期限按会计档案管理办法"), False
    OFFICE_FILE = "office file", _("长期：是街道的办事档案，销毁按档案管理规定由单位决定，本系统不自行删除"), False
    MEDIATION_FILE = "mediation file", _("长期：是调解卷宗，保管期限按档案管理规定，本系统不自行删除"), False
    WITH_ROWS = "with rows", _("与用到它的账、案件、留痕一样久"), False

    def __init__(self, code: str, words: Promise, swept: bool) -> None:  # noqa: FBT001  # a row of the table above
        self.code, self.words, self.swept = code, words, swept


class About(NamedTuple):
    """One way a row is about somebody: the path from the row to them, and what of the row they are told.

    ``key`` is what the path ends with (a user's name, where no key of ours is kept), ``only`` narrows the rows,
    ``during`` is the day of the row that has to lie within the tenancy at ``path``. ``name`` tells one way from another.
    """

    subject: Subject
    path: str
    told: str
    key: str = "pk"
    only: tuple[tuple[str, str], ...] = ()
    during: str = ""
    name: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """One model: its fields by class, what its rows are called, why they are held, until when, and whom they are about.

    ``untold`` says of each P2 or P3 field why nobody is told it as their own.
    """

    name: str | Promise
    why: str | Promise
    kept: Kept
    p0: str = ""
    p1: str = ""
    p2: str = ""
    p3: str = ""
    about: tuple[About, ...] = ()
    untold: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> Iterator[tuple[str, PrivacyClass]]:
        """Every field with its class, in the order of the classes."""
        for said, found in zip((self.p0, self.p1, self.p2, self.p3), PrivacyClass, strict=True):
            yield from ((name, found) for name in said.split())

    def of(self, *classes: PrivacyClass) -> list[str]:
        """The fields of some classes."""
        return [name for name, found in self.fields() if found in classes]


USER, PARTY, MEMBER = Subject.USER, Subject.PARTY, Subject.MEMBER

#: Why a field is told to nobody as their own. The first three protect others, the last two cannot be told apart.
OTHERS = "speaks of several people at once"
REPORTER = (
    "who reported is told to nobody but by looking it up, with a reason on the trail; a name or telephone proves nobody"
)
MEDIATION = "what one side said in mediation is kept from the other (People's Mediation Law art. 15)"
HASH = "a hash or token opens or proves something; it says nothing of anybody"
AS_WRITTEN = "a name as it stood on a paper; it proves nobody"
SOUGHT = "said again of rows that tell it themselves"
TYPED = "stands in its form for whoever typed it; it may speak of others"

WORK, ACCOUNTS = _("办理街道的事，留下是谁办的"), _("记清谁收了谁的水费、还欠多少")
HANDLING, MEDIATING = _("办理案件和反映"), _("人民调解和协议履行")
VOUCHERS = _("发放和结算能量券")
HONOURS = _("登记、核对和公开企业的荣誉")
EVIDENCE = _("留下现场和凭证的样子，证明做过的事")
CUTOFFS, FILES, UPKEEP = _("停水程序和预警"), _("导入文件并能查到出处"), _("系统运行")
SIGNING = _("让谁都能核对徽章是谁签的")
PROGRAMME = _("办四季暖蜂行动：谁带来什么、驿站在哪里、小区门口怎么走")
TAKING_PART = _("四季暖“蜂”的活动、能量券和报事")
DRAFTING = _("登录断了、网断了，填的内容不丢")
SIGN_IN, ROSTER = _("登录和防止冒用"), _("商铺、水表和网格底账")

TABLE: Mapping[str, Rows] = {
    # -- people: who signs in, and who it is all about -----------------------------------------------------------------
    "people.Organisation": Rows(_("运行单位"), WORK, Kept.STANDS, p0="name", p1="id"),
    "people.Street": Rows(_("街道"), WORK, Kept.STANDS, p0="code name phone", p1="id organisation second_person"),
    "people.User": Rows(
        _("登录账号"), SIGN_IN, Kept.WITH_ROWS,
        p1="id is_active must_change_password",
        p2="username full_name last_login created_at password_given_at", p3="password",
        about=(About(USER, "pk", "username full_name created_at last_login password_given_at is_active"),),
        untold={"password": HASH},
    ),
    "people.FormerPassword": Rows(
        _("用过的密码"), SIGN_IN, Kept.LAST_FEW, p1="id user until_at", p3="password",
        about=(About(USER, "user", "until_at"),), untold={"password": HASH},
    ),
    "people.SignInFailure": Rows(
        _("登录失败"), SIGN_IN, Kept.DAYS, p1="id at", p2="username address",
        about=(About(USER, "username", "at username address", key="username"),),
    ),
    "people.SecondFactor": Rows(
        _("第二重验证"), SIGN_IN, Kept.WITH_ROWS, p1="id user kind counter", p2="name added_at last_used_at ended_at",
        p3="secret credential",
        about=(About(USER, "user", "kind name added_at last_used_at ended_at"),),
        untold={"secret": HASH, "credential": HASH},
    ),
    "people.RecoveryCode": Rows(
        _("备用码"), SIGN_IN, Kept.WITH_ROWS, p1="id user", p2="made_at used_at ended_at", p3="digest",
        about=(About(USER, "user", "made_at used_at ended_at"),), untold={"digest": HASH},
    ),
    "people.Session": Rows(
        _("登录会话"), SIGN_IN, Kept.HOURS,
        p1="user expire_date", p2="opened_at address browser", p3="session_key session_data",
        about=(About(USER, "user", "opened_at address browser expire_date"),),
        untold={"session_key": HASH, "session_data": HASH},
    ),
    "people.Party": Rows(
        _("当事人、单位"), ROSTER, Kept.WITH_ROWS, p1="id street public_id kind inside", p2="name phone",
        about=(About(PARTY, "pk", "name phone"),),
    ),
    "people.Membership": Rows(
        _("任职"), WORK, Kept.WITH_ROWS, p1="id street user role party path from_on until_on granted_by",
        about=(
            About(USER, "user", "street__name role path from_on until_on"),
            About(PARTY, "party", "role from_on until_on"),
        ),
    ),
    "people.StaffRequest": Rows(
        _("双人复核的申请"), WORK, Kept.WITH_ROWS,
        p1="id street act user role party path from_on asked_by asked_at until_at state decided_by decided_at",
        p2="username full_name reason decision",
        about=(
            About(USER, "user", "act username full_name role from_on reason asked_at state decided_at decision"),
            About(PARTY, "party", "act role from_on"),
        ),
    ),
    # -- trail ---------------------------------------------------------------------------------------------------------
    "trail.TrailHead": Rows(_("留痕的末端"), UPKEEP, Kept.STANDS, p1="id street seq hash key recorded_at"),
    "trail.Witness": Rows(_("见证"), UPKEEP, Kept.PROOF, p1="id street kind note seq hash at"),
    "trail.Upkeep": Rows(_("运行维护"), UPKEEP, Kept.LAST_FEW, p1="id kind at well note data"),
    "outbox.Gateway": Rows(
        _("发送通道"), UPKEEP, Kept.STANDS, p1="id street channel host most_bytes a_minute a_month on changed_at",
        p3="sealed", untold={"sealed": HASH},
    ),
    "outbox.Wish": Rows(
        _("提醒方式"), WORK, Kept.STANDS, p1="id user", p2="channels mail phone quiet_from quiet_until at",
        about=(About(USER, "user", "channels mail phone quiet_from quiet_until at"),),
    ),
    "outbox.Message": Rows(
        _("消息"), WORK, Kept.MONTHS,
        p1="id street public_id event about about_id number said_day link channel user round state at tries next_at leased_until "
        "holder tried_at unsure key answer reason member_of", p2="read_at", p3="reporter_of",
        about=(
            About(USER, "user", "at event number read_at", only=(("channel", "bell"),)),
            About(MEMBER, "member_of", "at event number said_day state", key="public_id"),
        ),
        untold={"reporter_of": REPORTER},
    ),
    "jobs.Job": Rows(
        _("后台任务"), UPKEEP, Kept.STANDS,
        p1="id street public_id by at kind state done total found findings cancel ended_at topic arguments language tries made_size "
        "expires_at", p2="title refused made_name",
        about=(About(USER, "by", "at kind title state refused made_name"),),
    ),
    "workspace.Draft": Rows(
        _("没交出去的草稿"), DRAFTING, Kept.HOURS, p1="id user at address", p3="typed",
        about=(About(USER, "user", "at address"),), untold={"typed": TYPED},
    ),
    "workspace.SavedView": Rows(
        _("常用筛选"), WORK, Kept.STANDS, p1="id street public_id user path at", p2="name query",
        about=(About(USER, "user", "at name query"),),
    ),
    "search.Entry": Rows(
        _("检索用的字对"), WORK, Kept.WITH_ROWS, p1="id street thing about_id", p2="text grams",
        untold={"text": SOUGHT, "grams": SOUGHT},
    ),
    "jobs.Lease": Rows(_("后台工作"), UPKEEP, Kept.STANDS, p1="id name holder until"),
    "trail.IdempotencyKey": Rows(
        _("发过的表单"), SIGN_IN, Kept.DAYS, p1="id by at asked", p3="key answer",
        about=(About(USER, "by", "at"),), untold={"key": HASH, "answer": HASH},
    ),
    "trail.TrailLine": Rows(
        _("操作留痕"), WORK, Kept.PROOF,
        p1="id street seq recipe key recorded_at at by verb thing thing_id previous hash", p2="on_behalf data",
        about=(
            About(USER, "by", "at verb thing", name=_("您办的事")),
            About(USER, "thing_id", "at verb data", only=(("thing", "people.user"),), name=_("关于您的操作留痕")),
            About(PARTY, "thing_id", "at verb data", only=(("thing", "people.party"),)),
        ),
        untold={"on_behalf": AS_WRITTEN},
    ),
    # -- places --------------------------------------------------------------------------------------------------------
    "places.Place": Rows(
        _("网格"), ROSTER, Kept.WITH_ROWS, p0="code name level polygon", p1="id street parent path from_on until_on"
    ),
    "places.Unit": Rows(
        _("商铺"), ROSTER, Kept.WITH_ROWS, p0="code name", p1="id street place use area_sqm link_serial"
    ),
    "places.UnitLink": Rows(
        _("商铺的二维码"), ROSTER, Kept.WITH_ROWS, p1="id street unit serial created_at revoked_at", p3="token_hash",
        untold={"token_hash": HASH},
    ),
    "places.Tenancy": Rows(
        _("租期"), ROSTER, Kept.WITH_ROWS, p1="id street unit party from_on until_on",
        about=(About(PARTY, "party", "unit__code unit__name from_on until_on"),),
    ),
    "places.CalendarDay": Rows(
        _("工作日历"), WORK, Kept.STANDS, p0="day kind name source confirmed", p1="id street"
    ),
    # -- credentials ---------------------------------------------------------------------------------------------------
    "credentials.IssuerKey": Rows(
        _("签发钥匙"), SIGNING, Kept.WITH_ROWS, p0="serial public_key from_at until_at", p1="id street"
    ),
    # -- ledger: sums are the street's books; a person's are told where they were booked from -------------------------------
    "ledger.Book": Rows(_("账本"), ACCOUNTS, Kept.PROOF, p1="id street chart"),
    "ledger.Account": Rows(_("科目"), ACCOUNTS, Kept.PROOF, p1="id street book kind tenancy party member"),
    "ledger.SourceFile": Rows(
        _("来源文件"), FILES, Kept.PROOF, p1="id by at street kind sha256 row_count booked_count", p2="name content",
        untold={"name": OTHERS, "content": OTHERS},
    ),
    "ledger.SourceRow": Rows(
        _("来源行"), FILES, Kept.PROOF, p1="id street source digest file row_number", p2="key raw",
        untold={"key": OTHERS, "raw": OTHERS},
    ),
    "ledger.FoldedKey": Rows(
        _("来源行的查找键"), FILES, Kept.PROOF, p1="id street row source", p2="key", untold={"key": OTHERS}
    ),
    "ledger.Transaction": Rows(
        _("交易"), ACCOUNTS, Kept.PROOF,
        p1="id street by recorded_at book kind effective_on source_row depends_on reverses reason document_digest digest",
    ),
    "ledger.Transfer": Rows(
        _("分录"), ACCOUNTS, Kept.PROOF, p1="id street book transaction debit credit amount_fen effective_on"
    ),
    "ledger.Evidence": Rows(
        _("证据"), ACCOUNTS, Kept.PROOF,
        p1="id street by recorded_at transaction side kind supports document stated_on source_row",
    ),
    "ledger.OpenClaim": Rows(_("未证实的交易"), ACCOUNTS, Kept.STANDS, p1="id street book transaction level"),
    "ledger.MonthTotal": Rows(_("月发生额"), ACCOUNTS, Kept.STANDS, p1="id street account month_on fen unproven_fen"),
    "ledger.AccountTotal": Rows(_("累计发生额"), ACCOUNTS, Kept.STANDS, p1="id street account against fen unproven_fen"),
    "ledger.BalanceAssertion": Rows(
        _("余额核对"), ACCOUNTS, Kept.PROOF,
        p1="id by recorded_at street book account_kind tenancy on amount_fen document note source_row",
    ),
    # -- points: who got them is told by what they got -------------------------------------------------------------------
    "points.PointRule": Rows(
        _("积分规则"), PROGRAMME, Kept.STANDS, p0="number from_on per_deed day_cap season_cap life_days",
        p1="id street by recorded_at",
    ),
    "points.Balance": Rows(
        _("积分和荣誉时长"), PROGRAMME, Kept.PROOF, p1="id street member points_account minutes_account points minutes",
        about=(About(MEMBER, "member", "points minutes"),),
    ),
    "points.Lot": Rows(
        _("一批积分"), PROGRAMME, Kept.PROOF, p1="id street member transaction granted remaining expires_on",
        about=(About(MEMBER, "member", "granted remaining expires_on"),),
    ),
    "points.LotUse": Rows(_("从哪批扣的积分"), PROGRAMME, Kept.PROOF, p1="id street lot transaction points"),
    # -- deeds: who reported what is told to nobody but to themselves -----------------------------------------------------
    "deeds.Round": Rows(
        _("发放积分的一轮"), PROGRAMME, Kept.PROOF, p1="id street week_on looked_at number members given taken_back entry"
    ),
    "deeds.Deed": Rows(
        _("成员报的事"), PROGRAMME, Kept.PROOF, p1="id street public_id reported_on season posted_in points taken_back_in",
        p3="member report", about=(About(MEMBER, "member", "reported_on report__text points"),),
        untold={"member": REPORTER, "report": REPORTER},
    ),
    "deeds.DeedPicture": Rows(
        _("随手报的照片"), PROGRAMME, Kept.PROOF, p1="id street", p3="deed sha256",
        untold={"deed": REPORTER, "sha256": HASH},
    ),
    # -- metering ------------------------------------------------------------------------------------------------------
    "metering.SupplyPoint": Rows(
        _("总表"), ROSTER, Kept.WITH_ROWS, p1="id street code name location place book"
    ),
    "metering.PointRole": Rows(
        _("总表的户主和代收人"), ROSTER, Kept.WITH_ROWS, p1="id street point kind party from_on until_on",
        about=(About(PARTY, "party", "point__code kind from_on until_on"),),
    ),
    "metering.Connection": Rows(
        _("接水关系"), ROSTER, Kept.WITH_ROWS, p1="id street unit point awaited_sub from_on until_on"
    ),
    "metering.Meter": Rows(
        _("水表"), ROSTER, Kept.WITH_ROWS,
        p1="id street number kind point unit diameter_mm digits started_on started_litres ended_on ended_litres verified_on location",
    ),
    "metering.Reading": Rows(
        _("读数"), ACCOUNTS, Kept.PROOF,
        p1="id by recorded_at street meter read_on litres method note corrects rollovers source_row", p2="reader",
        untold={"reader": AS_WRITTEN},
    ),
    # -- billing -------------------------------------------------------------------------------------------------------
    "billing.Tariff": Rows(_("价目"), ACCOUNTS, Kept.PROOF, p0="name sample from_on until_on", p1="id street"),
    "billing.TariffComponent": Rows(
        _("价目的组成"), ACCOUNTS, Kept.PROOF, p0="kind yuan_per_m3 factor", p1="id street tariff"
    ),
    "billing.MethodChoice": Rows(
        _("分摊办法"), ACCOUNTS, Kept.PROOF, p1="id street by at point method from_on decision"
    ),
    "billing.Bill": Rows(
        _("水费账单"), ACCOUNTS, Kept.PROOF,
        p1="id street point number from_on until_on previous_litres current_litres volume_litres amount_fen due_on issued_on transaction",
    ),
    "billing.BillComponent": Rows(_("账单的组成"), ACCOUNTS, Kept.PROOF, p1="id street bill kind amount_fen"),
    "billing.Allocation": Rows(
        _("分摊单"), ACCOUNTS, Kept.PROOF, p1="id by at street bill method inputs transaction corrects decision"
    ),
    "billing.Share": Rows(
        _("分摊"), ACCOUNTS, Kept.PROOF, p1="id street allocation tenancy weight parts_fen amount_fen estimated",
        about=(About(PARTY, "tenancy__party", "allocation__bill__number amount_fen"),),
    ),
    "billing.Payment": Rows(
        _("付款"), ACCOUNTS, Kept.PROOF,
        p1="id street point transaction tenancy agent amount_fen means voucher", p2="counterparty note",
        about=(
            About(PARTY, "tenancy__party", "transaction__effective_on amount_fen means voucher counterparty note"),
            About(PARTY, "agent", "transaction__effective_on amount_fen means voucher", name=_("经手代收的付款")),
        ),
    ),
    "billing.Acknowledgement": Rows(
        _("欠费确认"), ACCOUNTS, Kept.PROOF,
        p1="id by recorded_at street point tenancy on amount_fen voucher source_row", p2="note",
        about=(About(PARTY, "tenancy__party", "on amount_fen voucher note"),),
    ),
    "billing.Designation": Rows(
        _("付款的指定用途"), ACCOUNTS, Kept.PROOF, p1="id street by recorded_at transaction number debt side", p2="words",
        about=(About(PARTY, "transaction__payment__tenancy__party", "transaction__effective_on debt words"),),
    ),
    "billing.Plan": Rows(
        _("分期计划"), ACCOUNTS, Kept.PROOF, p1="id street by recorded_at book number agreement effective_on amount_fen"
    ),
    "billing.PlanPart": Rows(_("分期计划的各期"), ACCOUNTS, Kept.PROOF, p1="id street plan number due_on amount_fen"),
    "billing.Application": Rows(
        _("付款的抵充"), ACCOUNTS, Kept.PROOF,
        p1="id street by recorded_at book tenancy transaction plan debt on amount_fen derived",
        about=(About(PARTY, "tenancy__party", "on debt amount_fen"),),
    ),
    "billing.UtilityAccount": Rows(
        _("水务公司的收款账户"), ACCOUNTS, Kept.PROOF, p0="holder bank number words",
        p1="id street document named_by named_at confirmed_by confirmed_at ended_at",
    ),
    "billing.AgentWord": Rows(
        _("代收人的说法"), ACCOUNTS, Kept.PROOF,
        p1="id street public_id point agent kind tenancy transaction on amount_fen means voucher by said_at state decided_by"
        " decided_at",
        p2="text note",
        about=(About(PARTY, "agent", "said_at kind on amount_fen means voucher text state note"),),
    ),
    # -- cases ---------------------------------------------------------------------------------------------------------
    "cases.NumberSeries": Rows(_("编号"), HANDLING, Kept.STANDS, p1="id street series year last"),
    "cases.Case": Rows(
        _("案件"), HANDLING, Kept.OFFICE_FILE,
        p1="id street public_id number title state state_at version point place filed_at filed_by dispatched_on contact_due_on"
        " due_on checked_by closed_at satisfied held_from held_on held_until state_reason bounces holds reworks reopenings",
        p2="summary", untold={"summary": OTHERS},
    ),
    "cases.Report": Rows(  # of a shop's report the shop is the reporter
        _("反映"), HANDLING, Kept.OFFICE_FILE, p1="id street public_id kind state reference place point case submitted_at",
        p2="text finding", p3="unit", untold={"text": REPORTER, "finding": OTHERS, "unit": REPORTER},
    ),
    "cases.Reporter": Rows(
        _("反映人"), HANDLING, Kept.OFFICE_FILE, p1="id street", p3="report name phone words follows",
        untold={"report": REPORTER, "follows": REPORTER, "name": REPORTER, "phone": REPORTER, "words": REPORTER},
    ),
    "cases.SurveyVisit": Rows(
        _("走访"), HANDLING, Kept.OFFICE_FILE,
        p1="id by recorded_at street unit case visited_on pays_how receipts_held receipts_fen unpaid_fen own_meter",
        p2="wish note", p3="report",
        about=(
            About(
                PARTY, "unit__tenancies", during="visited_on",
                told="visited_on pays_how receipts_held receipts_fen unpaid_fen own_meter wish note",
            ),
        ),
        untold={"report": REPORTER},
    ),
    "cases.CaseParty": Rows(
        _("案件参与"), HANDLING, Kept.OFFICE_FILE, p1="id street case party role from_on until_on",
        about=(About(PARTY, "party", "case__number role from_on until_on"),),
    ),
    "cases.Task": Rows(
        _("任务"), HANDLING, Kept.OFFICE_FILE,
        p1="id street public_id case party title state days dispatched_on due_on signed_at finished_at document answered_by reason bounces"
        " held_on held_until handler",
        p2="text answer answered_on_behalf",
        about=(About(PARTY, "party", "title text dispatched_on due_on answer answered_on_behalf"),),
    ),
    "cases.TimelineLine": Rows(
        _("办理经过"), HANDLING, Kept.OFFICE_FILE, p1="id street by at case kind internal document", p2="on_behalf text said",
        untold={"on_behalf": AS_WRITTEN, "text": OTHERS, "said": OTHERS},
    ),
    "cases.TaskLink": Rows(
        _("答复链接"), HANDLING, Kept.OFFICE_FILE,
        p1="id street task made_by made_at expires_at opened used_at revoked_at used_through", p3="token_hash",
        about=(About(PARTY, "task__party", "made_at expires_at opened used_at"),), untold={"token_hash": HASH},
    ),
    "cases.Urging": Rows(
        _("催办"), HANDLING, Kept.OFFICE_FILE, p1="id street by at case task party on told", p2="words",
        about=(About(PARTY, "party", "on words"),),
    ),
    "cases.CaseFollow": Rows(_("关注的案件"), HANDLING, Kept.OFFICE_FILE, p1="id street case user on at"),
    "cases.CaseRequest": Rows(
        _("申请"), HANDLING, Kept.OFFICE_FILE,
        p1="id street kind case task was_due_on due_on until_on asked_by asked_at state decided_by decided_at",
        p2="reason on_behalf decision",
        about=(About(PARTY, "task__party", "due_on until_on reason asked_at decided_at decision"),),
        untold={"on_behalf": AS_WRITTEN},
    ),
    # -- conferences ---------------------------------------------------------------------------------------------------
    "conferences.Conference": Rows(
        _("联席会议"), HANDLING, Kept.OFFICE_FILE,
        p1="id street public_id case round state agenda place called_on meets_on held_on reason",
    ),
    "conferences.Attendance": Rows(
        _("到会"), HANDLING, Kept.OFFICE_FILE, p1="id street conference party invited_at attended", p2="delegate",
        about=(About(PARTY, "party", "conference__case__number conference__meets_on attended delegate"),),
    ),
    "conferences.Minutes": Rows(
        _("会议纪要"), HANDLING, Kept.OFFICE_FILE, p1="id street conference sha256 trail_seq trail_head signed_by signed_at",
        p2="text decisions attendance", untold={"text": OTHERS, "decisions": OTHERS, "attendance": OTHERS},
    ),
    "conferences.Decision": Rows(
        _("议定事项"), HANDLING, Kept.OFFICE_FILE,
        p1="id street conference number lead measure due_on evidence_required state evidence document reported_on reported_by"
        " done_on confirmed_by reason",
        about=(About(PARTY, "lead", "measure due_on evidence done_on"),),
    ),
    "conferences.AssistingParty": Rows(_("配合单位"), HANDLING, Kept.OFFICE_FILE, p1="id street decision party"),
    # -- programme.seasons: what the street says in public ---------------------------------------------------------------
    "seasons.Season": Rows(
        _("季"), PROGRAMME, Kept.OFFICE_FILE, p0="name slogan from_on until_on", p1="id street public_id budget_fen version"
    ),
    "seasons.Topic": Rows(_("专题"), PROGRAMME, Kept.OFFICE_FILE, p0="number month_on name", p1="id street season"),
    "seasons.Activity": Rows(
        _("活动"), PROGRAMME, Kept.OFFICE_FILE,
        p0="public_id title words board where starts_at ends_at capacity taken party_max signup_opens_at signup_closes_at"
        " waiting_list festival state published_at reason ics_sequence",
        p1="id street season topic unit station budget_fen spent_fen planned_by published_by version",
    ),
    "seasons.ActivityStep": Rows(
        _("活动经过"), PROGRAMME, Kept.OFFICE_FILE, p0="state capacity at", p1="id street activity"
    ),
    # -- programme.thanks: given to members, with their consent named --------------------------------------------------------
    "thanks.Thanks": Rows(
        _("致谢"), PROGRAMME, Kept.OFFICE_FILE, p0="public_id kind title approval_no state number shown_until_on given_at",
        p1="id street member season", p2="words deeds minutes attended",
        about=(About(MEMBER, "member", "kind title words number deeds minutes attended given_at", only=(("state", "given"),)),),
    ),
    "thanks.ThanksStep": Rows(_("致谢办理"), PROGRAMME, Kept.OFFICE_FILE, p0="to at words", p1="id street by thanks"),
    "thanks.ThanksObjection": Rows(
        _("对致谢的异议"), PROGRAMME, Kept.OFFICE_FILE, p1="id street public_id thanks at", p2="words", untold={"words": OTHERS}
    ),
    "thanks.ThanksObjectionDecision": Rows(
        _("致谢异议处理"), PROGRAMME, Kept.OFFICE_FILE, p0="decision words at", p1="id street by objection"
    ),
    "thanks.ThanksBadge": Rows(
        _("致谢的徽章"), PROGRAMME, Kept.OFFICE_FILE, p0="place key_serial signed at", p1="id street thanks"
    ),
    "thanks.RunSheet": Rows(
        _("流程单和小结"), PROGRAMME, Kept.OFFICE_FILE, p0="approval_no words came pictures_agreed published_at",
        p1="id street activity written_by published_by version", p2="parts", untold={"parts": OTHERS},
    ),
    "thanks.ServiceCertificate": Rows(
        _("志愿服务记录证明"), PROGRAMME, Kept.OFFICE_FILE, p1="id street by at public_id number member",
        p2="from_on until_on minutes lines", about=(About(MEMBER, "member", "number from_on until_on minutes lines"),),
    ),
    # -- papers: whoever holds one is told of it by its code, and nothing more than its figure --------------------------------
    "papers.Paper": Rows(
        _("文书"), HANDLING, Kept.OFFICE_FILE,
        p1="id street by at public_id kind number point unit notice conference total_fen digest check_code", p2="content",
        untold={"content": OTHERS},
    ),
    "papers.PaperVoid": Rows(
        _("作废的文书"), HANDLING, Kept.OFFICE_FILE, p1="id street by at paper", p2="reason", untold={"reason": OTHERS}
    ),
    # -- mediation -----------------------------------------------------------------------------------------------------
    "mediation.Dossier": Rows(
        _("调解案件"), MEDIATING, Kept.MEDIATION_FILE,
        p1="id street public_id number case point source mediator state opened_on rights_told_on ended_on archived_on",
        p2="subject", p3="summary reason",
        about=(About(PARTY, "parties__party", "number subject opened_on state"),),
        untold={"summary": MEDIATION, "reason": MEDIATION},
    ),
    "mediation.MediationParty": Rows(
        _("调解当事人"), MEDIATING, Kept.MEDIATION_FILE,
        p1="id street file party side", p2="address phone representative post", p3="identity_kind identity_number about",
        about=(
            About(
                PARTY, "party",
                "file__number side identity_kind identity_number address phone representative post about",
            ),
        ),
    ),
    "mediation.MediationDocument": Rows(
        _("卷宗文书"), MEDIATING, Kept.MEDIATION_FILE, p1="id street file kind position state happened_on by", p3="text",
        untold={"text": MEDIATION},
    ),
    "mediation.SupplementaryPaper": Rows(
        _("补充文书"), MEDIATING, Kept.MEDIATION_FILE, p1="id street by recorded_at file kind happened_on", p3="text",
        untold={"text": MEDIATION},
    ),
    "mediation.MediationRecord": Rows(
        _("调解记录"), MEDIATING, Kept.MEDIATION_FILE, p1="id street by recorded_at file kind held_on satisfied",
        p3="present text", untold={"present": MEDIATION, "text": MEDIATION},
    ),
    "mediation.Authorisation": Rows(
        _("授权委托书"), MEDIATING, Kept.MEDIATION_FILE,
        p1="id street by recorded_at file party agent scope paper given_on",
        about=(
            About(PARTY, "party", "file__number scope paper given_on", name=_("授权给别人的委托书")),
            About(PARTY, "agent", "file__number scope paper given_on", name=_("别人授权的委托书")),
        ),
    ),
    "mediation.AgreementDraft": Rows(
        _("协议草案"), MEDIATING, Kept.MEDIATION_FILE,
        p1="id street file form point debtor debt_fen counted_on ledger_fen committee manner schedule saved_at by",
        p2="difference facts terms statement payee bank", p3="account",
        about=(About(PARTY, "file__parties__party", "debt_fen facts terms statement"),),
        untold={"difference": OTHERS, "payee": AS_WRITTEN, "bank": AS_WRITTEN, "account": AS_WRITTEN},
    ),
    "mediation.AgreementPrint": Rows(
        _("打印稿"), MEDIATING, Kept.MEDIATION_FILE, p1="id street by at file number sha256", p3="content",
        untold={"content": OTHERS},
    ),
    "mediation.Agreement": Rows(
        _("调解协议"), MEDIATING, Kept.MEDIATION_FILE,
        p1="id street public_id file point debtor form effective_on debt_fen state breached_on performed_on confirmation applied_on"
        " court decided_on ruling printed",
        about=(About(PARTY, "file__parties__party", "file__number effective_on debt_fen state"),),
    ),
    "mediation.AgreementText": Rows(
        _("协议内容"), MEDIATING, Kept.MEDIATION_FILE, p1="id street agreement sha256 at", p2="facts terms statement",
        about=(About(PARTY, "agreement__file__parties__party", "at facts terms statement"),),
    ),
    "mediation.Signature": Rows(
        _("签名"), MEDIATING, Kept.MEDIATION_FILE, p1="id street agreement printed kind party agent signed_on",
        about=(About(PARTY, "party", "kind signed_on"), About(PARTY, "agent", "kind signed_on", name=_("代人签名"))),
    ),
    "mediation.Instalment": Rows(
        _("分期"), MEDIATING, Kept.MEDIATION_FILE, p1="id street agreement number due_on amount_fen"
    ),
    # -- arrears -------------------------------------------------------------------------------------------------------
    "arrears.CutoffNotice": Rows(
        _("停水程序"), CUTOFFS, Kept.OFFICE_FILE,
        p1="id street public_id point case state version opened_on affected served_at served_how served_proof filing not_before_at"
        " cut_at restore_due_at restored_at ended_at ended_reason",
    ),
    "arrears.Demand": Rows(
        _("催缴"), CUTOFFS, Kept.OFFICE_FILE, p1="id street by recorded_at notice overdue_fen how proof delivered_on"
    ),
    "arrears.Deferral": Rows(
        _("暂缓停水"), CUTOFFS, Kept.OFFICE_FILE,
        p1="id street public_id notice state from_on until_on renews renewals agreement decision lapsed_on lapse_reason ended_at",
    ),
    "arrears.UtilityConsent": Rows(
        _("水务公司的同意"), CUTOFFS, Kept.OFFICE_FILE,
        p1="id street by recorded_at notice deferral agreement until_on said_on document", p2="said_by",
        untold={"said_by": AS_WRITTEN},
    ),
    "arrears.DeferralCondition": Rows(
        _("暂缓的条件"), CUTOFFS, Kept.OFFICE_FILE,
        p1="id street deferral kind fen text due_on fulfilled_on fulfilled_at evidence",
    ),
    "arrears.EarlyWarning": Rows(
        _("预警"), CUTOFFS, Kept.OFFICE_FILE,
        p1="id street public_id point kind state_key since figures evidence fired_on seen_on ended_on state acknowledged_by"
        " acknowledged_at note report",
    ),
    "arrears.Threshold": Rows(
        _("预警的界限"), CUTOFFS, Kept.STANDS, p1="id street kind value from_on source reason recorded_at"
    ),
    "arrears.DailyWatch": Rows(_("每日核对"), UPKEEP, Kept.STANDS, p1="id street kept_on kept_at lease_until"),
    # -- imports -------------------------------------------------------------------------------------------------------
    "attachments.Attachment": Rows(
        _("照片和文书"), EVIDENCE, Kept.PROOF,
        p1="id street by at public_id about about_id purpose media_type size sha256 small_sha256 width height original_sha256"
        " original_size covers",
        p2="name on_behalf", untold={"name": OTHERS, "on_behalf": OTHERS},
    ),
    # -- honours: of firms, given by others; the roll holds no personal data -------------------------------------------------
    "honours.HonourSetting": Rows(_("荣誉榜的设置"), HONOURS, Kept.STANDS, p1="id street kind value"),
    "honours.Firm": Rows(_("企业"), HONOURS, Kept.WITH_ROWS, p0="name folded code organisation_code public_id", p1="id street place"),
    "honours.AwardingBody": Rows(_("颁发单位"), HONOURS, Kept.WITH_ROWS, p0="name kind publishes_at", p1="id street"),
    "honours.NumberPattern": Rows(
        _("号码格式"), HONOURS, Kept.STANDS, p0="name template source since_on", p1="id street ended_at"
    ),
    "honours.Clipping": Rows(
        _("剪报"), HONOURS, Kept.OFFICE_FILE, p1="id street by at public_id source source_page source_on", p2="text",
        untold={"text": OTHERS},
    ),
    "honours.ClippingDecision": Rows(_("剪报的疑点"), HONOURS, Kept.OFFICE_FILE, p1="id street by at clipping cell doubt choice"),
    "honours.Honour": Rows(
        _("荣誉"), HONOURS, Kept.OFFICE_FILE, p0="public_id state shown_until_on published_at",
        p1="id street firm version likeness",
    ),
    "honours.HonourVersion": Rows(
        _("荣誉内容"), HONOURS, Kept.OFFICE_FILE,
        p0="title kind level issued_on expires_on approval_no trade_mark source source_page source_on reason number at",
        p1="id street by honour body clipping cell", p2="as_printed", untold={"as_printed": OTHERS},
    ),
    "honours.HonourItem": Rows(
        _("荣誉的条目"), HONOURS, Kept.OFFICE_FILE, p0="kind name number_as_printed number_as_read number_kind",
        p1="id street version",
    ),
    "honours.HonourStep": Rows(
        _("荣誉办理"), HONOURS, Kept.OFFICE_FILE, p0="to at seen consent shown_until_on words", p1="id street by honour version"
    ),
    "honours.Badge": Rows(_("徽章"), HONOURS, Kept.OFFICE_FILE, p0="place key_serial signed at", p1="id street version"),
    "honours.Objection": Rows(
        _("异议"), HONOURS, Kept.OFFICE_FILE, p1="id street public_id honour version at", p2="words", untold={"words": OTHERS}
    ),
    "honours.Objector": Rows(
        _("异议人"), HONOURS, Kept.OFFICE_FILE, p1="id street objection", p3="contact words",
        untold={"contact": REPORTER, "words": REPORTER},
    ),
    "honours.ObjectionDecision": Rows(
        _("异议处理"), HONOURS, Kept.OFFICE_FILE, p0="decision words at", p1="id street by objection"
    ),
    # -- the programme: alliance, stations, sheets for gates -------------------------------------------------------------
    "alliance.AllianceUnit": Rows(
        _("联盟单位"), PROGRAMME, Kept.OFFICE_FILE, p0="public_id from_on until_on", p1="id street party ended_reason",
        p2="contact", about=(About(PARTY, "party", "contact from_on until_on"),),
    ),
    "alliance.Offering": Rows(
        _("联盟单位带来的"), PROGRAMME, Kept.OFFICE_FILE, p0="public_id kind words from_on until_on",
        p1="id street unit amount_fen ended_reason", about=(About(PARTY, "unit__party", "kind words amount_fen from_on until_on"),),
    ),
    "alliance.Station": Rows(
        _("驿站"), PROGRAMME, Kept.OFFICE_FILE, p0="public_id name address lon_e6 lat_e6 facilities hours opened_at looked_on",
        p1="id street place unit looked_by closed_at closed_reason",
    ),
    "alliance.StreetMap": Rows(_("底图"), PROGRAMME, Kept.OFFICE_FILE, p0="lines source at", p1="id street by"),
    "alliance.GateFact": Rows(
        _("门口图的一条"), PROGRAMME, Kept.OFFICE_FILE, p0="public_id kind words lon_e6 lat_e6 looked_on next_look_on",
        p1="id street place report looked_by ended_at ended_reason",
    ),
    # -- members -------------------------------------------------------------------------------------------------------
    "members.Member": Rows(
        _("成员"), TAKING_PART, Kept.UNTIL_LEAVING, p1="id street public_id number work joined_at joined_how left_at",
        p2="called phone", about=(About(MEMBER, "pk", "number called phone work joined_at joined_how left_at"),),
    ),
    "members.Consent": Rows(
        _("成员的同意"), TAKING_PART, Kept.OFFICE_FILE, p1="id street member kind given wording at",
        about=(About(MEMBER, "member", "kind given wording at"),),
    ),
    "members.JoinCode": Rows(
        _("验证码"), TAKING_PART, Kept.DAYS, p1="id street public_id tries made_at until_at proven_at used_at", p2="phone address",
        p3="browser_hash", about=(About(MEMBER, "phone", "phone address made_at used_at", key="phone"),),
        untold={"browser_hash": HASH},
    ),
    "members.MemberRole": Rows(
        _("聘任"), TAKING_PART, Kept.OFFICE_FILE,
        p1="id street public_id member role area number appointed_by appointed_at from_on until_on ended_reason",
        about=(
            About(MEMBER, "member", "role number from_on until_on ended_reason"),
            About(USER, "appointed_by", "role number appointed_at"),
        ),
    ),
    "members.MemberDevice": Rows(
        _("成员开通的手机"), TAKING_PART, Kept.STANDS, p1="id street member how opened_at ended_at", p2="browser", p3="token_hash",
        about=(About(MEMBER, "member", "browser how opened_at ended_at"),), untold={"token_hash": HASH},
    ),
    "members.Invitation": Rows(
        _("成员卡和驿站的码"), TAKING_PART, Kept.STANDS,
        p1="id street public_id kind label member made_by made_at until_at used_at ended_at", p3="token_hash",
        about=(
            About(MEMBER, "member", "kind made_at until_at used_at ended_at", name=_("成员卡")),
            About(USER, "made_by", "kind label made_at"),
        ),
        untold={"token_hash": HASH},
    ),
    # -- vouchers --------------------------------------------------------------------------------------------------------
    "vouchers.Merchant": Rows(
        _("收券的商户"), VOUCHERS, Kept.OFFICE_FILE, p0="public_id name address from_on until_on", p1="id street party place host",
        about=(About(PARTY, "party", "name address from_on until_on"), About(PARTY, "host", "name from_on until_on", name=_("替它付款的商户"))),
    ),
    "vouchers.Batch": Rows(
        _("券批次"), VOUCHERS, Kept.OFFICE_FILE,
        p0="public_id title words kind value_fen percent stock per_member point_price releases_at claim_until_at use_from_on "
        "use_until_on weekdays hours",
        p1="id street cost_fen claimed budget_fen committed_fen payer state version made_by made_at approved_by approved_at "
        "closed_at closed_reason",
        about=(
            About(PARTY, "payer", "title cost_fen budget_fen committed_fen"),
            About(USER, "made_by", "title made_at", name=_("做的券批次")),
            About(USER, "approved_by", "title approved_at", name=_("批准的券批次")),
        ),
    ),
    "vouchers.BatchMerchant": Rows(
        _("哪家店收哪批券"), VOUCHERS, Kept.OFFICE_FILE, p1="id street batch merchant ended_at"
    ),
    "vouchers.Claim": Rows(
        _("领到的券"), VOUCHERS, Kept.OFFICE_FILE, p1="id street public_id batch member seq number at", p3="secret",
        about=(About(MEMBER, "member", "batch__title number at"),), untold={"secret": HASH},
    ),
    "vouchers.ClaimEnd": Rows(
        _("券的终止"), VOUCHERS, Kept.OFFICE_FILE, p1="id street claim kind at",
        about=(About(MEMBER, "claim__member", "claim__number kind at"),),
    ),
    "vouchers.PaperCode": Rows(
        _("印出来的券"), VOUCHERS, Kept.OFFICE_FILE, p1="id street claim made_at used_at ended_at",
        about=(About(MEMBER, "claim__member", "claim__number made_at used_at ended_at"),),
    ),
    # -- programme.activities ------------------------------------------------------------------------------------------
    "activities.Signup": Rows(
        _("活动报名"), TAKING_PART, Kept.OFFICE_FILE,
        p1="id street public_id activity member party state asked_at queued round offered_until placed_at presence minutes"
        " settled_at",
        p2="words", about=(About(MEMBER, "member", "activity__title party state asked_at presence minutes words"),),
    ),
    "activities.SignupStep": Rows(
        _("报名经过"), TAKING_PART, Kept.OFFICE_FILE, p1="id street signup state party presence at",
        about=(About(MEMBER, "signup__member", "signup__activity__title state party presence at"),),
    ),
    "activities.Scan": Rows(
        _("活动签到"), TAKING_PART, Kept.OFFICE_FILE, p1="id street activity member way how result by at",
        about=(
            About(MEMBER, "member", "activity__title way how result at"),
            About(USER, "by", "activity__title way result at"),
        ),
    ),
    "activities.HandEntry": Rows(
        _("手工补录的时长"), TAKING_PART, Kept.OFFICE_FILE,
        p1="id street public_id activity member minutes by at state agreed_by agreed_at", p2="reason answer",
        about=(
            About(MEMBER, "member", "activity__title minutes reason state answer at"),
            About(USER, "by", "activity__title minutes at", name=_("录的")),
            About(USER, "agreed_by", "activity__title minutes agreed_at", name=_("答复的")),
        ),
    ),
    "activities.Strike": Rows(
        _("迟到和缺席的记录"), TAKING_PART, Kept.OFFICE_FILE,
        p1="id street public_id member signup weight at expires_on lifted_by lifted_at", p2="reason",
        about=(
            About(MEMBER, "member", "signup__activity__title weight at expires_on lifted_at reason"),
            About(USER, "lifted_by", "signup__activity__title lifted_at"),
        ),
    ),
    "vouchers.Till": Rows(
        _("收券台"), VOUCHERS, Kept.OFFICE_FILE, p1="id street public_id merchant label made_at opened_at ended_at",
        p3="token_hash", about=(About(PARTY, "merchant__party", "merchant__name label opened_at ended_at"),),
        untold={"token_hash": HASH},
    ),
    "vouchers.TillLink": Rows(
        _("收券台的开通链接"), VOUCHERS, Kept.OFFICE_FILE,
        p1="id street public_id till made_by made_at until_at used_at ended_at", p3="token_hash",
        about=(About(USER, "made_by", "made_at until_at used_at ended_at"),), untold={"token_hash": HASH},
    ),
    "vouchers.Redemption": Rows(
        _("核销"), VOUCHERS, Kept.OFFICE_FILE,
        p1="id street public_id claim merchant till nonce content offline used_at at owed_fen bill_fen after",
        about=(
            About(MEMBER, "claim__member", "claim__number merchant__name used_at bill_fen"),
            About(PARTY, "merchant__party", "merchant__name used_at offline owed_fen"),
        ),
    ),
    "vouchers.Reversal": Rows(
        _("撤销的核销"), VOUCHERS, Kept.OFFICE_FILE, p1="id street redemption till by reason at",
        about=(
            About(MEMBER, "redemption__claim__member", "redemption__claim__number at"),
            About(PARTY, "redemption__merchant__party", "redemption__merchant__name reason at"),
            About(USER, "by", "reason at"),
        ),
    ),
    "vouchers.ScanFailure": Rows(
        _("没收成的扫码"), VOUCHERS, Kept.OFFICE_FILE,
        p1="id street public_id till claim number fault facts nonce content offline noted_at bill_fen at",
        about=(
            About(MEMBER, "claim__member", "number fault at"),
            About(PARTY, "till__merchant__party", "till__merchant__name number fault at"),
        ),
    ),
    "vouchers.OfflineConflict": Rows(
        _("离线异常"), VOUCHERS, Kept.OFFICE_FILE,
        p1="id street public_id failure state owed_fen redemption reason decided_by decided_at",
        about=(
            About(PARTY, "failure__till__merchant__party", "failure__number state owed_fen reason decided_at"),
            About(USER, "decided_by", "state reason decided_at"),
        ),
    ),
    # -- programme.settlements ------------------------------------------------------------------------------------------
    "settlements.SettlementMonth": Rows(
        _("冻结名单的月份"), VOUCHERS, Kept.PROOF, p1="id street month_on by at", about=(About(USER, "by", "month_on at"),)
    ),
    "settlements.Settlement": Rows(
        _("结算名单"), VOUCHERS, Kept.PROOF,
        p1="id street public_id month merchant payee payer paid_by lines_count total_fen paid_fen digest state transaction",
        about=(
            About(PARTY, "payee", "merchant__name month__month_on total_fen paid_fen state"),
            About(PARTY, "payer", "merchant__name month__month_on total_fen paid_fen state", name=_("要付的结算名单")),
            About(PARTY, "paid_by", "merchant__name month__month_on total_fen paid_fen state", name=_("代付的结算名单")),
        ),
    ),
    "settlements.SettlementLine": Rows(
        _("结算名单的一行"), VOUCHERS, Kept.PROOF, p1="id street settlement redemption reversal conflict used_at fen"
    ),
    "settlements.SettlementStep": Rows(
        _("结算名单的办理"), VOUCHERS, Kept.PROOF, p1="id street settlement to till by at", p2="words",
        about=(
            About(PARTY, "settlement__payee", "settlement__merchant__name to words at"),
            About(USER, "by", "settlement__merchant__name to at"),
        ),
    ),
    "settlements.SettlementPayment": Rows(
        _("券的付款"), VOUCHERS, Kept.PROOF,
        p1="id street public_id kind payer payee amount_fen bank_serial paid_on transaction reversed_at reason by at",
        about=(
            About(PARTY, "payee", "paid_on amount_fen bank_serial reversed_at", name=_("收到的券款")),
            About(PARTY, "payer", "paid_on amount_fen bank_serial reversed_at", name=_("付出的券款")),
            About(USER, "by", "paid_on amount_fen at"),
        ),
    ),
    "settlements.SettlementPart": Rows(
        _("付款里的一份名单"), VOUCHERS, Kept.PROOF, p1="id street payment settlement fen"
    ),
    "imports.Pile": Rows(
        _("一叠待确认文件"), FILES, Kept.HOURS, p1="id street public_id owner created_at expires_at booked_at seq", p2="seen",
        about=(About(USER, "owner", "created_at expires_at"),), untold={"seen": OTHERS},
    ),
    "imports.StagedFile": Rows(
        _("待确认文件"), FILES, Kept.HOURS, p1="id street public_id owner pile kind sha256 created_at expires_at",
        p2="answers name content", about=(About(USER, "owner", "created_at expires_at name"),),
        untold={"answers": OTHERS, "content": OTHERS},
    ),
    "imports.RememberedMapping": Rows(
        _("对列办法"), FILES, Kept.STANDS, p1="id street public_id kind sender headings columns constants file_name by at"
    ),
    "imports.RememberedName": Rows(
        _("认得的名字"), FILES, Kept.STANDS, p1="id street public_id sort tenancy point party file_name by at",
        p2="folded shown",
        about=(
            About(PARTY, "tenancy__party", "sort shown at", name=_("认得的租户名字")),
            About(PARTY, "party", "sort shown at"),
        ),
        untold={"folded": "the word as it is told, in one spelling"},
    ),
}  # fmt: skip

#: What a field is called where a person is told it; by the last step of its path, or by the whole path.
WORDS: Mapping[str, Promise] = {
    "debt": _("哪一笔债"),
    "query": _("筛选条件"),
    "username": _("登录名"), "full_name": _("姓名"), "created_at": _("建立于"), "last_login": _("最近登录"),
    "password_given_at": _("密码交给本人于"), "is_active": _("可以登录"), "at": _("时间"), "address": _("地址"),
    "opened_at": _("开始于"), "browser": _("浏览器"), "expire_date": _("到期于"), "name": _("名称"), "phone": _("电话"),
    "called": _("怎么称呼"), "work": _("工种"), "joined_at": _("加入于"), "joined_how": _("怎么加入的"),
    "left_at": _("退出于"), "given": _("同意"), "wording": _("当时的说法"), "how": _("怎么办的"), "label": _("放在哪里"),
    "reported_on": _("上报日期"), "report__text": _("说了什么"),
    "deeds": _("查实的事（件）"), "given_at": _("送达于"), "lines": _("逐场时长"),
    "points": _("积分"), "minutes": _("荣誉时长（分钟）"), "granted": _("获得"), "remaining": _("还剩"),
    "expires_on": _("到期"), "street__name": _("街道"), "role": _("岗位或身份"), "path": _("片区"), "from_on": _("从哪天起"),
    "appointed_at": _("聘任于"), "ended_reason": _("为什么结束"), "said_day": _("日子"),
    "until_on": _("到哪天为止（不含）"), "until_at": _("用到"), "verb": _("办了什么"), "thing": _("什么"),
    "data": _("内容"), "unit__code": _("商铺编号"), "unit__name": _("商铺"),
    "point__code": _("总表编号"), "kind": _("种类"), "allocation__bill__number": _("账单号"), "amount_fen": _("金额（元）"),
    "transaction__effective_on": _("日期"), "means": _("方式"), "voucher": _("凭证号"), "counterparty": _("对方（照原件）"),
    "note": _("备注"), "on": _("日期"), "visited_on": _("走访日期"), "pays_how": _("怎么交水费"), "receipts_held": _("收据"),
    "receipts_fen": _("收据合计（元）"), "unpaid_fen": _("自述未交（元）"), "own_meter": _("有自己的表"), "wish": _("诉求"),
    "refused": _("没做成的原因"), "made_name": _("文件名"),
    "case__number": _("案件编号"), "title": _("标题"), "text": _("文字"), "dispatched_on": _("派出日期"),
    "due_on": _("期限"), "answer": _("答复"), "answered_on_behalf": _("谁答复的"), "made_at": _("做成于"),
    "expires_at": _("到期于"), "opened": _("打开次数"), "used_at": _("用掉于"), "ended_at": _("停用于"),
    "said_at": _("说于"), "added_at": _("添加于"), "last_used_at": _("最近用过"), "conference__case__number": _("案件编号"),
    "conference__meets_on": _("会期"), "attended": _("到会"), "delegate": _("谁来的"), "measure": _("议定的事"),
    "evidence": _("完成情况"), "done_on": _("完成于"), "number": _("编号"), "subject": _("事由"), "opened_on": _("受理日期"),
    "state": _("状态"), "file__number": _("卷宗编号"), "side": _("哪一方"), "identity_kind": _("证件种类"),
    "identity_number": _("证件号"), "representative": _("负责人"), "post": _("职务"), "about": _("性别、民族、年龄、职业"),
    "scope": _("授权范围"), "paper": _("文书"), "given_on": _("出具日期"), "debt_fen": _("金额（元）"), "facts": _("事实"),
    "terms": _("条款"), "statement": _("当事人声明"), "effective_on": _("生效日期"), "signed_on": _("签字日期"),
    "sort": _("种类"), "shown": _("写法"), "act": _("申请什么"), "reason": _("理由"), "asked_at": _("提出于"),
    "decided_at": _("办理于"), "decision": _("不同意的理由"),
    "channels": _("站外用哪些"), "mail": _("邮件地址"), "quiet_from": _("免打扰从几点"),
    "quiet_until": _("到几点"), "event": _("事由"), "read_at": _("看过于"),
    "contact": _("联系人"), "words": _("说明"), "approved_at": _("批准于"), "cost_fen": _("一张付给商户（元）"),
    "budget_fen": _("预算（元）"), "committed_fen": _("已承诺（元）"),
    "activity__title": _("活动"), "signup__activity__title": _("活动"), "party": _("几个人"), "presence": _("到场情况"),
    "way": _("进出"), "result": _("结果"), "agreed_at": _("答复于"), "weight": _("分量"),
    "lifted_at": _("撤销于"),
    "bill_fen": _("这一单（元）"), "owed_fen": _("要付给商户（元）"), "offline": _("离线记的"), "fault": _("没收成的原因"),
    "merchant__name": _("商户"), "month_on": _("月份"), "month__month_on": _("月份"), "total_fen": _("合计（元）"),
    "paid_fen": _("已付（元）"), "to": _("办成什么"), "paid_on": _("付款日"), "bank_serial": _("银行流水号"),
    "reversed_at": _("撤销于"), "settlement__merchant__name": _("商户"),
}  # fmt: skip

#: What a line of the trail about a person says, beside the words above.
SAID_ON_TRAIL: Mapping[str, Promise] = {
    "reason": _("事由"), "rows": _("条数"), "how": _("验证方式"), "inside": _("街道自己的单位"),
    "before": _("改前"), "after": _("改后"),
}  # fmt: skip

PROTECTED = (PrivacyClass.PERSONAL, PrivacyClass.SECRET)


def class_of(model: str, name: str) -> PrivacyClass:
    """The class of a field of a model, by its label; ``KeyError`` for one that has none."""
    return dict(TABLE[model].fields())[name]


def word(path: str) -> Promise:
    """What a told field is called."""
    return WORDS.get(path) or WORDS[path.rpartition("__")[2]]


def word_on_trail(key: str) -> str | Promise:
    """What a line of the trail about a person calls something."""
    return {**WORDS, **SAID_ON_TRAIL}.get(key, key)


def table_faults(models: Mapping[str, Iterable[str]], table: Mapping[str, Rows] = TABLE) -> Iterator[str]:
    """What the table lacks or has too much, held against the fields there are, by model."""
    yield from (f"{model}: is in no class" for model in sorted({*models} - {*table}))
    yield from (f"{model}: there is no such model" for model in sorted({*table} - {*models}))
    for model in sorted({*table} & {*models}):
        rows, there = table[model], [*models[model]]
        said = Counter(name for name, _class in rows.fields())
        yield from (f"{model}.{name}: is in no class" for name in there if not said[name])
        yield from (f"{model}.{name}: is in {n} classes" for name, n in said.items() if n > 1)
        yield from (f"{model}.{name}: there is no such field" for name in said if name not in there)
        told = {name for about in rows.about for name in about.told.split()}
        for name in rows.of(*PROTECTED):
            if (name in told) == (name in rows.untold):
                yield f"{model}.{name}: is told to whom it is about, or a reason says why not: one of the two"
        yield from (
            f"{model}.{name}: a reason for no protected field" for name in {*rows.untold} - {*rows.of(*PROTECTED)}
        )
