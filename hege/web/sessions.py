"""Which browsers are signed in (登录会话): the rows behind Django's sessions, when one ends by itself, and that it goes on.

A session ends after ``HEGE_IDLE_MINUTES`` without a request, and ``LONGEST_SIGNED_IN`` after it was opened. ``expire_date``
is the end by rest alone: it tells to a minute when the browser was last seen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, login
from django.contrib.sessions.backends import db
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.kernel.hurried import not_waiting
from hege.kernel.prepared import prepared
from hege.people.models import Session, User
from hege.people.queries import sessions_of
from hege.people.rules import LONGEST_SIGNED_IN, browser_of
from hege.web.addresses import address_of

OPENED = "opened"  # in the session: when and from where somebody signed in
#: A session that was put off less than this ago is not put off again: a write a minute, not one a request.
SEEN_EVERY = dt.timedelta(minutes=1)


@prepared
def _kept(session_key: str) -> QuerySet[Session]:
    return Session.objects.filter(pk=session_key)


class Ended(Enum):
    """Why what a browser was signed in with is no more."""

    BY_REST = "by rest"
    BY_AGE = "by age"
    GONE = "gone"  # ended elsewhere, by hand or with the password; or swept long after its end


def idle_for() -> dt.timedelta:
    """How long a browser may rest."""
    return dt.timedelta(minutes=settings.IDLE_MINUTES)


class SessionStore(db.SessionStore):
    """Django's, over rows that say whose they are; it ends them by our own clock."""

    row: Session | None = None  #: as it was read
    ended: Ended | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        opened = data.get(OPENED, {})
        return Session(
            session_key=str(self.session_key), session_data=self.encode(data),
            expire_date=clock.now() + idle_for(),
            user_id=data.get(SESSION_KEY), opened_at=dt.datetime.fromisoformat(opened["at"]) if opened else None,
            address=opened.get("address"), browser=opened.get("browser", ""),
        )  # fmt: skip

    def _get_session_from_db(self) -> Session | None:
        row, now = next(iter(_kept(str(self.session_key))), None), clock.now()
        if row is None:
            self.ended = Ended.GONE
        elif row.opened_at is not None and row.opened_at + LONGEST_SIGNED_IN <= now:
            self.ended = Ended.BY_AGE
        elif row.expire_date <= now:
            self.ended = Ended.BY_REST if row.user_id is not None else None
        else:
            self.row = row
            return row
        self._session_key = None
        return None


def open_session(request: HttpRequest, user: User) -> None:
    """Sign somebody in who has proven all that is asked of them."""
    login(request, user)
    request.session[OPENED] = {
        "at": clock.now().isoformat(), "address": address_of(request),
        "browser": browser_of(request.headers.get("User-Agent", "")),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A browser that is signed in, as its owner is shown it."""

    mark: str  #: what a form calls it by; the key would let in whoever reads it
    browser: str
    address: str | None
    opened_at: dt.datetime | None
    seen_at: dt.datetime  #: to a minute
    here: bool  #: this one
    key: str


def open_sessions(request: HttpRequest, user: User) -> list[Shown]:
    """The browsers that are signed in as a person, this one first."""
    found = [
        Shown(
            mark=hashlib.sha256(row.pk.encode()).hexdigest()[:20], browser=_called(row.browser), address=row.address,
            opened_at=row.opened_at, seen_at=row.expire_date - idle_for(), here=row.pk == request.session.session_key,
            key=row.pk,
        ) for row in sessions_of(user, at=clock.now())
    ]  # fmt: skip
    return sorted(found, key=lambda shown: not shown.here)


def _called(browser: str) -> str:
    """The name of a browser in the language of the page."""
    names = {
        "WeChat": _("微信"), "DingTalk": _("钉钉"), "QQ": _("QQ 浏览器"), "Huawei": _("华为浏览器"), "Xiaomi": _("小米浏览器"),
    }  # fmt: skip
    return " · ".join(names.get(part, part) for part in browser.split(" · ")) or _("认不出的浏览器")


def go_on(request: HttpRequest) -> None:
    """Put off the end by rest of the session that a request has looked at; where that cannot be written, it is not put off.

    Outside the transaction of a page: neither a full disk nor a long import keeps anybody from reading.
    """
    session = cast(SessionStore, request.session)
    row, until = session.row, clock.now() + idle_for()
    if row is None or row.user_id is None or row.pk != session.session_key or until - row.expire_date < SEEN_EVERY:
        return
    with suppress(DatabaseError), not_waiting():
        Session.objects.filter(pk=row.pk, expire_date__lt=until).update(expire_date=until)


def say_why_to_sign_in(request: HttpRequest, *, kept: bool = False) -> None:
    """Say on the sign-in page why somebody is asked to sign in again, and whether what was sent was ``kept`` as a draft."""
    said = {
        Ended.BY_REST: _("已有 %(n)d 分钟没有动作，系统替您退出了登录。") % {"n": settings.IDLE_MINUTES},
        Ended.GONE: _("这里的登录已经结束：放得太久，或者您在别处退出了它、换了密码。请重新登录。"),
        Ended.BY_AGE: _("登录已满 %(n)d 小时，要重新登录。") % {"n": LONGEST_SIGNED_IN.seconds // 3600},
    }
    ended = cast(SessionStore, request.session).ended
    if ended is not None:
        messages.warning(request, said[ended])
    if kept:
        messages.warning(request, _("刚才那一步没有办成。填的内容替您留着一天，您本人登录以后就在那张表里，看过再交。"))
    elif request.method == "POST":
        messages.warning(request, _("刚才填的内容没有保存，登录以后请再填一次。"))
