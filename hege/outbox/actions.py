"""Telling people, and how a message goes on its way. What sends them is ``hege work``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.personal import hide
from hege.kernel.refused import Refused
from hege.outbox.models import Gateway, Message, Wish
from hege.outbox.queries import due, full_gateways, messages_of, open_channels, unread_of, wishes_of
from hege.outbox.rules import (
    LEASE,
    Answer,
    Channel,
    MessageState,
    Telling,
    after_quiet,
    check_address,
    check_mail,
    check_phone,
    check_resendable,
    check_secret_stays,
    host_of,
    settled,
)
from hege.outbox.sealing import Opened, seal, unsealed
from hege.people.models import Street, User
from hege.people.queries import streets_told
from hege.trail import actions as trail

# -- telling -----------------------------------------------------------------------------------------------------------


def tell(street: Street, tellings: Iterable[Telling], *, at: dt.datetime) -> None:
    """Tell users of a street of what happened (告知), within the transaction of the act; once, however often it is said.

    Each gets the bell, and outside their quiet hours what they wish for beside it. Three statements, however many.
    """
    told = [(telling, user) for telling in tellings for user in sorted(set(telling.to))]
    if not told:
        return
    wishes = wishes_of({user for _telling, user in told})
    there = open_channels(street) if any(wish.channels for wish in wishes.values()) else set()
    rows = []
    for telling, user in told:
        rows.append(_row(street, telling, Channel.BELL, at, user_id=user, state=MessageState.DELIVERED))
        wish = wishes.get(user)
        if wish is not None:
            next_at = after_quiet(at, wish.quiet)
            wanted = [Channel(channel) for channel in wish.channels if channel in there]
            rows += [_row(street, telling, channel, at, user_id=user, next_at=next_at) for channel in wanted]
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def _row(street: Street, telling: Telling, channel: Channel, at: dt.datetime, **to: Any) -> Message:
    return Message(
        street=street, event=telling.event, about=telling.about[0], about_id=str(telling.about[1]), number=telling.number,
        said_day=telling.day.isoformat() if telling.day else "", link=telling.link, round=telling.round, channel=channel, at=at, **to,
    )  # fmt: skip


def tell_reporters(street: Street, told: Iterable[tuple[str, Telling]], *, at: dt.datetime) -> None:
    """Tell whoever made some reports, by SMS; a row knows the report's public id and nothing of them."""
    rows = [_row(street, telling, Channel.SMS, at, reporter_of=report, next_at=at) for report, telling in told]
    Message.objects.bulk_create(rows, ignore_conflicts=True)


def tell_members(street: Street, told: Iterable[tuple[str, Telling]], *, at: dt.datetime) -> None:
    """Tell members by SMS; a row knows a public id and nothing of them. Whom one may tell: ``members.actions.tell_members``."""
    rows = [_row(street, telling, Channel.SMS, at, member_of=member, next_at=at) for member, telling in told]
    Message.objects.bulk_create(rows, ignore_conflicts=True)


# -- sending -----------------------------------------------------------------------------------------------------------


@atomic
def claim(*, holder: str, at: dt.datetime) -> Message | None:
    """The next message that is due, for this worker alone until its lease runs out; None where there is none.

    One conditional UPDATE decides between workers. One that was being sent by a worker now thought dead may have
    arrived: it is marked unsure.
    """
    rows = due(at)
    for street, channel in full_gateways(at):
        rows = rows.exclude(street=street, channel=channel)
    taken_over = Case(When(state=MessageState.SENDING, then=Value(True)), default=F("unsure"))  # noqa: FBT003
    for pk in list(rows.order_by("next_at", "pk").values_list("pk", flat=True)[:10]):
        mine = {"state": MessageState.SENDING, "holder": holder, "leased_until": at + LEASE, "tried_at": at}
        if rows.filter(pk=pk).update(**mine, unsure=taken_over, tries=F("tries") + 1):
            return Message.objects.select_related("street", "user").get(pk=pk)
    return None


@atomic
def settle(message: Message, answer: Answer, *, at: dt.datetime) -> None:
    """Write down what became of a try; nothing where another worker has taken the message over meanwhile."""
    now = settled(answer, tries=message.tries, unsure=message.unsure, at=at)
    mine = Message.objects.filter(pk=message.pk, state=MessageState.SENDING, holder=message.holder, tries=message.tries)
    mine.update(
        state=now.state, next_at=now.next_at or F("next_at"), unsure=now.unsure, tries=now.tries, leased_until=None,
        holder="", answer=hide(answer.code)[:40],
    )  # fmt: skip


# -- what people do with messages ----------------------------------------------------------------------------------------


@atomic
def read_message(message: Message, *, by: User, at: dt.datetime) -> Message:
    """Its addressee has looked at it (已看)."""
    messages_of(by, message.street).filter(pk=message.pk, read_at__isnull=True).update(read_at=at)
    return message


@atomic
def read_all(street: Street, *, until: int, by: User, at: dt.datetime) -> int:
    """Everything that was on the page is looked at, up to the newest that stood there (全部已看)."""
    return unread_of(by, street).filter(pk__lte=until).update(read_at=at)


@atomic
def resend_message(message: Message, *, by: User, at: dt.datetime) -> Message:
    """Send again what did not arrive (重发): its tries begin anew, under the same id."""
    locked = lock(message)
    check_resendable(MessageState(locked.state))
    locked.state, locked.tries, locked.next_at = MessageState.WAITING, 0, at
    locked.save(update_fields=["state", "tries", "next_at"])
    trail.record(
        "resend_message", locked, by=by, at=at, event=locked.event, number=locked.number, channel=locked.channel
    )
    return locked


@atomic
def withdraw_message(message: Message, *, reason: str, by: User, at: dt.datetime) -> Message:
    """Give up what did not arrive, with a reason (不再发)."""
    said = check_words(reason)[:300]
    locked = lock(message)
    check_resendable(MessageState(locked.state))
    locked.state, locked.reason = MessageState.WITHDRAWN, said
    locked.save(update_fields=["state", "reason"])
    trail.record(
        "withdraw_message", locked, by=by, at=at, event=locked.event, number=locked.number, channel=locked.channel,
        reason=said,
    )  # fmt: skip
    return locked


# -- gateways and wishes -------------------------------------------------------------------------------------------------


@atomic
def set_gateway(
    street: Street,
    *,
    channel: Channel,
    address: str,
    secret: str = "",
    no_secret: bool = False,
    most_bytes: int | None = None,
    a_minute: int | None = None,
    a_month: int | None = None,
    on: bool = True,
    by: User,
    at: dt.datetime,
) -> Gateway:
    """Say by what a street's messages leave on a channel (设置发送通道). Without an address or secret those there are stay;
    ``no_secret``: it has none any more.

    A secret does not go to another machine than it was given for: with a new one it is asked for. The trail says which machine, never the address: whoever has it can send in the street's name.
    """
    row = Gateway.objects.select_for_update().filter(street=street, channel=channel).first()
    if row is None:
        row = Gateway(street=street, channel=channel)
    row.street = street
    known = unsealed(row.sealed, street=street.pk, channel=channel) if row.sealed else None
    if address or secret or no_secret or known is None:
        hosts, said = frozenset(settings.SMS_HOSTS), address or (known.address if known else "")
        checked = check_address(
            Channel(channel),
            said,
            production=settings.PRODUCTION,
            sms_hosts=hosts,
            sms_folder=bool(settings.SMS_FOLDER),
        )
        if known and not secret and not no_secret:
            check_secret_stays(known.secret, known.address, checked)
            secret = known.secret
        row.sealed = seal(Opened(checked, secret), street=street.pk, channel=channel)
        row.host = host_of(checked)
    row.most_bytes, row.a_minute, row.a_month, row.on, row.changed_at = most_bytes, a_minute, a_month, on, at
    row.save()
    trail.record(
        "set_gateway", row, by=by, at=at, channel=channel, host=row.host, most_bytes=most_bytes, a_minute=a_minute,
        a_month=a_month, on=on,
    )  # fmt: skip
    return row


@atomic
def set_wish(
    user: User,
    *,
    channels: Collection[str],
    mail: str = "",
    phone: str = "",
    quiet_from: dt.time | None = None,
    quiet_until: dt.time | None = None,
    by: User,
    at: dt.datetime,
) -> Wish:
    """Say how one wants to be told beside the bell (设置提醒方式). The trail says by which channels, never where."""
    if Channel.MAIL in channels and not mail:
        raise Refused(_("要收邮件，请写邮件地址。"), field="mail")
    if Channel.SMS in channels and not phone:
        raise Refused(_("要收短信，请写手机号。"), field="phone")
    if (quiet_from is None) != (quiet_until is None):
        raise Refused(
            _("免打扰的开始和结束要一起写，或者都不写。"), field="quiet_until" if quiet_from else "quiet_from"
        )
    said = {
        "channels": [channel for channel in Channel if channel in channels],
        "mail": check_mail(mail, field="mail") if mail else "",
        "phone": check_phone(phone, field="phone") if phone else "",
        "quiet_from": quiet_from, "quiet_until": quiet_until, "at": at,
    }  # fmt: skip
    wish, _made = Wish.objects.update_or_create(user=user, defaults=said)
    for street in streets_told(user, on=day_of(at)):
        trail.record("set_wish", wish, street=street, by=by, at=at, channels=said["channels"])
    return wish
