"""Reports, cases and their parties, tasks, timeline, and links for outsiders (案件)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery

from hege.cases.rules import (
    BEING_HANDLED,
    FINISHED,
    TASK_UNFINISHED,
    UNFINISHED,
    URGING_LONGEST,
    WAITS_FOR_US,
    CaseState,
    LineKind,
    PartyRole,
    PaysHow,
    ReceiptsHeld,
    ReportKind,
    ReportState,
    RequestKind,
    RequestState,
    TaskState,
)
from hege.kernel.calendar import Calendar
from hege.kernel.ids import public_id
from hege.kernel.mutability import AppendOnly, Mutable, MutableQuerySet
from hege.kernel.periods import Lasting
from hege.metering.models import SupplyPoint
from hege.people.models import Acted, OfStreet, Party, Recorded, Street, User
from hege.places.models import Place, Unit
from hege.places.queries import path_filter


class NumberSeries(OfStreet, Mutable):
    """The last number given out in a street, series and year; its row is locked while the next one is taken."""

    series = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "series", "year"], name="number_series_unique")]


class CaseQuerySet(MutableQuerySet["Case"]):
    """Chainable filters over cases."""

    def unfinished(self) -> CaseQuerySet:
        """Neither closed nor re-visited."""
        return self.filter(state__in=sorted(UNFINISHED))

    def late(self, on: dt.date, calendar: Calendar) -> CaseQuerySet:
        """Those whose handling is late (逾期) on a day: not fed back, and a working day has begun since the last in time."""
        return self.filter(state__in=BEING_HANDLED, due_on__lt=calendar.first_in_time(on))

    def within(self, paths: Iterable[str]) -> CaseQuerySet:
        """Those in these parts of the grid tree; ``("",)`` is the whole street."""
        return self.filter(path_filter("place__path", paths))

    def of_parties(self, party_ids: Iterable[int]) -> CaseQuerySet:
        """Those that one of these parties has or had a part in."""
        return self.filter(pk__in=CaseParty.objects.filter(party_id__in=list(party_ids)).values("case_id"))

    def with_lead(self) -> CaseQuerySet:
        """Each with the name of the party that leads (``lead``, None before dispatch) and how many take part (``party_count``)."""
        mine = CaseParty.objects.filter(street=OuterRef("street"), case=OuterRef("pk"), until_on__isnull=True)
        return self.annotate(
            lead=Subquery(mine.filter(role=PartyRole.LEAD).order_by("pk").values("party__name")[:1]),
            party_count=Subquery(mine.order_by().values("case").annotate(n=Count("pk")).values("n")),
        )

    def with_reports(self) -> CaseQuerySet:
        """Each with how many reports came down to it (``reported``, None for none)."""
        mine = Report.objects.filter(street=OuterRef("street"), case=OuterRef("pk")).order_by().values("case")
        return self.annotate(reported=Subquery(mine.annotate(n=Count("pk")).values("n")))


class Case(Mutable):
    """One trouble, one case, many equal parties (案件). ``version`` rises with each change; pages send back theirs.

    The clock of handling starts at dispatch and is not restarted by a return (退单); each restart that
    there may be (rework, reopening) and each bounce and hold is counted and shown.
    """

    found_by = ("number", "title")

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="cases")
    public_id = models.CharField(max_length=12, default=public_id)
    number = models.CharField(max_length=20)
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=CaseState.choices, default=CaseState.FILED)
    state_at = models.DateTimeField(help_text="Since when it has been in this state.")
    version = models.PositiveIntegerField(default=1)
    point = models.ForeignKey(SupplyPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    dispatched_on = models.DateField(null=True, blank=True)
    contact_due_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True, help_text="When handling is to be fed back.")
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    satisfied = models.BooleanField(null=True, blank=True, help_text="What the re-visit found.")
    held_from = models.CharField(max_length=12, choices=CaseState.choices, blank=True)
    held_on = models.DateField(null=True, blank=True)
    held_until = models.DateField(
        null=True, blank=True, default=None, help_text="The day on which it goes on by itself."
    )
    state_reason = models.CharField(
        max_length=300, blank=True, help_text="Why it was returned, held, reworked, reopened."
    )
    bounces = models.PositiveSmallIntegerField(default=0)
    holds = models.PositiveSmallIntegerField(default=0)
    reworks = models.PositiveSmallIntegerField(default=0)
    reopenings = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager[Case]] = models.Manager.from_queryset(CaseQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "number"], name="case_number_unique"),
            models.UniqueConstraint(fields=["street", "public_id"], name="case_public_id_unique"),
            models.CheckConstraint(
                condition=(Q(state="on_hold") & ~Q(held_from="")) | (~Q(state="on_hold") & Q(held_from="")),
                name="case_hold_knows_where_from",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "state", "due_on"], name="case_state_due"),
            # for the board, which counts by due day and shows the worst: each holds only what it is asked for
            models.Index(
                fields=["street", "due_on", "id"], condition=Q(state__in=sorted(BEING_HANDLED)), name="case_handled_due"
            ),
            models.Index(
                fields=["street", "due_on", "id"], condition=Q(state__in=sorted(WAITS_FOR_US)), name="case_waiting_due"
            ),
            # for the list, stretch by stretch: what is unfinished, what was finished last, all that were filed
            models.Index(
                fields=["street", "due_on", "id"], condition=Q(state__in=sorted(UNFINISHED)), name="case_unfinished_due"
            ),
            models.Index(
                fields=["street", "-state_at", "-id"], condition=Q(state__in=sorted(FINISHED)), name="case_finished_at"
            ),
            models.Index(fields=["street", "-filed_at", "-id"], name="case_filed_at"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


#: Reports somebody has still to decide on, or that were accepted and wait for a case.
WAITING = Q(state__in=[ReportState.SUBMITTED, ReportState.VERIFYING]) | Q(state=ReportState.ACCEPTED, case__isnull=True)


class ReportQuerySet(MutableQuerySet["Report"]):
    """Chainable filters over reports."""

    def waiting(self) -> ReportQuerySet:
        """Those that are ``WAITING``."""
        return self.filter(WAITING)


class Report(Mutable):
    """Something somebody noticed (上报). Who it was is in ``Reporter``; many reports may have one root case."""

    found_by = ("text", "reference")  # and never by the shop: what a shop reports tells who reported

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="reports")
    public_id = models.CharField(max_length=12, default=public_id)
    kind = models.CharField(max_length=8, choices=ReportKind.choices)
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.SUBMITTED)
    text = models.TextField()
    reference = models.CharField(max_length=80, blank=True, help_text="The hotline's ticket or the warning's key.")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    point = models.ForeignKey(SupplyPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="reports")
    finding = models.TextField(blank=True, help_text="What was found on site, or why it was not taken up.")
    submitted_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Report]] = models.Manager.from_queryset(ReportQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="report_public_id_unique"),
            models.CheckConstraint(
                condition=Q(state="accepted")
                | Q(state="duplicate", case__isnull=False)
                | (~Q(state__in=["accepted", "duplicate"]) & Q(case__isnull=True)),
                name="report_case_fits_state",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "state"], name="report_state"),
            models.Index(fields=["street", "case"], condition=Q(case__isnull=False), name="report_of_case"),
        ]

    def __str__(self) -> str:
        return self.public_id


class Reporter(OfStreet, Mutable):
    """Who made a report (反映人). A table of its own, out of reach from a report: ``queries.reporter_of`` alone reads it."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    words = models.TextField(blank=True, help_text="What was said in full, where personal numbers in it are hidden.")
    follows = models.BooleanField(default=True, help_text="Wants to be told by SMS what becomes of it.")

    def __str__(self) -> str:
        return "***"  # whatever prints this object must not tell who it is


class SurveyVisit(Recorded, AppendOnly):
    """A visit to a shop to learn how it pays its water (走访摸排). A later visit corrects an earlier one."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="visits")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="visits")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="visits")
    report = models.ForeignKey(Report, null=True, on_delete=models.PROTECT, related_name="visits")
    visited_on = models.DateField()
    pays_how = models.CharField(max_length=12, choices=PaysHow.choices)
    receipts_held = models.CharField(max_length=4, choices=ReceiptsHeld.choices)
    receipts_fen = models.BigIntegerField(null=True, help_text="What the receipts it showed add up to.")
    unpaid_fen = models.BigIntegerField(null=True, help_text="What it says it has not paid.")
    own_meter = models.BooleanField(null=True)
    wish = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["street", "unit", "visited_on"], name="visit_unit_day")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(receipts_fen__isnull=True) | Q(receipts_fen__gte=0))
                & (Q(unpaid_fen__isnull=True) | Q(unpaid_fen__gte=0)),
                name="visit_not_negative",
            )
        ]


class CaseParty(OfStreet, Lasting):
    """A person or organisation in a case (参与方), in a role, from when until when; ``party.inside`` says whose it is."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="case_parts")
    role = models.CharField(max_length=10, choices=PartyRole.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["street", "case", "party", "role", "from_on"], name="case_party_start_unique"
            ),
            models.UniqueConstraint(
                fields=["street", "case", "party", "role"],
                condition=Q(until_on__isnull=True),
                name="case_party_one_open",
            ),
            models.UniqueConstraint(
                fields=["street", "case"], condition=Q(until_on__isnull=True, role="lead"), name="case_one_lead"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")), name="case_party_period"
            ),
        ]

    @property
    def inside(self) -> bool:
        """Whether it is one of the street's own offices."""
        return self.party.inside


class CaseFollow(OfStreet, Mutable):
    """Whether somebody follows a case (关注): then they are told what happens in it, as long as they may see it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follows")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on = models.BooleanField(default=True)
    at = models.DateTimeField(help_text="Since when it is so.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "case", "user"], name="case_follow_once")]


class TaskQuerySet(MutableQuerySet["Task"]):
    """Chainable filters over tasks."""

    def unfinished(self) -> TaskQuerySet:
        """Still to be done by somebody: open, signed for, or returned and not yet redirected."""
        return self.filter(state__in=sorted(TASK_UNFINISHED))


class Task(Mutable):
    """Something one party is asked to do within working days of dispatch (任务); bounces are counted, the clock goes on."""

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="tasks")
    public_id = models.CharField(max_length=12, default=public_id)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    days = models.PositiveSmallIntegerField()
    dispatched_on = models.DateField()
    due_on = models.DateField()
    signed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    document = models.CharField(max_length=200, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_on_behalf = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was returned or cancelled.")
    bounces = models.PositiveSmallIntegerField(default=0)
    handler = models.ForeignKey(
        User, null=True, blank=True, default=None, on_delete=models.PROTECT, related_name="+",
        help_text="To whom of the party it was handed.",
    )  # fmt: skip
    held_on = models.DateField(null=True, blank=True, default=None, help_text="Since when its clock stands still.")
    held_until = models.DateField(
        null=True, blank=True, default=None, help_text="The day on which it goes on by itself."
    )

    objects: ClassVar[models.Manager[Task]] = models.Manager.from_queryset(TaskQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "public_id"], name="task_public_id_unique"),
            models.CheckConstraint(
                condition=Q(held_on__isnull=True, held_until__isnull=True)
                | Q(held_on__isnull=False, held_until__gt=F("held_on")),
                name="task_held_until_later",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "state", "due_on"], name="task_state_due"),
            models.Index(fields=["street", "party", "state"], name="task_party"),
            models.Index(
                fields=["street", "due_on", "id"], condition=Q(state__in=sorted(TASK_UNFINISHED)), name="task_due"
            ),
            models.Index(
                fields=["street", "party", "due_on"],
                condition=Q(state__in=sorted(TASK_UNFINISHED)),
                name="task_party_due",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TimelineLine(OfStreet, Acted, AppendOnly):
    """One line of what happened in a case (办理经过). ``internal`` ones are for the offices, not for other parties.

    ``text`` is what people wrote, and what releases before November 2026 wrote; ``said`` a sentence of ours
    (``kernel.saying``).
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="timeline")
    on_behalf = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=16, choices=LineKind.choices)
    text = models.TextField(blank=True)
    said = models.JSONField(null=True, blank=True, default=None)
    internal = models.BooleanField(default=False)
    document = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["street", "case", "at"], name="timeline_case_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.text[:40]}"


class TaskLink(OfStreet, Mutable):
    """An expiring link by which an outside party answers one task without an account. Only its hash is kept."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_through = models.ForeignKey(
        "self", null=True, blank=True, default=None, on_delete=models.PROTECT, related_name="others_answered",
        help_text="By which other link of the same party it was answered.",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="task_link_period"),
        ]


class Urging(OfStreet, Acted, AppendOnly):
    """Once that a party was urged (催办): to do its task, or without one to handle the case it leads.

    ``told`` people found it at their bell; where there is nobody, ``words`` say how they were urged.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="urgings")
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="urgings")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    words = models.CharField(max_length=URGING_LONGEST, blank=True)
    told = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "task", "by", "on"], name="urging_of_task_once_a_day"),
            models.UniqueConstraint(
                fields=["street", "case", "by", "on"], condition=Q(task__isnull=True), name="urging_of_case_once_a_day"
            ),
            models.CheckConstraint(condition=Q(told__gt=0) | ~Q(words=""), name="urging_arrives"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.words}".strip()


class CaseRequest(OfStreet, Mutable):
    """What one person asks for and another decides, with the reason (申请): another due day for a task (改期), that a case
    or a task hangs until a day (缓办), that a case is voided (作废). Of a task, or of a case as a whole.

    An earlier due day waits for nobody. ``decision`` is why it was refused.
    """

    kind = models.CharField(max_length=4, choices=RequestKind.choices, default=RequestKind.DUE)
    case = models.ForeignKey(
        Case, null=True, blank=True, default=None, on_delete=models.PROTECT, related_name="requests"
    )
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    was_due_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True, help_text="The due day that is asked for.")
    until_on = models.DateField(
        null=True, blank=True, default=None, help_text="The day on which what hangs is to go on."
    )
    reason = models.CharField(max_length=300)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    on_behalf = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.WAITING)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "cases_duerequest"  # what seals and kept copies know it by
        constraints = [
            models.UniqueConstraint(
                fields=["street", "task"], condition=Q(state="waiting"), name="due_request_one_waits"
            ),
            models.UniqueConstraint(
                fields=["street", "case"], condition=Q(state="waiting"), name="case_request_one_waits"
            ),
            models.CheckConstraint(
                condition=(Q(state="waiting") & Q(decided_at__isnull=True))
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="due_request_decided",
            ),
            models.CheckConstraint(
                condition=Q(kind="due", task__isnull=False, case__isnull=True, due_on__isnull=False)
                & Q(was_due_on__isnull=False, until_on__isnull=True)
                | Q(kind="hold", due_on__isnull=True, was_due_on__isnull=True, until_on__isnull=False)
                & (Q(task__isnull=True, case__isnull=False) | Q(task__isnull=False, case__isnull=True))
                | Q(kind="void", task__isnull=True, case__isnull=False, due_on__isnull=True)
                & Q(was_due_on__isnull=True, until_on__isnull=True),
                name="case_request_says_what",
            ),
            models.CheckConstraint(
                condition=~Q(state="agreed")
                | Q(kind="due", due_on__lt=F("was_due_on"))
                | (Q(decided_by__isnull=False) & (Q(asked_by__isnull=True) | ~Q(decided_by=F("asked_by")))),
                name="case_request_decided_by_another",
            ),
        ]

    @property
    def thing(self) -> Case | Task | None:
        """What it is about."""
        return self.task or self.case

    def __str__(self) -> str:
        return f"{self.kind} {self.due_on or self.until_on or ''}".strip()
