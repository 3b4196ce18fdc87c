"""How much of what somebody was typing is kept, and how long; how a view of a list may be called, and how many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_line
from hege.kernel.refused import Refused

#: What the fields of a form held, as a browser sends them: name -> values, in their order.
Typed = Mapping[str, Sequence[str]]

DRAFTS_FOR = dt.timedelta(days=1)
#: Of one form, names and values together; and how many forms of one person.
MOST_CHARACTERS, MOST_DRAFTS = 60_000, 30
LONGEST_ADDRESS = 300


def may_keep(typed: Typed) -> bool:
    """Whether there is something in it, and no more than is kept."""
    signs = sum(len(name) + sum(map(len, values)) for name, values in typed.items())
    return signs <= MOST_CHARACTERS and any(map(any, typed.values()))


LONGEST_NAME, LONGEST_QUERY = 40, 1000
MOST_VIEWS = 20  # of one list


def check_view(name: str, query: str, *, others: Collection[str]) -> str:
    """The name of a view beside the names of the ``others`` of its list; ``Refused`` in words."""
    said = check_line(name, _("请给它起个名字。"), name="name", most=LONGEST_NAME)
    if said.casefold() in {other.casefold() for other in others}:
        raise Refused(_("这张名单已经有一个叫这个名字的，换一个名字。"), field="name")
    if len(others) >= MOST_VIEWS:
        raise Refused(_("一张名单最多存 %(most)s 个，先删掉不用的。"), most=MOST_VIEWS)
    if not query:
        raise Refused(_("现在没有筛选条件，没有什么可以存。"))
    if len(query) > LONGEST_QUERY:
        raise Refused(_("筛选条件太长，存不下。"))
    return said
