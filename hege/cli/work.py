"""The worker: what no request waits for. It sends messages, keeps the daily watch, verifies by night, makes copies.

Any number of workers may run on one database: each takes what is due by a lease there, and takes over what another one,
killed meanwhile, had begun. ``hege work`` runs one; ``hege serve`` has one beside it unless HEGE_WORK is ``apart``.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, NoReturn

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, close_old_connections
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hege.arrears.queries import streets_to_watch
from hege.cases.queries import telephone_of_reporter
from hege.cli.shards import BESIDE
from hege.exports.making import file_name, write
from hege.exports.rules import Wanted, What
from hege.imports.cells import BadCell
from hege.imports.kind import Progress
from hege.imports.models import Pile
from hege.imports.piles import book_pile, rehearse
from hege.imports.queries import waiting_pile
from hege.installation.actions import sweep
from hege.installation.trail_export import export_trail
from hege.integrity.queries import checks_of
from hege.jobs import slate
from hege.jobs.actions import Made, begin, end_job, give_back, go_on, renew_leases, take_lease
from hege.jobs.models import Job
from hege.jobs.queries import lease_of, the_job, unfinished
from hege.jobs.rules import UNFINISHED, JobKind, JobState, Stopped
from hege.kernel.clock import SHANGHAI, day_of
from hege.kernel.refused import Refused
from hege.kernel.trouble import Trouble, trouble_of
from hege.ledger.queries import as_far_as_it_goes
from hege.members.queries import code_to_send, member_telephone
from hege.outbox.actions import claim, settle
from hege.outbox.channels import SEND
from hege.outbox.channels.parcel import Parcel
from hege.outbox.models import Message
from hege.outbox.queries import due, the_gateway, wishes_of
from hege.outbox.rules import ROBOTS, Answer, Channel, Event, Outcome, check_phone, fit, words
from hege.outbox.sealing import unsealed
from hege.people.models import User
from hege.people.queries import streets_of
from hege.procedures.actions import keep_days_watch
from hege.programme.activities.actions import close_attendances, lapse_offers
from hege.programme.activities.queries import streets_to_keep
from hege.trail.models import UpkeepKind
from hege.trail.queries import has_run, last_run_at

EVERY_SECONDS = 10
SEND_EVERY_SECONDS = 5
JOBS_EVERY_SECONDS = 2  # somebody looks on
WORK = [sys.executable, "-m", "hege.cli.main", "work"]
logger = logging.getLogger("hege.work")

Now = Callable[[], dt.datetime]
Wait = Callable[[int], bool]


class Step(StrEnum):
    """Where a worker may be killed: the tests do so at each."""

    DUE = "due"  # something is to be sent, nothing has been done
    CLAIMED = "claimed"  # it is ours in the database, nothing has left
    HANDED = "handed"  # the gateway has answered, nothing is written down
    SETTLED = "settled"  # what it said is written down
    CHORE_TAKEN = "chore taken"  # a chore is ours, nothing has been done
    CHORE_DONE = "chore done"  # it is done, and still ours
    JOB_TAKEN = "job taken"  # long work is ours, nothing more of it has been done
    JOB_PART = "job part"  # one part more of it is written down, or its file is written and not there yet
    JOB_DONE = "job done"  # it has come to its end, which is not written down
    JOB_TOLD = "job told"  # how far it is was said, within its own transaction
    WATCH_KEPT = "watch kept"  # the day's watch of one street is kept
    DAILY_TAKEN = "daily taken"  # what is done once a day is ours, nothing has been done
    DAILY_DONE = "daily done"  # it is done, and still ours
    RENEWED = "renewed"  # our leases have been renewed


def reached(step: Step) -> None:
    """A worker has come to a step."""


def holder() -> str:
    """The name of a worker in leases: of this process, and of no other that has had its number."""
    return f"{os.uname().nodename[:30]} {os.getpid()} {secrets.token_hex(4)}"


# -- messages ----------------------------------------------------------------------------------------------------------


def send_what_is_due(*, me: str, now: Now, stop: Callable[[], bool] = lambda: False) -> int:
    """Send message after message until none is due; how many were tried. Looks without a lock first: as a rule none is."""
    tried = 0
    while not stop() and due(now()).exists():
        reached(Step.DUE)
        message = claim(holder=me, at=now())
        if message is None:
            break
        reached(Step.CLAIMED)
        answer = _delivered(message, at=now())
        reached(Step.HANDED)
        settle(message, answer, at=now())
        reached(Step.SETTLED)
        tried += 1
    return tried


def _delivered(message: Message, *, at: dt.datetime) -> Answer:
    """The answer of whatever happens: a message at which we stumble goes the way of silence, and holds up no other."""
    try:
        return deliver(message, at=at)
    except DatabaseError:
        raise
    except Exception as fault:  # noqa: BLE001  # its words may repeat a telephone: they are written nowhere
        logger.warning("message %s: %s", message.key, type(fault).__name__)
        return Answer(Outcome.SILENT, type(fault).__name__)


def deliver(message: Message, *, at: dt.datetime) -> Answer:
    """Hand one message to its gateway. Where it goes is asked now, and written down nowhere."""
    gateway, channel = the_gateway(message.street, message.channel), Channel(message.channel)
    opened = unsealed(gateway.sealed, street=message.street_id, channel=channel) if gateway else None
    if gateway is None or opened is None:
        return Answer(Outcome.AWAY, "no gateway" if gateway is None else "no key")
    if message.user and not streets_of(message.user, on=day_of(at)).filter(pk=message.street_id).exists():
        return Answer(Outcome.REFUSED, "no post")
    to = address_of(message, at=at)
    if message.member_of and not to.address:
        return Answer(Outcome.OVER, "left")
    with override(settings.LANGUAGE_CODE):
        text = to.words or words(Event(message.event), message.number, message.day, message.href)
    if gateway.most_bytes:
        text = fit(text, gateway.most_bytes)
    return SEND[channel](Parcel(text, opened.address, opened.secret, to.address, message.key, at))


class To(NamedTuple):
    """Where a message goes at this instant, empty where it can go nowhere, and what it says where that is its own."""

    address: str
    words: str = ""


def address_of(message: Message, *, at: dt.datetime) -> To:
    """The addressee's mail address or telephone."""
    if message.member_of:
        return _to_member(message, at=at)
    if message.user_id is None:
        return To(_telephone(telephone_of_reporter(message.street, message.reporter_of)))
    wish = wishes_of([message.user_id]).get(message.user_id)
    if wish is None:
        return To("")
    if message.channel == Channel.MAIL:
        return To(wish.mail)
    return To(wish.phone if message.channel in (Channel.SMS, *ROBOTS) else "")


def _to_member(message: Message, *, at: dt.datetime) -> To:
    if message.event == Event.JOIN_CODE:
        with override(settings.LANGUAGE_CODE):
            return To(*code_to_send(message.street, message.member_of, at=at))
    return To(member_telephone(message.street, message.member_of))


def _telephone(said: str) -> str:
    try:
        return check_phone(said, field="phone")
    except Refused:
        return ""


# -- what is to be done again and again --------------------------------------------------------------------------------


def watch_over(*, now: Now, wait: Wait, since: dt.time, me: str = "watch") -> None:
    """Keep each day's watch from a time of day on, and at once where today's was not kept when we began, and do the
    chores at their hours; until ``wait`` answers that we are to stop.
    """
    begun = True
    while True:
        at = now()
        if begun or at.astimezone(SHANGHAI).time() >= since:
            begun = not keep_what_is_due(at, me=me)
        keep_places(at)
        do_chores(at, me=me)
        if wait(EVERY_SECONDS):
            return


def keep_what_is_due(at: dt.datetime, *, me: str = "watch") -> bool:
    """Keep the day's watch of every street where nobody has; a street in trouble is tried again the next time. And let go
    of what has served its time, and send the trail's new lines to the second place, once a day.

    Answers whether all went well.
    """
    well = True
    try:
        for street in streets_to_watch(at):
            try:
                keep_days_watch(street, by=None, at=at)
                reached(Step.WATCH_KEPT)
            except (DatabaseError, Refused) as trouble:
                well = False
                logger.warning("%s: %s", street.code, trouble)
        _once_a_day(UpkeepKind.SWEEP, lambda: sweep(by=None, at=at), at=at, me=me)
        if settings.TRAIL_EXPORT_TO:
            folder = Path(settings.TRAIL_EXPORT_TO)
            _once_a_day(UpkeepKind.EXPORT, lambda: export_trail(folder, by=None, at=at), at=at, me=me)
    except (DatabaseError, Refused) as trouble:
        well = False
        logger.warning("%s", trouble)
    return well


def keep_places(at: dt.datetime) -> None:
    """Ask the next on a waiting list as soon as an offer is overdue, and add up who came as soon as an activity is over:
    people wait for both."""
    try:
        for street in streets_to_keep(at):
            lapse_offers(street, by=None, at=at)
            close_attendances(street, by=None, at=at)
    except (DatabaseError, Refused) as trouble:
        logger.warning("%s", trouble)


def _once_a_day(kind: UpkeepKind, do: Callable[[], object], *, at: dt.datetime, me: str) -> None:
    if has_run(kind, on=day_of(at)) or not take_lease(kind.value, holder=me, at=at):
        return
    reached(Step.DAILY_TAKEN)
    try:
        if not has_run(kind, on=day_of(at)):  # nobody did it between the look and the lease
            do()
        reached(Step.DAILY_DONE)
    finally:
        give_back(holder=me, name=kind.value)


def do_chores(at: dt.datetime, *, me: str) -> list[str]:
    """Verify everything and make a copy where their hour has come and nobody has; which of them were done here.

    Each is a command that says itself, in the list of upkeep, that it ran and how it went.
    """
    hours = {UpkeepKind.VERIFY: settings.VERIFY_AT, UpkeepKind.BACKUP: settings.BACKUP_AT if settings.BACKUP_TO else []}
    done = []
    for kind, times in hours.items():
        try:
            if is_due(times, last_run_at(kind), at=at) and take_lease(kind.value, holder=me, at=at):
                reached(Step.CHORE_TAKEN)
                if is_due(times, last_run_at(kind), at=at):  # nobody did it between the look and the lease
                    _run(kind.value)
                    done.append(kind.value)
                reached(Step.CHORE_DONE)
                give_back(holder=me, name=kind.value)
        except (DatabaseError, Refused, OSError) as trouble:
            logger.warning("%s: %s", kind.value, trouble)
    return done


def do_jobs(*, me: str, now: Now, stop: Callable[[], bool] = lambda: False) -> None:
    """Do the long work that was asked for, or go on with what a worker that is gone has left."""
    try:
        for waiting in unfinished():
            if stop() or not take_lease(lease_of(waiting), holder=me, at=now()):
                continue
            reached(Step.JOB_TAKEN)
            job = the_job(waiting.street, waiting.public_id)
            if job is not None and job.state in UNFINISHED:
                do_job(job, now=now)
            give_back(holder=me, name=lease_of(waiting))
    except (DatabaseError, Refused) as trouble:
        logger.warning("%s", trouble)


def do_job(job: Job, *, now: Now) -> None:
    """Do one piece of long work to its end, in the language of who asked for it."""
    state, said, made = JobState.DONE, "", None
    with override(job.language or settings.LANGUAGE_CODE):
        try:
            begin(job)
            made = DO[JobKind(job.kind)](job, now)
        except Stopped:
            state = JobState.CANCELLED
        except DatabaseError:
            raise  # the ground gave way: somebody tries again
        except (Refused, BadCell) as no:
            state, said = JobState.FAILED, str(no)
        except Exception as problem:  # what is wrong with one piece of work keeps no other from being done
            logger.exception("job %s", job.public_id)
            state, said = JobState.FAILED, _why(problem)
    reached(Step.JOB_DONE)
    end_job(job, state, refused=said, made=made, at=now())


def _why(problem: Exception) -> str:
    if trouble_of(problem) is Trouble.FULL:
        return str(_("磁盘满了，写不下；请系统管理员清理磁盘。"))
    return str(_("程序出了错，没有做成；请系统管理员看后台工作的记录。"))


def telling(job: Job, *, now: Now) -> Progress:
    """A ``Progress`` that says how far it is where the page of the work reads it, and raises ``Stopped`` where it is to stop."""
    last: tuple[str, int] | None = None

    def tell(doing: str, done: int, total: int) -> None:
        nonlocal last
        here = (doing, 100 * done // total if total else 0)
        if here == last:
            return
        last = here
        if slate.is_to_stop(job.public_id):
            raise Stopped
        slate.tell(job.public_id, doing, done, total, at=now())
        reached(Step.JOB_TOLD)

    return tell


def _verify(job: Job, _now: Now) -> None:
    checks = checks_of(job.street)
    for n, (what, found) in enumerate(checks, 1):
        if n > job.done:
            go_on(job, done=n, total=len(checks), findings=list(as_far_as_it_goes(what, found)))
            reached(Step.JOB_PART)


def _look(job: Job, now: Now) -> None:
    rehearse(_pile(job, now), by=_asker(job), at=now(), progress=telling(job, now=now))


def _book(job: Job, now: Now) -> None:
    """Once, whoever was killed over it: a pile says itself whether it is booked."""
    outcome = book_pile(_pile(job, now), by=_asker(job), at=now(), progress=telling(job, now=now))
    if outcome is not None and not outcome.booked:
        raise Refused(_("和您看过的不一样，一行都没有登记；请再看一眼。"))


def _pile(job: Job, now: Now) -> Pile:
    found = waiting_pile(job.street, job.arguments["pile"], owner=_asker(job), at=now())
    if found is None:
        raise Refused(_("这份文件已过了确认的时间，请重新选择。"))
    return found


def _asker(job: Job) -> User:
    assert job.by is not None  # nobody else asks for these
    return job.by


def _export(job: Job, now: Now) -> Made:
    wanted = Wanted(What(job.arguments["what"]), job.arguments["of"])
    with slate.making(job.public_id) as out:
        write(job.street, wanted, out, telling(job, now=now))
        reached(Step.JOB_PART)
    size = slate.made(job.public_id).stat().st_size
    return Made(file_name(wanted), size, now() + dt.timedelta(hours=settings.MADE_KEPT_HOURS))


#: How each kind of long work is done, from where it stands; it says how far it is, and what file it made.
DO: dict[JobKind, Callable[[Job, Now], Made | None]] = {
    JobKind.VERIFY: _verify, JobKind.LOOK: _look, JobKind.BOOK: _book, JobKind.EXPORT: _export,
}  # fmt: skip


def is_due(times: list[dt.time], last: dt.datetime | None, *, at: dt.datetime) -> bool:
    """Whether a chore with these hours, Shanghai time, has not run since the last of them; what never ran is due after one."""
    day = day_of(at)
    hours = (dt.datetime.combine(day - dt.timedelta(days=n), time, SHANGHAI) for n in (0, 1) for time in times)
    latest = max((hour for hour in hours if hour <= at), default=None)
    return latest is not None and (last is None or last < latest)


def _run(command: str) -> None:
    said = io.StringIO()
    try:
        call_command(command, stdout=said, stderr=said)
    except CommandError as trouble:
        logger.warning("hege %s: %s", command, trouble)


# -- the process -------------------------------------------------------------------------------------------------------


def work(*, now: Now, wait: Wait, since: dt.time) -> None:
    """Send what is due while another thread keeps the watch and does the chores, and one the long work, until ``wait`` answers that we are to
    stop. What we hold in the database is renewed meanwhile and given back at the end."""
    me, ended = holder(), threading.Event()

    def pause(seconds: int) -> bool:
        close_old_connections()
        return ended.wait(seconds)

    def work_long() -> None:
        while not pause(JOBS_EVERY_SECONDS):
            do_jobs(me=me, now=now, stop=ended.is_set)

    kept = {"now": now, "wait": pause, "since": since, "me": me}
    keepers = [
        threading.Thread(target=watch_over, kwargs=kept, daemon=True),
        threading.Thread(target=work_long, daemon=True),
    ]
    for keeper in keepers:
        keeper.start()
    try:
        while not wait(SEND_EVERY_SECONDS) and all(keeper.is_alive() for keeper in keepers):
            try:
                renew_leases(holder=me, at=now())
                reached(Step.RENEWED)
                send_what_is_due(me=me, now=now)
            except DatabaseError as trouble:
                logger.warning("%s", trouble)
    finally:
        ended.set()
        with suppress(DatabaseError):  # what cannot be given back runs out by itself
            give_back(holder=me)


def told_to_stop() -> Wait:
    """A ``wait`` for ``work``: true when we are told to stop, or when the server that started us is gone, be it while we
    were still starting.
    """
    parent, stop = int(os.environ.get(BESIDE, os.getppid())), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())

    def wait(seconds: int) -> bool:
        close_old_connections()
        return any(stop.wait(1) or os.getppid() != parent for _second in range(seconds))

    return wait


def start_beside() -> None:
    """Start the worker as a process beside the site; it ends with the process that starts it."""
    subprocess.Popen(WORK, stdin=subprocess.DEVNULL, env={**os.environ, BESIDE: str(os.getpid())})


def go_on_as_worker(site: int) -> NoReturn:
    """This process, which the site's process started, is from now on the worker beside it."""
    os.execve(sys.executable, WORK, {**os.environ, BESIDE: str(site)})  # noqa: S606 - no shell, our own arguments
