"""A small street with at least one row of every kind of thing a page shows, and the arguments its addresses need.

The generated tests (matrix, walk, repeat) ask ``Things.arguments`` for the parameters of a route. A route with a
parameter that nobody taught it fails there with a sentence that says what to add.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any, NamedTuple

from django.core import signing
from django.db.transaction import atomic

from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import CutoffNotice, Deferral
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind, Delivery
from hege.arrears.early_warning.actions import record_warnings
from hege.arrears.early_warning.models import EarlyWarning
from hege.attachments.actions import add_files
from hege.attachments.models import Attachment
from hege.attachments.preparing import Prepared, prepare
from hege.attachments.rules import Purpose
from hege.billing.actions import AcknowledgementDraft, acknowledge_debts
from hege.billing.agent.actions import tell_as_agent
from hege.billing.agent.rules import AgentTells, AgentWordKind
from hege.billing.chart import TransactionKind
from hege.billing.models import AgentWord, Bill, UtilityAccount
from hege.billing.payee.actions import name_account
from hege.cases import actions as cases
from hege.cases.models import Case, CaseParty, Report, Task, TaskLink
from hege.cases.queries import link_hash, task_telling
from hege.cases.reports.actions import record_visit, submit_report, verify_report
from hege.cases.rules import PartyRole, PaysHow, ReceiptsHeld, ReportKind
from hege.cases.tasks.actions import add_task, answer_by_link, make_link
from hege.conferences import actions as conferences
from hege.conferences.models import Conference, Decision
from hege.exports.rules import Wanted, What
from hege.honours import actions as honours
from hege.honours.models import AwardingBody, Clipping, Honour, NumberPattern, Objection
from hege.honours.rules import Consent, FirmDraft, HonourDraft, HonourKind, ItemDraft, Seen
from hege.imports import memory
from hege.imports import piles as imports
from hege.imports.actions import import_file
from hege.imports.columns import Memory
from hege.imports.grid import stage_grid
from hege.imports.layouts import FileKind
from hege.imports.models import NameSort, Pile, RememberedMapping, RememberedName
from hege.jobs import actions as jobs
from hege.jobs import slate
from hege.jobs.models import Job
from hege.jobs.rules import JobKind, JobState
from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.kernel.ids import public_id
from hege.ledger.models import Transaction
from hege.mediation.dossier import actions as mediation
from hege.mediation.models import Agreement, Dossier
from hege.mediation.rules import FileSource
from hege.members.actions import appoint, join_with_card, make_card, make_station_codes, open_by_card
from hege.members.models import Invitation, Member, MemberRole
from hege.members.queries import card_of, devices_of, token_of
from hege.members.rules import ConsentKind, MemberRoleKind, MemberWork
from hege.metering.actions import ReadingDraft, record_readings
from hege.metering.models import Reading
from hege.metering.rules import MeterKind
from hege.outbox import actions as outbox
from hege.outbox.models import Message
from hege.outbox.rules import Channel, Event, MessageState
from hege.papers.actions import issue_paper
from hege.papers.drawing import Wanted as WantedPaper
from hege.papers.drawing import draw
from hege.papers.models import Paper
from hege.papers.rules import PaperKind
from hege.people.models import Membership, Party, Role, SecondFactor, Session, StaffRequest, StaffRequestState, User
from hege.people.second_factor.passkeys import Passkey
from hege.people.second_factor.queries import factors_of
from hege.places.actions import add_place, name_party, seed_calendar, unit_token
from hege.places.models import Place, PlaceLevel, Unit
from hege.places.second_factor.actions import add_passkey
from hege.places.staff.actions import add_office, add_person, ask_for_role
from hege.programme.alliance import actions as alliance
from hege.programme.alliance.models import GateFact, Offering, Station
from hege.programme.alliance.rules import GateFactKind, OfferingKind
from hege.programme.deeds.actions import report_deed
from hege.programme.deeds.models import Deed
from hege.programme.seasons.actions import plan_activity, plan_season, publish_activity
from hege.programme.seasons.models import Season
from hege.programme.seasons.rules import ActivityDraft, ActivityState, Board, SeasonDraft, TopicDraft
from hege.programme.settlements.actions import confirm_list, dispute_list, freeze_month, pay_shop
from hege.programme.settlements.models import Settlement, SettlementPayment
from hege.programme.settlements.queries import latest_month, lists_of
from hege.programme.settlements.rules import month_of, next_month
from hege.programme.thanks.actions import certify_hours, object_to_thanks
from hege.programme.thanks.ceremonies.actions import publish_report
from hege.programme.thanks.models import RunSheet, ServiceCertificate, Thanks, ThanksObjection
from hege.programme.thanks.rules import ThanksKind
from hege.search.actions import index_rows
from hege.vouchers import actions as vouchers
from hege.vouchers.actions import approve_batch, claim_voucher, draft_batch
from hege.vouchers.models import Batch, Claim, Merchant, OfflineConflict, Redemption, Till
from hege.vouchers.rules import Terms, Worth
from hege.vouchers.tills.actions import add_merchant, add_till, open_till, redeem_offline
from hege.vouchers.tills.queries import open_link_of, till_by_token
from hege.vouchers.tills.queries import token_of as token_of_till_link
from hege.web.attachments.views import SALT as ORIGINAL
from hege.web.honours.views import SALT as OBJECTOR
from hege.web.lists import whole
from hege.web.people import handover
from hege.web.reports.views import SALT
from hege.web.shared.exporting import ticket
from hege.web.shared.kept_files import OWNERS
from hege.web.shop.views import SALT as SHOP_SENT
from hege.workspace.actions import save_view
from hege.workspace.queries import views_of
from tests.agreements import agree
from tests.attachments.files import picture
from tests.cast import DAY, NOW, Cast, Row, install_meter, make_row, tell
from tests.routes import Route
from tests.vouchers.samples import SOUP
from tests.vouchers.tills import digits, noted, signs, take
from tests.web.evenings import Evenings, make_evenings
from tests.web.thanked import LONG_AGO, a_report, an_hour, thank

#: What the one-time password of the new grid worker is made of.
SEED = "s" * 26
#: What every browser of the nets is known by while it is being let in as a member's.
JOINED_BY = "j" * 43
DAY_LONG = dt.timedelta(days=1)
SENT = "账不对，照片如附。"
RECEIPTS = "日期,商铺编号,金额,方式,凭证号,收款人,证据,备注\n2026-03-05,{shop},12.34,现金,SJ-{shop},二房东,已证实,\n"


@dataclass
class Things:
    """One of each kind, all of one supply point, in one part of one street."""

    cast: Cast
    row: Row
    place: Place
    bill: Bill
    transaction: Transaction
    imported: Transaction
    report: Report
    case: Case
    part: CaseParty
    task: Task
    link: TaskLink
    link_token: str
    conference: Conference
    decision: Decision
    file: Dossier
    agreement: Agreement
    notice: CutoffNotice
    deferral: Deferral
    warning: EarlyWarning
    member: Membership
    reading: Reading
    clipping: Clipping
    honour: Honour
    on_the_roll: Honour
    objection: Objection
    pattern: NumberPattern
    offering: Offering
    station: Station
    gate_fact: GateFact
    rider: Member
    rider_token: str  # what their browser's cookie holds
    shop: Merchant
    till: Till
    till_token: str  # what its phone's cookie holds
    voucher: Claim  # that can be used today
    redemption: Redemption
    conflict: OfflineConflict
    settled: Settled
    station_code: Invitation
    appointment: MemberRole
    year: dict[str, Any]  # of the whole street: its "season", a "planned" and a "published" activity, a "station"
    evenings: Evenings
    thanks: Thanks  # in publicity, and somebody objects
    letter: Thanks  # given
    hours: ServiceCertificate
    sheet: RunSheet  # with a report that everybody may read
    paper: Paper  # a statement of the meter
    batch: Batch
    draft_batch: Batch
    claim: Claim
    account: UtilityAccount  # that waits to be checked by another
    word: AgentWord  # of the agent, that waits to be looked at
    kept: dict[str, str]  # public id of a file, by the word of what it is about
    _answers: list[tuple[str, str]] = field(default_factory=list)
    _piles: dict[int, Pile] = field(default_factory=dict)

    @property
    def unit(self) -> Unit:
        return self.row.units[0]

    def pile(self, user: User) -> Pile:
        """Files that wait for this person's confirmation: nobody else's."""
        if user.pk not in self._piles:
            content = RECEIPTS.format(shop=self.row.units[1].code).encode()
            sent = [imports.Sent("收据.csv", content, FileKind.RECEIPTS)]
            kept = imports.stage_pile(self.cast.street, sent, by=user, at=clock.now())
            imports.rehearse(kept, by=user, at=clock.now())
            self._piles[user.pk] = kept
        return self._piles[user.pk]

    def staged(self, user: User) -> str:
        """One of these files."""
        return self.pile(user).files.values_list("public_id", flat=True)[0]

    def sent(self) -> tuple[str, str]:
        """What the sender of a shop's report was handed, and the picture they sent."""
        rows = Report.objects.filter(street=self.cast.street, text=SENT)
        report = rows.first() or submit_report(
            self.cast.street,
            kind=ReportKind.SHOP,
            text=SENT,
            unit=self.unit,
            photos=[a_picture()],
            by=None,
            at=clock.now(),
        )
        return signing.dumps(report.pk, salt=SHOP_SENT), _picture_of("cases.report", report.pk)

    def answered(self) -> tuple[str, str]:
        """A link that was answered by, and the picture that came with the answer."""
        for answer in self._answers:
            if TaskLink.objects.filter(token_hash=link_hash(answer[0])).exists():
                return answer
        said: dict[str, Any] = {"by": self.cast.coordinator, "at": clock.now()}
        task = add_task(self.case, party=self.cast.utility, title="拍照答复", days=5, **said)
        _link, token = make_link(task, **said)
        answer_by_link(token, answer="照片如附。", papers=[a_picture()], **said)
        self._answers.append((token, _picture_of("cases.task", task.pk)))
        return self._answers[-1]

    def another_question(self) -> str:
        """What else the utility was sent a link for, to be answered from its first link too."""
        task = Task.objects.filter(street=self.cast.street, title="另一问").first()
        if task is None:
            said: dict[str, Any] = {"by": self.cast.coordinator, "at": clock.now()}
            task = add_task(self.case, party=self.cast.utility, title="另一问", days=5, **said)
            make_link(task, **said)
        return task.public_id

    def staged_outlines(self, user: User) -> str:
        """A file of outlines that waits for this person's confirmation."""
        told = {"code": self.place.code, "name": f"{self.place.name} 新名", "level": "街区"}
        features = [{"type": "Feature", "properties": told, "geometry": None}]
        content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
        return stage_grid(self.cast.street, content, name="边界.geojson", by=user, at=clock.now()).public_id

    @property
    def lesson(self) -> RememberedName:
        """Whose a word on a paper is, as a file taught it."""
        return RememberedName.objects.get(street=self.cast.street, shown=f"户号 {self.row.point.code}")

    @property
    def mapping(self) -> RememberedMapping:
        """Which column of somebody's files is which, as it was once said."""
        return RememberedMapping.objects.get(street=self.cast.street, sender=f"居委会 {self.row.point.code}")

    def factor(self, user: User) -> SecondFactor:
        """A passkey of this person."""
        key = Passkey(f"key of {user.pk}", "", 0)
        session = Session.objects.filter(user=user).values_list("pk", flat=True).first() or ""  # which stays so
        said: dict[str, Any] = {
            "name": user.full_name,
            "passkey": key,
            "session": session,
            "by": user,
            "at": clock.now(),
        }
        return factors_of(user).first() or add_passkey(user, **said)

    def second(self) -> User:
        """Another administrator of the whole street."""
        street, name = self.cast.street, self.cast.administrator.full_name
        user, made = User.objects.get_or_create(username=f"second-{street.code}", defaults={"full_name": name})
        if made:
            Membership.objects.create(street=street, user=user, role=Role.ADMINISTRATOR, from_on=DAY)
        return user

    def asked(self, by: User) -> StaffRequest:
        """A role in this part of the grid that one of the two administrators asks for."""
        mine = {"street": self.cast.street, "path": self.place.path, "asked_by": by, "state": StaffRequestState.WAITING}
        role = Role.AUDITOR if by == self.cast.administrator else Role.CHECKER
        wanted: dict[str, Any] = {
            "role": role, "place": self.place, "from_on": clock.today(), "reason": self.place.name, "by": by, "at": clock.now(),
        }  # fmt: skip
        return StaffRequest.objects.filter(**mine).first() or ask_for_role(self.cast.street, self.member.user, **wanted)

    def told(self, user: User) -> str:
        """Something this person was told of: this task, under its case's number."""
        telling = task_telling(self.task, Event.TASK_GIVEN, to=[user.pk], round="things")
        outbox.tell(self.cast.street, [telling], at=clock.now())
        mine = {"street": self.cast.street, "user": user, "about_id": str(self.task.pk), "round": "things"}
        return Message.objects.get(channel=Channel.BELL, **mine).public_id

    def saved_view(self, user: User) -> str:
        """A view of the list of shops that this person saved."""
        street = self.cast.street
        found = views_of(street, user).first() or save_view(
            street, f"/{street.code}/units/", "q=PL", name="常看的", by=user, at=clock.now()
        )
        return found.public_id

    def job(self, user: User) -> str:
        """Long work that this person asked for and that waits for the worker."""
        return self._export(user, JobState.WAITING).public_id

    def made(self, user: User) -> str:
        """Long work of this person whose file can be fetched."""
        return self._export(user, JobState.DONE).public_id

    def _export(self, user: User, state: JobState) -> Job:
        street, now, topic = self.cast.street, clock.now(), f"{user.pk} {state}"
        found = Job.objects.filter(street=street, topic=topic).first()
        if found is None:
            wanted: dict[str, Any] = {"what": What.MONEY.value, "of": {"point": self.row.point.code}}
            title = f"{self.row.point.code}.xlsx"
            found = jobs.ask_for(street, JobKind.EXPORT, topic=topic, title=title, by=user, at=now, **wanted)
            if state is JobState.DONE:
                with slate.making(found.public_id) as out:
                    out.write(title.encode())
                until = now + dt.timedelta(days=1)
                found = jobs.end_job(found, state, made=jobs.Made(title, len(title), until), at=now)
        return found

    def dead(self) -> str:
        """A message that did not arrive."""
        lost, _made = Message.objects.get_or_create(
            street=self.cast.street, event=Event.TASK_GIVEN, about="cases.task", about_id=str(self.task.pk),
            number=self.case.number, channel=Channel.SMS, user=self.cast.clerk, state=MessageState.DEAD,
            defaults={"at": clock.now(), "answer": "310000"},
        )  # fmt: skip
        return lost.public_id

    def ticket(self, user: User) -> str:
        """A permit to take a file, good for this person alone."""
        wanted = Wanted(What.MONEY, {"point": self.row.point.code})
        return ticket(self.cast.street, wanted, by=user)

    def new_till(self) -> Till:
        """A till of the shop whose link was not used yet."""
        found = Till.objects.filter(street=self.cast.street, merchant=self.shop, opened_at__isnull=True).first()
        assert found is not None
        return found

    def till_link(self) -> str:
        """The secret that opens it."""
        link = open_link_of(self.new_till(), at=clock.now())
        assert link is not None
        return str(token_of_till_link(link))

    def scanned(self) -> str:
        """What the rider's phone shows to the scanner now."""
        return signs(self.voucher, clock.now())

    def card_token(self) -> str:
        """The secret on the member's card that was not used yet."""
        card = card_of(self.rider, at=clock.now())
        assert card is not None
        return str(token_of(card))

    def arguments(self, route: Route, user: User | Member | Till | None = None) -> dict[str, str]:
        """The parameters of a route, with things that exist here; what belongs to one person is made for ``user``."""
        who = user if isinstance(user, User) else self.cast.coordinator
        return {name: str(self._argument(route, name, who)) for name, _converter in route.parameters}

    def _argument(self, route: Route, name: str, user: User) -> object:
        known = PARAMETERS.get(f"{route.name} {name}") or PARAMETERS.get(name)
        if known is None:
            raise AssertionError(
                f"{route.route} takes <{name}>, and tests/web/things.py does not know what that is: "
                f'add a line "{name}": lambda t, who: … to PARAMETERS (and the thing itself to make_things).'
            )
        return known(self, user)


def _picture_of(about: str, pk: int) -> str:
    return str(Attachment.objects.get(about=about, about_id=pk).public_id)


def _kept(word: str, things: Things, _who: User) -> str:
    return things.kept[word]


#: Parameter -> what stands for it. ``route_name parameter`` wins over the bare name.
PARAMETERS: dict[str, Callable[[Things, User], object]] = {
    "street_code": lambda t, who: t.cast.street.code,
    "account:size step": lambda t, who: "large",
    "account:language code": lambda t, who: "en",
    "code": lambda t, who: t.row.point.code,
    "unit_code": lambda t, who: t.unit.code,
    "transaction_id": lambda t, who: t.transaction.pk,
    "meters:source transaction_id": lambda t, who: t.imported.pk,
    "reading_id": lambda t, who: t.reading.pk,
    "bill_id": lambda t, who: t.bill.pk,
    "ticket": lambda t, who: t.ticket(who),
    "view_id": lambda t, who: t.saved_view(who),
    "list_ticket": lambda t, who: whole.ticket(t.cast.street, f"/{t.cast.street.code}/meters/", by=who),
    "job_id": lambda t, who: t.job(who),
    "jobs:fetch job_id": lambda t, who: t.made(who),
    "message_id": lambda t, who: t.told(who),
    "gateways:resend message_id": lambda t, who: t.dead(),
    "gateways:withdraw message_id": lambda t, who: t.dead(),
    "gateways:change channel": lambda t, who: "sms",
    "report_id": lambda t, who: t.report.public_id,
    "case_id": lambda t, who: t.case.public_id,
    "part_id": lambda t, who: t.part.pk,
    "task_id": lambda t, who: t.task.public_id,
    "link_id": lambda t, who: t.link.pk,
    "conference_id": lambda t, who: t.conference.public_id,
    "decision_id": lambda t, who: t.decision.pk,
    "file_id": lambda t, who: t.file.public_id,
    "party_id": lambda t, who: t.agreement.debtor.public_id,
    "agreement_id": lambda t, who: t.agreement.public_id,
    "notice_id": lambda t, who: t.notice.public_id,
    "condition_id": lambda t, who: t.deferral.conditions.get().pk,
    "warning_id": lambda t, who: t.warning.public_id,
    "pile_id": lambda t, who: t.pile(who).public_id,
    **{f"attachments:{word}{small} kept_id": partial(_kept, word) for word in OWNERS for small in ("", "_small")},
    "word_id": lambda t, who: t.word.public_id,
    "kept_id": lambda t, who: t.kept["transactions"],
    "attachments:shown_original ticket": lambda t, who: signing.dumps(
        [Attachment.objects.get(street=t.cast.street, public_id=t.kept["transactions"]).pk, who.pk], salt=ORIGINAL
    ),
    "staged_id": lambda t, who: t.staged(who),
    "places:confirm staged_id": lambda t, who: t.staged_outlines(who),
    "name_id": lambda t, who: t.lesson.public_id,
    "mapping_id": lambda t, who: t.mapping.public_id,
    "imports:template kind": lambda t, who: "receipts",
    "shop:page token": lambda t, who: unit_token(t.unit),
    "shop:wrong token": lambda t, who: unit_token(t.unit),
    "shop:thanks token": lambda t, who: unit_token(t.unit),
    "shop:thanks_for token": lambda t, who: unit_token(t.unit),
    "shop:thanks_for ticket": lambda t, who: t.sent()[0],
    "shop:sent token": lambda t, who: unit_token(t.unit),
    "shop:sent ticket": lambda t, who: t.sent()[0],
    "shop:sent kept_id": lambda t, who: t.sent()[1],
    **dict.fromkeys(("shop:find token", "shop:reported token", "shop:stop token"), lambda t, who: unit_token(t.unit)),
    "report_no": lambda t, who: t.report.public_id,
    "account_id": lambda t, who: t.account.pk,
    **dict.fromkeys(("answer:other task_id", "answer:other_not_ours task_id"), lambda t, who: t.another_question()),
    "answer:sent token": lambda t, who: t.answered()[0],
    "answer:sent kept_id": lambda t, who: t.answered()[1],
    "token": lambda t, who: t.link_token,
    "reports:shown_reporter ticket": lambda t, who: signing.dumps([t.report.pk, who.pk], salt=SALT),
    "clipping_id": lambda t, who: t.clipping.public_id,
    "honour_id": lambda t, who: t.honour.public_id,
    "firm_id": lambda t, who: t.honour.firm.public_id,
    "objection_id": lambda t, who: t.objection.public_id,
    "honours:shown_objector ticket": lambda t, who: signing.dumps([t.objection.pk, who.pk], salt=OBJECTOR),
    "pattern_id": lambda t, who: t.pattern.pk,
    "ally_id": lambda t, who: t.offering.unit.public_id,
    "offering_id": lambda t, who: t.offering.public_id,
    "station_id": lambda t, who: t.station.public_id,
    "fact_id": lambda t, who: t.gate_fact.public_id,
    "town_code": lambda t, who: t.cast.street.code,
    "estate_code": lambda t, who: t.place.code,
    "body_id": lambda t, who: AwardingBody.objects.get(street=t.cast.street, name=f"颁发单位 {t.row.point.code}").pk,
    "roll_code": lambda t, who: t.cast.street.code,
    "shown_id": lambda t, who: t.on_the_roll.public_id,
    "roll:status number": lambda t, who: 0,
    "thanks_id": lambda t, who: t.thanks.public_id,
    "thanks:revoke thanks_id": lambda t, who: t.letter.public_id,
    "said_id": lambda t, who: ThanksObjection.objects.get(thanks=t.thanks).public_id,
    "letter_id": lambda t, who: t.letter.public_id,
    "paper_id": lambda t, who: t.paper.public_id,
    "check_code": lambda t, who: t.paper.check_code,
    "letters:object letter_id": lambda t, who: t.thanks.public_id,
    "letters:status number": lambda t, who: 0,
    **dict.fromkeys(
        (
            *(f"thanks:{name} evening_id" for name in ("sheet", "write_sheet", "print_sheet", "publish_report")),
            *(f"letters:{name} menu_id" for name in ("report", "picture")),
        ),
        lambda t, who: t.sheet.activity.public_id,
    ),
    "letters:picture kept_id": lambda t, who: t.kept["ceremonies"],
    "seq": lambda t, who: 1,
    "person_id": lambda t, who: t.member.user_id,
    "request_id": lambda t, who: t.asked(t.second()).pk,
    "own_request_id": lambda t, who: t.asked(t.cast.administrator).pk,
    "settings:threshold kind": lambda t, who: "held_days",
    "settings:threshold_history kind": lambda t, who: "held_days",
    "settings:confirm_year year": lambda t, who: clock.today().year + 1,
    "factor_id": lambda t, who: t.factor(who).pk,
    "place_id": lambda t, who: t.place.pk,
    "office_id": lambda t, who: t.cast.office.public_id,
    "member_id": lambda t, who: t.member.pk,
    "season_id": lambda t, who: t.year["season"].public_id,
    "activity_id": lambda t, who: t.year["planned"].public_id,
    "programme:reschedule activity_id": lambda t, who: t.year["published"].public_id,
    "menu_code": lambda t, who: t.cast.street.code,
    "menu_id": lambda t, who: t.year["published"].public_id,
    "rider_id": lambda t, who: t.rider.public_id,
    "batch_id": lambda t, who: t.batch.public_id,
    "vouchers:amend batch_id": lambda t, who: t.draft_batch.public_id,
    "vouchers:approve batch_id": lambda t, who: t.draft_batch.public_id,
    "claim_id": lambda t, who: t.claim.public_id,
    "deed_id": lambda t, who: Deed.objects.get(street=t.cast.street, member=t.rider).public_id,
    "merchant_id": lambda t, who: t.shop.public_id,
    "settlement_id": lambda t, who: t.settled.frozen.public_id,
    "settlements:answer settlement_id": lambda t, who: t.settled.disputed.public_id,
    "settlements:pay settlement_id": lambda t, who: t.settled.confirmed.public_id,
    "payment_id": lambda t, who: t.settled.payment.public_id,
    "debtor_id": lambda t, who: t.settled.confirmed.payer.public_id,
    "till_id": lambda t, who: t.till.public_id,
    "tills:link till_id": lambda t, who: t.new_till().public_id,
    "tills:code till_id": lambda t, who: t.new_till().public_id,
    "redemption_id": lambda t, who: t.redemption.public_id,
    "conflict_id": lambda t, who: t.conflict.public_id,
    "failure_id": lambda t, who: t.conflict.failure.public_id,
    "till:scan number": lambda t, who: t.voucher.number,
    "till:scan code": lambda t, who: t.scanned(),
    "till:open token": lambda t, who: t.till_link(),
    "member:card token": lambda t, who: t.card_token(),
    "member:station token": lambda t, who: token_of(t.station_code),
    "invitation_id": lambda t, who: t.station_code.public_id,
    "role_id": lambda t, who: t.appointment.public_id,
    "device_id": lambda t, who: devices_of(t.rider).get().pk,
    "own_device_id": lambda t, who: devices_of(t.rider).get().pk,
    "evening_id": lambda t, who: t.evenings.open.public_id,
    "own_evening_id": lambda t, who: t.evenings.own.public_id,
    "offer_id": lambda t, who: t.evenings.asks.public_id,
    "activities:wall evening_id": lambda t, who: t.evenings.now.public_id,
    "activities:check_in evening_id": lambda t, who: t.evenings.now.public_id,
    "activities:check_out evening_id": lambda t, who: t.evenings.inside.public_id,
    "activities:enter evening_id": lambda t, who: t.evenings.over.public_id,
    "member:check_in evening_id": lambda t, who: t.evenings.now.public_id,
    "member:check_in code": lambda t, who: t.evenings.code,
    "signup_id": lambda t, who: t.evenings.signup.public_id,
    "entry_id": lambda t, who: t.evenings.entry.public_id,
    "strike_id": lambda t, who: t.evenings.strike.public_id,
    "people:handover ticket": lambda t, who: handover.permit(SEED, t.member.user, by=who),
}


def make_places(cast: Cast) -> tuple[Place, Place]:
    """Two blocks of a street: what one grid worker sees is not the other's."""
    top = add_place(cast.street, level=PlaceLevel.STREET, code="S", name=cast.street.name, from_on=DAY, by=None, at=NOW)
    first, second = (
        add_place(
            cast.street,
            level=PlaceLevel.BLOCK,
            code=code,
            name=f"{code} 街区",
            parent=top,
            from_on=DAY,
            by=None,
            at=NOW,
        )
        for code in ("B1", "B2")
    )
    return first, second


def make_things(cast: Cast, place: Place, agent: Party, *, code: str, shops: int = 3) -> Things:
    """One of each kind over a new master meter in ``place``, collected for by ``agent``; a debt that is deferred.

    Every name and text ends with ``code``: whoever finds it in a page knows whose things those are.
    """
    street, today, now = cast.street, clock.today(), clock.now()
    seed_calendar(street, range(2026, today.year + 2))
    row = make_row(street, code=code, shops=shops, mark=f" {code}")
    row.point.roles.update(party=agent)
    row.point.place = place
    row.point.save(update_fields=["place"])
    Unit.objects.filter(pk__in=[unit.pk for unit in row.units]).update(place=place)
    bill = row.bill(f"B-{code}", fen=30_000 * shops)
    transaction = row.pay(TransactionKind.RECEIPT, 9_000, on=dt.date(2026, 3, 1), unit=0, confirmed=False)
    row.pay(TransactionKind.RECEIPT, 30_000, on=dt.date(2026, 3, 2), unit=1)
    row.pay(TransactionKind.REMITTANCE, 5_000, on=dt.date(2026, 3, 3))
    row.pay(TransactionKind.DIRECT_PAYMENT, 1_000, on=dt.date(2026, 3, 4), unit=2)
    imported = _import(cast, row)
    _teach(cast, row)
    admitted = AcknowledgementDraft(
        point=row.point, tenancy=row.tenancies[2], on=dt.date(2026, 3, 6), amount_fen=2_000, voucher=f"签字单 {code}"
    )
    (signed,) = acknowledge_debts(street, [admitted], by=cast.grid_worker, at=now)
    report = submit_report(
        street, kind=ReportKind.SHOP, text=f"水费交给二房东了，还说要停水。{code}", unit=row.units[0], point=row.point, place=place,
        reporter_name="店主", reporter_phone="13900000000", by=None, at=now,
    )  # fmt: skip
    case = _case(cast, row, place)
    visit = record_visit(
        row.units[0], visited_on=today, pays_how=PaysHow.TO_AGENT, receipts_held=ReceiptsHeld.SOME, unpaid_fen=100,
        note=f"看了收据。{code}", by=cast.grid_worker, at=now,
    )  # fmt: skip
    patrol = submit_report(
        street, kind=ReportKind.PATROL, text=f"门口渗水。{code}", place=place, by=cast.grid_worker, at=now
    )
    part = cases.add_party(case, party=agent, role=PartyRole.AGENT, by=cast.coordinator, at=now)
    task = add_task(case, party=cast.utility, title=f"书面答复 {code}", days=5, by=cast.coordinator, at=now)
    link, token = make_link(task, by=cast.coordinator, at=now)
    conference, decision = _conference(cast, case)
    file, agreement = _mediation(cast, row, case, agent)
    deferral, reading = _deferral(cast, row), _reading(row)
    clipping, honour, shown, objection, pattern = _honours(cast, code)
    offering, station, gate_fact = _alliance(cast, place, code)
    word = tell_as_agent(
        row.point, AgentTells(AgentWordKind.DENIED, f"是房租，不是水费。{code}"), agent=agent, transaction=transaction,
        by=cast.agent if agent == cast.agent_party else None, at=now,
    )  # fmt: skip
    account = UtilityAccount.objects.filter(street=street).first() or name_account(  # of the whole street
        street, holder="自来水有限公司", bank="示例银行", number="6222000000000047", document="函 7", by=None, at=now
    )
    kept = _files(
        {
            "honours": honour,
            "visits": visit, "reports": patrol, "transactions": transaction, "agent_words": word, "acknowledgements": signed, "tasks": task,
            "decisions": decision, "cutoffs": deferral.notice, "dossiers": file, "readings": reading, "meters": reading.meter,
        },
        code, cast,
    )  # fmt: skip
    record_warnings(street, on=today, by=None, at=now)
    rider, rider_token = _rider(cast, code)
    report_deed(rider, text=f"路灯不亮 {code}", where=f"门口 {code}", place=place, by=None, at=now)
    counter = _counter(cast, code, rider)
    (station_code,) = make_station_codes(street, label=f"驿站 {code}", count=1, by=cast.coordinator, at=now)
    appointment = appoint(
        rider, role=MemberRoleKind.WATCHER, area=place, from_on=today, until_on=today + 100 * dt.timedelta(days=1),
        by=cast.coordinator, at=now,
    )  # fmt: skip
    batch, draft_batch, claim = _vouchers(cast, code, rider)
    member = add_person(
        street, username=f"grid-{code.lower()}", full_name=f"{code} 网格员", password=handover.one_time_password(SEED),
        role=Role.GRID_WORKER, place=place, from_on=today, reason="新到岗", by=cast.administrator, at=now,
    )  # fmt: skip
    year = _year(cast, place, code)
    thanks, letter, hours, sheet = _thanks(cast, year, rider, code)
    kept.update(_files({"ceremonies": sheet}, code, cast))
    return Things(
        cast=cast, row=row, place=place, bill=bill, transaction=transaction, imported=imported, report=report, case=case, part=part,
        task=task, link=link, link_token=token, conference=conference, decision=decision, file=file,
        agreement=agreement, notice=deferral.notice, deferral=deferral,
        warning=EarlyWarning.objects.filter(street=street, point=row.point).order_by("pk")[0],
        member=member, rider=rider, rider_token=rider_token, station_code=station_code, appointment=appointment, reading=reading, kept=kept, clipping=clipping, honour=honour, on_the_roll=shown,
        objection=objection, pattern=pattern, offering=offering, station=station, gate_fact=gate_fact, year=year,
        evenings=make_evenings(cast, year["season"], year["published"].unit, rider, _another(cast, code), code),
        batch=batch, draft_batch=draft_batch, claim=claim, shop=counter.shop, till=counter.till, till_token=counter.token,
        voucher=counter.voucher, redemption=counter.redemption, conflict=counter.conflict, thanks=thanks, letter=letter, hours=hours,
        sheet=sheet, word=word, account=account, paper=a_statement(cast, row),
        settled=_settled(cast, counter, rider, code),
    )  # fmt: skip


def a_statement(cast: Cast, row: Row) -> Paper:
    """A statement of a meter over the three months in which it was billed and paid."""
    wanted = WantedPaper(
        PaperKind.METER_STATEMENT, cast.street, row.point, from_on=DAY, last_on=dt.date(2026, 3, 31)
    )  # fmt: skip
    now = clock.now()
    return issue_paper(wanted, digest=draw(wanted, at=now).digest, by=cast.coordinator, at=now)


def _year(cast: Cast, place: Place, code: str) -> dict[str, Any]:
    """A season that has begun, an activity that waits to be published and one that is, of the street as a whole: whoever
    asks second is given the same."""
    street, today = cast.street, clock.today()
    season = Season.objects.filter(street=street).first()
    if season is not None:
        shown = season.activities.filter(title__contains="发布的").select_related("unit")
        rows = {activity.state: activity for activity in shown}
        planned, published = rows[ActivityState.PLANNED], rows[ActivityState.PUBLISHED]
        return {"season": season, "planned": planned, "published": published, "station": published.station}
    said: dict[str, Any] = {"by": cast.clerk, "at": clock.now()}
    unit = alliance.join_alliance(
        street, party=name_party(street, name=f"牵头单位 {code}"), from_on=today - dt.timedelta(days=10), **said
    )
    station = alliance.open_station(
        street, name=f"活动驿站 {code}", place=place, address=f"示例路 {code}", facilities=[],
        hours={"1": [[480, 1200]]}, **said,
    )  # fmt: skip
    topic = TopicDraft(1, today.replace(day=1), f"专题 {code}")
    days = today - dt.timedelta(days=10), today + dt.timedelta(days=60)
    season = plan_season(street, draft=SeasonDraft(f"季 {code}", *days, topics=(topic,)), **said)
    begins = clock.at_noon(today + dt.timedelta(days=20))
    draft = ActivityDraft(
        title=f"活动 {code}", board=Board.WARM, starts_at=begins, ends_at=begins + dt.timedelta(hours=2),
        where=f"党群服务中心 {code}", capacity=30,
    )  # fmt: skip
    under = season.topics.get(street=street)
    planned, published = (
        plan_activity(under, draft=replace(draft, title=f"{title} {code}"), unit=unit, station=station, **said)
        for title in ("待发布的", "已发布的")
    )
    published = publish_activity(published, by=cast.coordinator, at=clock.now())
    return {"season": season, "planned": planned, "published": published, "station": station}


def _thanks(
    cast: Cast, year: dict[str, Any], rider: Member, code: str
) -> tuple[Thanks, Thanks, ServiceCertificate, RunSheet]:
    """Thanks that are shown and objected to, a letter that was given, a certificate of the rider's hour, a public report."""
    now, season = clock.now(), year["season"]
    activity = an_hour(cast, season, year["published"].unit, rider, code)
    shown = thank(cast, rider, season, code, kind=ThanksKind.STORY, steps=3, since=now)
    object_to_thanks(shown, words=f"不是这一位 {code}", by=None, at=now)
    letter = thank(cast, rider, season, code, kind=ThanksKind.LETTER, steps=4, since=now - LONG_AGO)
    on = clock.day_of(activity.starts_at)
    hours = certify_hours(rider, from_on=on, last_on=on, by=cast.clerk, at=now)
    sheet = publish_report(a_report(activity, code, by=cast.clerk), by=cast.coordinator, at=now)
    return shown, letter, hours, sheet


class AtTheCounter(NamedTuple):
    """A shop and its till, vouchers of a rider's: one to be used, one that was, one that was noted offline and failed."""

    shop: Merchant
    till: Till
    token: str
    voucher: Claim
    redemption: Redemption
    conflict: OfflineConflict


def _counter(cast: Cast, code: str, rider: Member) -> AtTheCounter:
    street, now, by = cast.street, clock.now(), {"by": cast.coordinator, "at": clock.now()}
    said: dict[str, Any] = by
    unnamed = code.replace("-", "")  # an office serves all parts: its name tells of none
    shop = add_merchant(street, name=f"面馆 {code}", payee=f"餐饮公司 {unnamed}", host=cast.office, **said)
    terms = Terms(
        title=f"热汤面 {code}", kind=Worth.FREE, stock=9, cost_fen=1_800, budget_fen=9 * 1_800, per_member=4,
        releases_at=now - DAY_LONG, claim_until_at=now + 9 * DAY_LONG, use_from_on=clock.today() - DAY_LONG,
        use_until_on=clock.today() + 30 * DAY_LONG,
    )  # fmt: skip
    batch = draft_batch(street, terms=terms, merchants=[shop], payer=cast.office, by=cast.clerk, at=now)
    batch = approve_batch(batch, **said)
    mine, used, failed = (claim_voucher(batch, member=rider, by=None, at=now) for _ in range(3))
    add_till(shop, label=f"后厨 {code}", **said)
    token = open_till(add_till(shop, label=f"前台 {code}", **said), secret=f"phone of {code}", by=None, at=now)
    till = till_by_token(token, street.code)
    assert till is not None
    redemption = take(till, used, nonce=f"taken at {code}", at=now)
    lost = noted(failed, nonce="nonce-01", at=now, code="000000" if digits(failed, now) != "000000" else "000001")
    redeem_offline(till, scans=[lost], ahead=dt.timedelta(0), by=None, at=now)
    conflict = OfflineConflict.objects.get(street=street, failure__till=till)
    return AtTheCounter(shop, till, token, mine, redemption, conflict)


class Settled(NamedTuple):
    """What a shop is owed for a month long over, by three payers: a list that waits for it, one that it disputes, one that it
    confirmed and that is paid in part by another unit than the payer."""

    frozen: Settlement
    disputed: Settlement
    confirmed: Settlement
    payment: SettlementPayment


def _settled(cast: Cast, counter: AtTheCounter, rider: Member, code: str) -> Settled:
    street, now = cast.street, clock.now()
    latest = latest_month(street)
    month_on = next_month(latest) if latest else month_of(clock.today() - dt.timedelta(days=100))
    used_at = clock.at_noon(month_on)
    payers = (cast.office, cast.agent_party, cast.utility)
    with atomic():
        for n, payer in enumerate(payers):
            batch = replace_row(
                counter.voucher.batch, title=f"旧券 {code} {n}", payer=payer, claimed=1, committed_fen=1_800
            )
            claim = Claim.objects.create(
                street=street, batch=batch, member=rider, seq=1, number=f"{batch.pk:08}", secret="x", at=used_at
            )
            Redemption.objects.create(
                street=street, claim=claim, merchant=counter.shop, till=counter.till, nonce=f"old {n}", used_at=used_at,
                at=used_at, owed_fen=1_800,
            )  # fmt: skip
        tell(street)
    month = freeze_month(street, month_on=month_on, by=cast.clerk, at=now)
    lists = {row.payer_id: row for row in lists_of(street).filter(month=month, merchant=counter.shop)}
    frozen, disputed, confirmed = (lists[payer.pk] for payer in payers)
    for row in lists.values():
        row.street = street
    dispute_list(disputed, till=counter.till, words=f"少算一张 {code}", by=None, at=now)
    confirmed = confirm_list(confirmed, till=counter.till, by=None, at=now)
    payment = pay_shop(
        street, lists=[confirmed], fen=800, bank_serial=f"SERIAL{counter.shop.pk}", paid_on=clock.today(), by=cast.clerk,
        at=now,
    )  # fmt: skip
    return Settled(frozen, disputed, confirmed, payment)


def replace_row(batch: Batch, **changes: Any) -> Batch:
    """Another batch like one there is, past the forms."""
    batch = Batch.objects.get(pk=batch.pk)
    batch.pk, batch.public_id, batch._state.adding = None, public_id(), True
    for name, value in changes.items():
        setattr(batch, name, value)
    batch.save()
    index_rows([batch])
    return batch


def _rider(cast: Cast, code: str) -> tuple[Member, str]:
    """A member whose browser is let in, and the secret it holds; a second card waits to be used."""
    said: dict[str, Any] = {"by": cast.coordinator, "at": clock.now()}
    agreed = dict.fromkeys(ConsentKind, True)
    rider = join_with_card(cast.street, called=f"蜂 {code}", work=MemberWork.COURIER, consents=agreed, **said)
    card = card_of(rider, at=clock.now())
    assert card is not None
    token = open_by_card(card, secret=f"browser of {code}", by=None, at=clock.now())
    make_card(rider, **said)
    return rider, token


def _another(cast: Cast, code: str) -> Member:
    """A member who is not let in anywhere."""
    said: dict[str, Any] = {"work": MemberWork.COURIER, "consents": {}, "by": cast.coordinator, "at": clock.now()}
    return join_with_card(cast.street, called=f"另一只蜂 {code}", **said)


def _vouchers(cast: Cast, code: str, rider: Member) -> tuple[Batch, Batch, Claim]:
    """A batch that is given out, one that waits for approval, and what the member has claimed."""
    at, tomorrow = clock.now(), clock.today() + dt.timedelta(days=1)
    with atomic():
        shop = Merchant.objects.create(
            street=cast.street, party=cast.office, name=f"汤馆 {code}", from_on=clock.today()
        )
        tell(cast.street)
    soup = replace(
        SOUP, title=f"热汤面 {code}", words=f"堂食 {code}", per_member=5, releases_at=at - dt.timedelta(hours=1),
        claim_until_at=clock.start_of(tomorrow) + dt.timedelta(days=9), use_from_on=clock.today(),
        use_until_on=tomorrow + dt.timedelta(days=30),
    )  # fmt: skip
    said: dict[str, Any] = {"terms": soup, "merchants": [shop], "payer": cast.office, "by": cast.clerk, "at": at}
    batch, draft = (vouchers.draft_batch(cast.street, **said) for _ in range(2))
    approved = vouchers.approve_batch(batch, by=cast.coordinator, at=at)
    return approved, draft, vouchers.claim_voucher(approved, member=rider, by=None, at=at)


def _honours(cast: Cast, code: str) -> tuple[Clipping, Honour, Honour, Objection, NumberPattern]:
    """A text that was pasted, an honour in publicity that somebody objects to, one on the roll, a pattern of numbers."""
    street, clerk, now = cast.street, cast.clerk, clock.now()
    by: dict[str, Any] = {"by": cast.coordinator, "at": now}
    text = f"示例米业有限公司{code} 松江大米 荣获 示范单位{code}\t示例蔬菜合作社 荣获 优秀{code} 合作社"
    clipping = honours.take_in_clipping(street, text=text, source=f"报纸 {code}", by=clerk, at=now)
    draft = HonourDraft(
        FirmDraft(f"示例企业 {code}"), f"示例荣誉 {code}", HonourKind.RATING, f"报纸 {code}",
        items=[ItemDraft(name=f"产品 {code}")], body=f"颁发单位 {code}",
    )  # fmt: skip
    (honour,) = honours.draft_honours(street, [draft], by=clerk, at=now)
    honour = honours.check_honour(honour, seen=Seen.SOURCE, words=f"报纸 {code}", by=cast.checker, at=now)
    honour = honours.begin_publicity(honour, consent=Consent.PUBLIC_SOURCE, words=f"报纸 {code}", **by)
    said = {"words": f"没有这回事 {code}", "contact": f"某先生 {code}"}
    objection = honours.object_to_honour(honour, **said, by=None, at=now)
    pattern = honours.add_pattern(
        street, name=f"评字 {code}", template="评字{年:9999}-{序号:9+}", source=f"文件 {code}", **by
    )
    return clipping, honour, _on_the_roll(cast, code), objection, pattern


def _alliance(cast: Cast, place: Place, code: str) -> tuple[Offering, Station, GateFact]:
    """A unit of the alliance, which serves all parts, with what it brings; its station, and what is known at the gate of
    the block."""
    street, today = cast.street, clock.today()
    who: dict[str, Any] = {"by": cast.coordinator, "at": clock.now()}
    party = add_office(street, name=f"联盟单位 {place.code}", inside=False, **who)
    unit = alliance.join_alliance(street, party=party, from_on=today, contact=f"联系人 {place.code}", **who)
    offering = alliance.add_offering(unit, kind=OfferingKind.VENUE, words=f"会议室 {place.code}", from_on=today, **who)
    station = alliance.open_station(
        street, name=f"驿站 {code}", place=place, address=f"示例路 {code}", facilities=["drinking_water"],
        hours={"1": [[480, 1200]]}, lon_e6=121_262_500, lat_e6=31_168_400, unit=unit, **who,
    )  # fmt: skip
    report = submit_report(street, kind=ReportKind.PATROL, text=f"北门开着。{code}", place=place, **who)
    report = verify_report(report, finding=f"看过。{code}", **who)
    fact = alliance.add_gate_fact(
        place, kind=GateFactKind.ENTRANCE, words=f"走北门 {code}", report=report, looked_on=today,
        next_look_on=today + dt.timedelta(days=30), **who,
    )  # fmt: skip
    return offering, station, fact


def _on_the_roll(cast: Cast, code: str) -> Honour:
    """An honour that is on the roll: its publicity is over."""
    now, by = clock.now(), cast.coordinator
    before = now - dt.timedelta(days=9)
    draft = HonourDraft(FirmDraft(f"示例公司 {code}"), f"示例称号 {code}", HonourKind.RATING, f"报纸 {code}")
    (honour,) = honours.draft_honours(cast.street, [draft], by=cast.clerk, at=before)
    honour = honours.check_honour(honour, seen=Seen.SOURCE, words=f"报纸 {code}", by=cast.checker, at=before)
    honour = honours.begin_publicity(honour, consent=Consent.PUBLIC_SOURCE, words=f"报纸 {code}", by=by, at=before)
    return honours.publish_honour(honour, by=by, at=now)


@cache
def a_picture() -> Prepared:
    """A picture that was looked at."""
    data = picture(size=(40, 30))
    return prepare("x.jpg", len(data), lambda: data, purpose=Purpose.RECEIPT)


def _files(things: dict[str, Any], code: str, cast: Cast) -> dict[str, str]:
    """A file about each sort of thing that files may be about."""
    file = replace(a_picture(), name=f"照片 {code}.jpg")
    said: dict[str, Any] = {"by": cast.grid_worker, "at": clock.now()}
    return {word: add_files([file], about=thing, **said)[0].public_id for word, thing in things.items()}


def _reading(row: Row) -> Reading:
    """A sub-meter of the first shop, read once."""
    by: Any = {"by": None, "at": NOW}
    meter = install_meter(
        row.point, number=f"FB-{row.point.code}", kind=MeterKind.SUB, unit=row.units[0], started_on=DAY, **by
    )
    return record_readings(row.street, [ReadingDraft(meter, dt.date(2026, 1, 31), 30_000)], **by)[0]


def _import(cast: Cast, row: Row) -> Transaction:
    """A receipt that came in a file."""
    content = RECEIPTS.format(shop=row.units[0].code).encode()
    outcome = import_file(
        cast.street, FileKind.RECEIPTS, "收据.csv", content, by=cast.coordinator, at=clock.now(), dry_run=False
    )
    assert not outcome.faults
    return Transaction.objects.filter(street=cast.street, source_row__isnull=False).latest("pk")


def _case(cast: Cast, row: Row, place: Place) -> Case:
    """A case that is being handled."""
    now, code = clock.now(), row.point.code
    case = cases.file_case(
        cast.street,
        title=f"总表欠费 {code}",
        summary=f"代收未交。{code}",
        point=row.point,
        place=place,
        by=cast.coordinator,
        at=now,
    )
    case = cases.dispatch_case(case, lead=cast.office, assisting=[cast.utility], days=5, by=cast.coordinator, at=now)
    case = cases.sign_for(case, by=cast.clerk, at=now)
    return cases.first_contact(case, text=f"已电话联系商户代表。{code}", by=cast.clerk, at=now)


def _conference(cast: Cast, case: Case) -> tuple[Conference, Decision]:
    """A round that was held, minuted and signed, with one promise."""
    now, today, by, code = clock.now(), clock.today(), cast.coordinator, case.point.code if case.point else ""
    made = conferences.call_conference(
        case,
        meets_on=today,
        place=f"综合网格 {code}",
        agenda=f"谈水费 {code}",
        parties=[cast.office, cast.utility],
        by=by,
        at=now,
    )
    made = conferences.record_meeting(
        made, held_on=today, attended=[(cast.office, "王科长"), (cast.utility, "")], by=by, at=now
    )
    decision = conferences.record_decision(
        made, lead=cast.office, measure=f"提交一户一表方案 {code}", due_on=today + dt.timedelta(days=7),
        evidence_required=f"方案文本 {code}", by=by, at=now,
    )  # fmt: skip
    conferences.sign_minutes(made, text=f"各方同意先不停水。{code}", by=by, at=now)
    made.refresh_from_db()
    return made, decision


def _teach(cast: Cast, row: Row) -> None:
    """What files teach: whose a word on a paper is, and which column of somebody's files is which."""
    now, code = clock.now(), row.point.code
    lesson = memory.Lesson(NameSort.CUSTOMER_ACCOUNT, f"户号 {code}", point=row.point)
    memory.learn_name(cast.street, lesson, file_name=f"台账 {code}.xls", by=cast.coordinator, at=now)
    columns = {"店招": "商铺名称", "备注": ""}
    said = Memory(FileKind.UNITS, f"居委会 {code}", "0" * 64, columns, {}, f"花名册 {code}.xlsx", now)
    memory.keep_mapping(cast.street, said, by=cast.coordinator, at=now)


def _mediation(cast: Cast, row: Row, case: Case, agent: Party) -> tuple[Dossier, Agreement]:
    """A mediation that ended in an agreement of three instalments."""
    now, today, by, code = clock.now(), clock.today(), cast.mediator, row.point.code
    file = mediation.open_file(
        cast.street, source=FileSource.OWN_INITIATIVE, subject=f"水费代收未缴 {code}", summary=f"代收未交。{code}",
        applicants=[cast.utility], respondents=[agent], case=case, point=row.point, mediator=by, by=by, at=now,
    )  # fmt: skip
    file = mediation.tell_rights(file, text=f"已告知。{code}", by=by, at=now)
    mediation.record_session(file, text=f"双方到场。{code}", by=by, at=now)
    debt = 20_000
    agreement = agree(
        file, debtor=agent, debt_fen=debt,
        instalments=[(today + dt.timedelta(days=30 * n), fen) for n, fen in ((1, 5_000), (2, 5_000), (3, 10_000))],
        facts=f"代收水费未交。{code}", terms=f"分三期付清。{code}", agreed_on=today, signed={cast.utility: today, agent: today},
        mediator_signed_on=today, sealed_on=today, by=by, at=now,
    )  # fmt: skip
    file.refresh_from_db()
    return file, agreement


def make_notice(cast: Cast, row: Row) -> CutoffNotice:
    """A notice that stands: demanded five weeks ago, given a week ago."""
    today = clock.today()
    demanded, given = today - dt.timedelta(days=35), today - dt.timedelta(days=7)
    notice = cutoff.demand_payment(
        row.point, how=Delivery.IN_PERSON, proof=f"签收单 {row.point.code}", delivered_on=demanded, by=cast.coordinator,
        at=at_noon(demanded),
    ).notice  # fmt: skip
    return cutoff.give_notice(
        notice, how=Delivery.POSTED, proof=f"照片 {row.point.code}", served_at=at_noon(given), filing=f"备案 {row.point.code}", by=cast.coordinator,
        at=at_noon(given),
    )  # fmt: skip


def _deferral(cast: Cast, row: Row) -> Deferral:
    """A notice that is deferred for three weeks, on one condition in words."""
    today = clock.today()
    return cutoff.defer_cutoff(
        make_notice(cast, row), until=today + dt.timedelta(days=21),
        conditions=[ConditionDraft(ConditionKind.OTHER, today + dt.timedelta(days=7), text=f"每周一公示收缴明细 {row.point.code}")],
        decision=f"第 1 次联席会议 {row.point.code}", by=cast.coordinator, at=clock.now(),
    )  # fmt: skip
