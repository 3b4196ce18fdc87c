"""Taking honours in, looking at them, showing, publishing and ending them; each asks its rule and stands on the trail."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.attachments.actions import keep_files
from hege.attachments.preparing import Prepared, counted
from hege.credentials.actions import sign_badge
from hege.credentials.status import free_place
from hege.honours import queries
from hege.honours.intake.reading import read_clipping
from hege.honours.models import (
    AwardingBody,
    Badge,
    Clipping,
    ClippingDecision,
    Firm,
    Honour,
    HonourItem,
    HonourSetting,
    HonourStep,
    HonourVersion,
    NumberPattern,
    Objection,
    ObjectionDecision,
    Objector,
)
from hege.honours.numbers.templates import Template
from hege.honours.publishing import badge_of
from hege.honours.queries import ReadDraft
from hege.honours.roll import LISTED, ON_THE_ROLL, found_by
from hege.honours.rules import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_TITLE,
    LONGEST_WORDS,
    Act,
    BodyKind,
    Consent,
    Decision,
    FirmDraft,
    HonourDraft,
    HonourState,
    Seen,
    SettingKind,
    check_act,
    check_decidable,
    check_expiry,
    check_new,
    check_not_too_many_objections,
    check_objectable,
    check_same_name,
    check_setting,
    first_day_after,
    folded_name,
    inner_code,
    likeness,
)
from hege.kernel import ids
from hege.kernel.bulk import append, reserve_ids
from hege.kernel.calendar import DAY
from hege.kernel.checks import check_line, check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.personal import hide
from hege.kernel.refused import Refused, Stale
from hege.people.models import Membership, Street, User
from hege.people.queries import locked_street
from hege.places.models import Place
from hege.search.actions import forget_things, index_things
from hege.trail import actions as trail

# -- settings, patterns, firms, awarding bodies --------------------------------------------------------------------------


@atomic
def set_honour_setting(
    street: Street, *, kind: SettingKind, value: int, reason: str, by: User | None, at: dt.datetime
) -> HonourSetting:
    """Set one of the roll's own figures (改荣誉榜设置), for a reason; publicity under way keeps its days."""
    check_setting(kind, value)
    said = check_words(reason)
    row, _made = HonourSetting.objects.update_or_create(street=street, kind=kind, defaults={"value": value})
    trail.record("set_honour_setting", row, street=street, by=by, at=at, kind=kind.value, value=value, reason=said)
    return row


@atomic
def add_pattern(
    street: Street,
    *,
    name: str,
    template: str,
    source: str,
    since_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> NumberPattern:
    """Add how a sort of number is written (添加号码格式), and what says so."""
    called = check_line(name, _("请写明名称。"), name="name", most=LONGEST_NUMBER)
    said = check_line(source, _("请写明出处：哪份文件规定了这种写法。"), name="source", most=LONGEST_TITLE)
    understood = Template(check_line(template, _("请写明写法。"), name="template", most=LONGEST_NAME))
    if NumberPattern.objects.filter(street=street, name=called, ended_at__isnull=True).exists():
        raise Refused(_("已经有叫“%(name)s”的号码格式，请先停用它，或者换个名称。"), name=called, field="name")
    row = NumberPattern.objects.create(
        street=street, name=called, template=understood.text, source=said, since_on=since_on
    )
    trail.record("add_pattern", row, by=by, at=at, name=called, template=row.template, source=said)
    return row


@atomic
def end_pattern(pattern: NumberPattern, *, reason: str, by: User | None, at: dt.datetime) -> NumberPattern:
    """Check no more numbers by a pattern (停用号码格式), for a reason."""
    said, locked = check_words(reason), lock(pattern)
    if locked.ended_at is not None:
        raise Refused(_("这个号码格式已经停用。"))
    locked.ended_at = at
    locked.save(update_fields=["ended_at"])
    trail.record("end_pattern", locked, by=by, at=at, name=locked.name, reason=said)
    return locked


@atomic
def amend_firm(
    firm: Firm, *, name: str, code: str = "", place: Place | None = None, by: User | None, at: dt.datetime
) -> Firm:
    """Mend what is known of a firm (改企业资料). A code that another firm has is refused."""
    check_same_street(firm.street_id, place)
    locked = lock(firm)
    draft = FirmDraft(
        check_line(name, _("请写明企业名称。"), name="firm", most=LONGEST_NAME), queries.read_code(code, on=day_of(at))
    )
    inner = inner_code(draft.code)
    others = Firm.objects.filter(street=firm.street_id, organisation_code=inner).exclude(pk=firm.pk)
    if inner and (other := others.first()):
        raise Refused(_("代码 %(code)s 已登记在“%(firm)s”名下。"), code=draft.code, firm=other.name, field="code")
    wanted = {"name": draft.name, "folded": folded_name(draft.name), "code": draft.code, "organisation_code": inner}
    trail.amend("amend_firm", locked, {**wanted, "place_id": place and place.pk}, by=by, at=at)
    _tell_the_roll(locked.street, HonourVersion.objects.that_count().filter(street=locked.street, honour__firm=locked))
    return locked


@atomic
def amend_body(
    body: AwardingBody, *, kind: BodyKind, publishes_at: str = "", by: User | None, at: dt.datetime
) -> AwardingBody:
    """Say what an awarding body is and where it makes its honours public (改颁发单位)."""
    said, locked = check_line(publishes_at, name="publishes_at", most=LONGEST_TITLE), lock(body)
    trail.amend("amend_body", locked, {"kind": kind, "publishes_at": said}, by=by, at=at)
    return locked


# -- taking in -----------------------------------------------------------------------------------------------------------


@atomic
def take_in_clipping(
    street: Street,
    *,
    text: str,
    source: str,
    source_page: str = "",
    source_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> Clipping:
    """Keep a pasted text with where it stood (收剪报); refused where nothing in it reads as an honour."""
    read_clipping(text)
    said = check_line(source, _("请写明出处（哪份报纸、哪份文件）。"), name="source", most=LONGEST_TITLE)
    page = check_line(source_page, name="source_page", most=LONGEST_NUMBER)
    if source_on is not None and source_on > day_of(at):
        raise Refused(_("出处的日期 %(day)s 还没有到。"), day=source_on.isoformat(), field="source_on")
    kept = Clipping.objects.create(
        street=street, text=text.replace("\0", ""), source=said, source_page=page, source_on=source_on, by=by, at=at
    )
    trail.record("take_in_clipping", kept, by=by, at=at, source=said, source_page=page, source_on=source_on)
    return kept


@atomic
def decide_doubt(
    clipping: Clipping, *, cell: int, doubt: str, choice: str, by: User | None, at: dt.datetime
) -> ClippingDecision:
    """Say what the text does not (定疑点); a later word counts instead, until the cell has been drafted."""
    cells = queries.read(clipping).cells
    asked = next((d for c in cells for d in c.doubts if (d.cell, d.key) == (cell, doubt)), None)
    if asked is None or choice not in asked.choices:
        raise Refused(_("这里没有这个疑点，或者没有这个选项，请刷新后再选。"), field="choice")
    if queries.drafted_cells(clipping)[cell]:
        raise Refused(_("这一格已经录入，请到那项荣誉里更正。"))
    kept = ClippingDecision.objects.create(
        street=clipping.street, clipping=clipping, cell=cell, doubt=doubt, choice=choice, by=by, at=at
    )
    trail.record("decide_doubt", clipping, by=by, at=at, cell=cell, doubt=doubt, choice=choice)
    return kept


@atomic
def draft_honours(
    street: Street,
    drafts: Sequence[HonourDraft],
    *,
    clipping: Clipping | None = None,
    by: User | None,
    at: dt.datetime,
) -> list[Honour]:
    """Take honours in (录入荣誉), any number at once: all or none, some ten statements for each thousand.

    Firms are found by code or choice; a name that another firm has is refused until somebody says which it is. An honour
    that stands there already, or was withdrawn, is refused unless its draft says why ``again``.
    """
    check_same_street(street.pk, clipping)
    locked_street(street.pk)  # so that no two draft the same at once
    if clipping is not None:
        queries.check_cells(clipping, {draft.cell for draft in drafts})
    patterns = queries.patterns_for(street)
    read = [queries.read_draft(draft, on=day_of(at), patterns=patterns) for draft in drafts]
    firms = _firms(street, [one.draft.firm for one in read])
    bodies = _bodies(street, {one.draft.body for one in read if one.draft.body})
    whose = [firms[one.draft.firm] for one in read]
    likes = [likeness(firm, one.draft.title, one.numbers) for firm, one in zip(whose, read, strict=True)]
    _check_new(street, read, likes)
    _check_licences(street, read, whose)
    honours = reserve_ids(Honour, len(read))
    append(
        Honour,
        ("id", "street_id", "public_id", "firm_id", "state", "version", "likeness", "shown_until_on", "published_at"),
        [
            (pk, street.pk, ids.public_id(), firm, HonourState.DRAFTED.value, 1, like, None, None)
            for pk, firm, like in zip(honours, whose, likes, strict=True)
        ],
    )
    _write(street, read, honours, bodies, number=1, clipping=clipping, by=by, at=at)
    made = queries.some_honours(street, honours)
    if made:
        thing = made[0] if len(made) == 1 else clipping or street
        trail.record("draft_honours", thing, street=street, by=by, at=at, honours=len(made))
    return made


def _firms(street: Street, drafts: Collection[FirmDraft]) -> dict[FirmDraft, int]:
    """The key of each draft's firm; those that are new are registered: one for all drafts with one code, or with one name."""
    matches = queries.match_firms(street, drafts)
    out, new = dict[FirmDraft, int](), defaultdict[str, list[FirmDraft]](list)
    for draft, match in matches.items():
        if match.sure is not None:
            out[draft] = match.sure.pk
            continue
        check_same_name(draft, [firm.name for firm in match.same_name])
        new[inner_code(draft.code) or folded_name(draft.name)].append(draft)
    keys = reserve_ids(Firm, len(new))
    rows = []
    for pk, same in zip(keys, new.values(), strict=True):
        out |= dict.fromkeys(same, pk)
        first = max(same, key=lambda draft: len(draft.code))
        names = (first.name, folded_name(first.name), first.code, inner_code(first.code))
        rows.append((pk, street.pk, ids.public_id(), *names, None))
    append(
        Firm, ("id", "street_id", "public_id", "name", "folded", "code", "organisation_code", "place_id"), rows
    )  # fmt: skip
    return out


def _bodies(street: Street, names: Collection[str]) -> dict[str, int]:
    """The key of each awarding body, those that are new registered by their name alone."""
    there = dict(AwardingBody.objects.filter(street=street).values_list("name", "pk"))
    for name in sorted(names - there.keys()):
        there[name] = AwardingBody.objects.create(street=street, name=name).pk
    return there


def _check_new(street: Street, read: Sequence[ReadDraft], likes: Sequence[str]) -> None:
    there = queries.entries_like(street, likes)
    seen = set[str]()
    for one, like in zip(read, likes, strict=True):
        before = there.get(like)
        state = HonourState(before.state) if before else HonourState.DRAFTED if like in seen else None
        check_new(one.draft, before=state, before_id=before.public_id if before else "")
        seen.add(like)


def _check_licences(street: Street, read: Sequence[ReadDraft], whose: Sequence[int]) -> None:
    """The same licence at two firms is one mistake too many."""
    holders = queries.licences_taken(street, {number for one in read for number in one.licences})
    for one, firm in zip(read, whose, strict=True):
        for number in one.licences:
            if holders[number] - {firm}:
                raise Refused(
                    _("资格证书编号 %(number)s 已登记在另一家企业名下，请先弄清是哪一家的。"), number=number, field="number"
                )  # fmt: skip
            holders[number].add(firm)


_SAID = (
    "title",
    "kind",
    "level",
    "issued_on",
    "expires_on",
    "approval_no",
    "trade_mark",
    "source",
    "source_page",
    "source_on",
    "as_printed",
    "cell",
)


def _write(
    street: Street,
    read: Sequence[ReadDraft],
    honours: Sequence[int],
    bodies: Mapping[str, int],
    *,
    number: int,
    clipping: Clipping | None = None,
    reason: str = "",
    by: User | None,
    at: dt.datetime,
) -> list[int]:
    """Write versions with their lines; their keys."""
    versions = reserve_ids(HonourVersion, len(read))
    same = (number, clipping and clipping.pk, by and by.pk, at)
    append(
        HonourVersion,
        ("id", "street_id", "honour_id", "body_id", *_SAID, "reason", "number", "clipping_id", "by_id", "at"),
        [
            (
                pk,
                street.pk,
                honour,
                bodies.get(one.draft.body),
                *[_plain(getattr(one.draft, name)) for name in _SAID],
                reason or one.draft.again,
                *same,
            )
            for pk, honour, one in zip(versions, honours, read, strict=True)
        ],
    )
    lines = [
        (version, item.kind.value, item.name, item.number, *((said.read_as, said.kind.value) if said else ("", "")))
        for version, one in zip(versions, read, strict=True)
        for item, said in one.lines
    ]
    append(
        HonourItem,
        ("id", "street_id", "version_id", "kind", "name", "number_as_printed", "number_as_read", "number_kind"),
        [(pk, street.pk, *line) for pk, line in zip(reserve_ids(HonourItem, len(lines)), lines, strict=True)],
    )
    return versions


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


# -- correcting, checking, showing, publishing, ending -------------------------------------------------------------------


@atomic
def correct_honour(
    honour: Honour, *, draft: HonourDraft, reason: str, version: int | None = None, by: User | None, at: dt.datetime
) -> Honour:
    """Say it otherwise (更正荣誉): a new version, looked at anew; the former stays readable. The firm stays the same.

    ``version`` is the one the page showed.
    """
    said = check_words(reason)[:300]
    locked_street(honour.street_id)
    locked = _lock_for(Act.CORRECT, honour, version, by=by, at=at)
    firm = locked.firm
    same_firm = FirmDraft(firm.name, firm.code, known=firm.pk)
    patterns = queries.patterns_for(locked.street)
    one = queries.read_draft(replace(draft, firm=same_firm), on=day_of(at), patterns=patterns)
    like = likeness(firm.pk, one.draft.title, one.numbers)
    if like != locked.likeness:
        _check_new(locked.street, [one], [like])
    _check_licences(locked.street, [one], [firm.pk])
    bodies = _bodies(locked.street, {one.draft.body} - {""})
    locked.version, locked.state, locked.likeness = locked.version + 1, HonourState.DRAFTED, like
    locked.shown_until_on = locked.published_at = None
    locked.save(update_fields=["version", "state", "likeness", "shown_until_on", "published_at"])
    _write(locked.street, [one], [locked.pk], bodies, number=locked.version, reason=said, by=by, at=at)
    _tell_the_roll(locked.street, [queries.current(locked)])
    trail.record("correct_honour", locked, by=by, at=at, version=locked.version, reason=said)
    return locked


@atomic
def check_honour(
    honour: Honour,
    *,
    seen: Seen,
    words: str,
    files: Sequence[Prepared] = (),
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Honour:
    """A second person has looked (核对荣誉): at the certificate, or says from what; ``words`` say what it was."""
    said = check_line(words, _("请写明看了什么：哪份证书、哪个网站或哪一版报纸。"), name="words", most=LONGEST_WORDS)
    locked = _lock_for(Act.CHECK, honour, version, by=by, at=at)
    keep_files(files, about=locked, by=by, at=at)
    return _step(locked, Act.CHECK, "check_honour", words=said, seen=seen, by=by, at=at, **counted(files))


@atomic
def begin_publicity(
    honour: Honour, *, consent: Consent, words: str, version: int | None = None, by: User | None, at: dt.datetime
) -> Honour:
    """Show it for the days the office has set (开始公示). ``words`` name the paper of the consent, or where it is public."""
    said = check_line(words, _("请写明公开依据：企业同意的文书，或者在哪里公开。"), name="words", most=LONGEST_WORDS)
    locked = _lock_for(Act.BEGIN_PUBLICITY, honour, version, by=by, at=at)
    days = queries.settings_of(locked.street)[SettingKind.PUBLICITY_DAYS]
    locked.shown_until_on = first_day_after(day_of(at), days)
    return _step(
        locked, Act.BEGIN_PUBLICITY, "begin_publicity", words=said, consent=consent,
        shown_until_on=locked.shown_until_on, by=by, at=at,
    )  # fmt: skip


@atomic
def publish_honour(honour: Honour, *, version: int | None = None, by: User | None, at: dt.datetime) -> Honour:
    """Put it on the roll (荣誉上榜), signed: once its publicity is over and no objection waits or was upheld."""
    street = honour.street
    locked_street(street.pk)  # so that no two badges take one place
    locked = _lock_for(Act.PUBLISH, honour, version, by=by, at=at)
    (said,) = queries.entries([queries.current(locked)])
    rows = Badge.objects.filter(street=street)
    place = free_place(lambda place: rows.filter(place=place).exists(), used=rows.count())
    checked = HonourStep.objects.filter(street=street, version=said.version, to=HonourState.CHECKED).first()
    badge = badge_of(street, said, checked=checked, place=place, at=at)
    signed, serial = sign_badge(badge, street=street, by=by, at=at)
    Badge.objects.create(
        street=street, version=said.version, place=place, key_serial=serial, at=at,
        signed=json.dumps(signed, ensure_ascii=False, separators=(",", ":")),
    )  # fmt: skip
    locked.published_at = at
    return _step(locked, Act.PUBLISH, "publish_honour", by=by, at=at)


@atomic
def withdraw_honour(honour: Honour, *, reason: str, by: User | None, at: dt.datetime) -> Honour:
    """Take it off the roll for good (撤下荣誉); the reason stays visible, its badge says that it was revoked."""
    said = check_line(reason, _("请写明撤下的理由，理由会一直公开。"), name="reason", most=LONGEST_WORDS)
    locked = _lock_for(Act.WITHDRAW, honour, None, by=by, at=at)
    return _step(locked, Act.WITHDRAW, "withdraw_honour", words=said, by=by, at=at)


@atomic
def drop_honour(honour: Honour, *, reason: str, by: User | None, at: dt.datetime) -> Honour:
    """Do not take it up (不予采用), for a reason; it was never on the roll in this version."""
    said = check_line(reason, _("请写明不予采用的理由。"), name="reason", most=LONGEST_WORDS)
    locked = _lock_for(Act.DROP, honour, None, by=by, at=at)
    return _step(locked, Act.DROP, "drop_honour", words=said, by=by, at=at)


@atomic
def expire_honours(street: Street, *, on: dt.date, by: User | None, at: dt.datetime) -> list[Honour]:
    """End what was on the roll and whose last day, as printed, is over (荣誉到期): a part of the daily watch."""
    ended = []
    for honour in queries.expired(street, on=on):
        honour.street = street
        locked = lock(honour)
        check_expiry(queries.stands(locked, on=on))
        ended.append(_moved(locked, HonourState.EXPIRED, "expire_honour", by=by, at=at))
    return ended


def _lock_for(act: Act, honour: Honour, version: int | None, *, by: User | None, at: dt.datetime) -> Honour:
    """The honour, locked, once the act may be done to it; ``version``: the one the page showed."""
    locked = lock(honour)
    if version is not None and version != locked.version:
        raise Stale(_("这项荣誉刚被别人更正，请刷新后再办。"))
    check_act(act, stands=queries.stands(locked, on=day_of(at)), by=by.pk if by else None)
    return locked


def _step(honour: Honour, act: Act, verb: str, *, by: User | None, at: dt.datetime, **said: Any) -> Honour:
    return _moved(honour, act.value, verb, by=by, at=at, **said)


def _moved(
    honour: Honour, to: HonourState, verb: str, *, words: str = "", by: User | None, at: dt.datetime, **said: Any
) -> Honour:
    """Write the step, move the honour, tell the trail. What is no column of the step is only told."""
    version = queries.current(honour)
    columns = {name: value for name, value in said.items() if name in ("seen", "consent", "shown_until_on")}
    HonourStep.objects.create(
        street=honour.street, honour=honour, version=version, to=to, words=words, by=by, at=at, **columns
    )
    honour.state = to
    honour.save(update_fields=["state", "shown_until_on", "published_at"])
    version.honour = honour
    _tell_the_roll(honour.street, [version])
    trail.record(verb, honour, by=by, at=at, version=honour.version, words=words, **said)
    return honour


def _tell_the_roll(street: Street, versions: Iterable[HonourVersion]) -> None:
    """Let anybody find what the roll lists, as it stands now, and nothing else."""
    some = queries.entries(versions)
    found = {entry.honour.pk: found_by(entry) for entry in some if entry.honour.state in LISTED}
    index_things(street, ON_THE_ROLL, found)
    forget_things(street, ON_THE_ROLL, {entry.honour.pk for entry in some} - found.keys())


# -- objections ----------------------------------------------------------------------------------------------------------


@atomic
def object_to_honour(honour: Honour, *, words: str, contact: str = "", by: User | None, at: dt.datetime) -> Objection:
    """Anybody speaks against what is shown (提出异议). Who it was goes to a table of its own and nowhere else, and so does what
    was said where personal numbers stand in it."""
    said = check_words(words, _("请写明哪里不对。"), field="words")
    if len(said) > 4 * LONGEST_WORDS:
        raise Refused(_("最多 %(most)d 个字，这里有 %(n)d 个。"), most=4 * LONGEST_WORDS, n=len(said), field="words")
    who = check_line(contact, name="contact", most=LONGEST_NAME)
    locked = lock(honour)
    check_objectable(HonourState(locked.state))
    check_not_too_many_objections(queries.objections_since(locked, at - DAY))
    version = queries.current(locked)
    shown = hide(said.replace("\0", ""))
    made = Objection.objects.create(street=locked.street, honour=locked, version=version, words=shown, at=at)
    full = said if shown != said else ""
    if who or full:
        Objector.objects.create(street=locked.street, objection=made, contact=who, words=full)
    trail.record("object_to_honour", locked, by=by, at=at, objection=made.public_id)
    return made


@atomic
def look_up_objector(
    objection: Objection, *, member: Membership, reason: str, by: User, at: dt.datetime
) -> Objector | None:
    """Learn who objected, for a reason, with a line on the trail that says that somebody looked (查看异议人)."""
    if member.user_id != by.pk:
        raise ValueError("a membership of somebody else")
    found = queries.objector_of(objection, for_member=member)
    trail.record("look_up_objector", objection, by=by, at=at, reason=check_words(reason))
    return found


@atomic
def decide_objection(
    objection: Objection, *, decision: Decision, words: str, by: User | None, at: dt.datetime
) -> ObjectionDecision:
    """Say what becomes of an objection (处理异议). One that is upheld keeps the version off the roll; what is on it already is
    corrected or withdrawn by whoever decides so."""
    said = check_line(words, _("请写明处理的理由。"), name="words", most=LONGEST_WORDS)
    honour = lock(objection.honour)
    decided = ObjectionDecision.objects.filter(street=objection.street_id, objection=objection).exists()
    check_decidable(decided=decided, drafted_by=objection.version.by_id, by=by.pk if by else None)
    kept = ObjectionDecision.objects.create(
        street=objection.street, objection=objection, decision=decision, words=said, by=by, at=at
    )
    trail.record(
        "decide_objection",
        honour,
        street=objection.street,
        by=by,
        at=at,
        objection=objection.public_id,
        decision=decision.value,
    )
    return kept
