"""A street as a child would keep it: lists of what happened, added up anew for every question.

Written against the words of the data model and knowing nothing of the product's code: no import from
``hege``, no double entry. A reversal is "the thing it takes back, counted minus one".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from fractions import Fraction

RECORDS = ("utility_record", "bank_line", "wallet_line")


@dataclass
class Deed:
    """Something that happened to the money of a point: ``parts`` are fen by whom they concern (None: in common)."""

    kind: str
    on: dt.date
    at: dt.datetime
    fen: int = 0
    who: str | None = None
    agent: str | None = None
    parts: dict[str | None, int] = field(default_factory=dict)
    rests_on: Deed | None = None
    takes_back: Deed | None = None
    gone: bool = False
    said: list[tuple[dt.datetime, str, str, bool]] = field(default_factory=list)
    bill: Bill | None = None

    def level(self, known: dt.datetime) -> str:
        """How well it is proven, as far as was known then."""
        if self.takes_back:
            return self.takes_back.level(known)
        if self.kind not in ("receipt", "remittance", "direct_payment"):
            return "confirmed"
        verdict, stand, signed = None, {}, False
        for at, side, kind, supports in self.said:
            if at > known:
                continue
            if kind in RECORDS:
                verdict = supports
            signed |= kind == "signed_receipt" and supports
            stand[side] = supports
        if verdict is not None:
            return "confirmed" if verdict else "contested"
        if False in stand.values():
            return "contested"
        return "confirmed" if signed or ("payer" in stand and "payee" in stand) else "claimed"


@dataclass
class Bill:
    """A bill over whole days and litres; its standing allocations from first to latest, with their parts."""

    number: str
    start: dt.date
    end: dt.date
    litres: int
    components: list[tuple[str, int]]
    issued: dt.date
    deed: Deed
    allocations: list[tuple[Deed, dict[str | None, int]]] = field(default_factory=list)


@dataclass
class Stay:
    """Who is in a shop, from a day until before another."""

    who: str
    start: dt.date
    end: dt.date | None = None


@dataclass
class Shop:
    """A shop behind the point, perhaps with a meter; ``read`` is the index at the start of a day."""

    code: str
    area: int | None
    stays: list[Stay] = field(default_factory=list)
    read: dict[dt.date, int] | None = None

    def index(self, day: dt.date) -> int | None:
        assert self.read is not None
        if day in self.read:
            return self.read[day]
        before, after = [d for d in self.read if d < day], [d for d in self.read if d > day]
        if not before or not after:
            return None
        a, b = max(before), min(after)
        if (b - a).days > 35:
            return None
        return self.read[a] + (self.read[b] - self.read[a]) * (day - a).days // (b - a).days


class Missing(Exception):
    """The bill cannot be shared yet."""


@dataclass
class Point:
    """One master meter and everything that ever happened to its money, in the order it was learnt."""

    shops: dict[str, Shop]
    methods: list[tuple[dt.date, str]]
    agents: list[tuple[dt.date, str]]
    deeds: list[Deed] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    admitted: list[tuple[dt.date, dt.datetime, str, int]] = field(default_factory=list)

    def agent_on(self, day: dt.date) -> str:
        started = [name for start, name in sorted(self.agents) if start <= day]
        return started[-1] if started else sorted(self.agents)[0][1]

    def method_for(self, start: dt.date) -> str:
        """The latest choice whose day has come; of two for one day, the later one."""
        best = None
        for day, method in self.methods:
            if day <= start and (best is None or day >= best[0]):
                best = (day, method)
        assert best is not None
        return best[1]

    # -- sharing -------------------------------------------------------------------------------------------------------

    def basis(self, bill: Bill) -> Bill:
        """What a bill is weighed like: itself; below zero the bills that charged its days, in one, or the last before."""
        if sum(fen for _kind, fen in bill.components) >= 0:
            return bill
        charged = sorted(
            (b for b in self.bills if not b.deed.gone and sum(fen for _kind, fen in b.components) > 0),
            key=lambda b: b.start,
        )
        same = [b for b in charged if b.start < bill.end and bill.start < b.end]
        same = same or [b for b in charged if b.end <= bill.start][-1:] or [bill]
        return replace(same[0], end=max(b.end for b in same), litres=sum(b.litres for b in same))

    def weigh(self, bill: Bill, method: str) -> list[tuple[str | None, Fraction]]:
        """Who carries how much of a bill, in the order of shops and days."""
        spells: list[tuple[Shop, str | None, dt.date, dt.date]] = []
        metered = method in ("sub_meter", "mixed")
        for code in sorted(self.shops):
            shop, day = self.shops[code], bill.start
            for stay in sorted(shop.stays, key=lambda s: s.start):
                a, b = max(stay.start, bill.start), min(stay.end or bill.end, bill.end)
                if a >= b:
                    continue
                if metered and shop.read is not None and day < a:
                    spells.append((shop, None, day, a))
                spells.append((shop, stay.who, a, b))
                day = b
            if metered and shop.read is not None and day < bill.end:
                spells.append((shop, None, day, bill.end))
        out: list[tuple[str | None, Fraction]] = []
        by_area = (
            sum((self._area(s, a, b) for s, _, a, b in spells if s.read is None), Fraction(0))
            if method == "mixed"
            else 0
        )
        ran = sum(self._ran(s, a, b) for s, _, a, b in spells if s.read is not None) if metered else 0
        for shop, who, a, b in spells:
            if method == "equal":
                weight = Fraction((b - a).days)
            elif method == "area":
                weight = self._area(shop, a, b)
            elif shop.read is not None:
                weight = Fraction(self._ran(shop, a, b))
            elif method == "sub_meter" or bill.litres < ran:
                raise Missing
            else:
                weight = (bill.litres - ran) * self._area(shop, a, b) / by_area
            out.append((who, weight))
        if not any(weight for _who, weight in out):
            raise Missing
        return out

    def _area(self, shop: Shop, a: dt.date, b: dt.date) -> Fraction:
        if shop.area is None:
            raise Missing
        return Fraction(shop.area) * (b - a).days

    def _ran(self, shop: Shop, a: dt.date, b: dt.date) -> int:
        start, end = shop.index(a), shop.index(b)
        if start is None or end is None:
            raise Missing
        return end - start

    def share(self, bill: Bill, method: str) -> dict[str | None, int]:
        """Every component to the fen: whole parts first, the odd fen to the largest rests."""
        weighed = self.weigh(self.basis(bill), method)
        whole = sum(w for _who, w in weighed)
        out: dict[str | None, int] = {}
        for _kind, fen in bill.components:
            exact = [abs(fen) * w / whole for _who, w in weighed]
            parts = [int(e) for e in exact]
            odd = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))[: abs(fen) - sum(parts)]
            for i, (who, _w) in enumerate(weighed):
                part = parts[i] + (i in odd)
                out[who] = out.get(who, 0) + (part if fen >= 0 else -part)
        return out

    # -- figures -------------------------------------------------------------------------------------------------------

    def figures(self, on: dt.date, known: dt.datetime, *, claims: bool) -> dict[str, int]:
        """Who holds the money at the end of a day, as far as was known at an instant."""
        f = dict.fromkeys(("billed", "opened", "remitted", "direct", "shared", "common"), 0)
        charged: dict[str, int] = {}
        received: dict[str, int] = {}
        direct: dict[str, int] = {}
        hands: dict[str, int] = {}
        for deed in self.deeds:
            if deed.on > on or deed.at > known or not (claims or deed.level(known) == "confirmed"):
                continue
            sign, what = (-1, deed.takes_back) if deed.takes_back else (1, deed)
            fen = sign * what.fen
            if what.kind == "bill":
                f["billed"] += fen
            elif what.kind == "opening":
                f["opened"] += fen
            elif what.kind == "share":
                for who, part in what.parts.items():
                    f["shared"] += sign * part
                    if who is None:
                        f["common"] += sign * part
                    else:
                        charged[who] = charged.get(who, 0) + sign * part
            elif what.kind == "remittance":
                f["remitted"] += fen
                hands[what.agent or ""] = hands.get(what.agent or "", 0) - fen
            elif what.kind == "receipt":
                received[what.who or ""] = received.get(what.who or "", 0) + fen
                hands[what.agent or ""] = hands.get(what.agent or "", 0) + fen
            elif what.kind == "direct_payment":
                f["direct"] += fen
                direct[what.who or ""] = direct.get(what.who or "", 0) + fen
        out = dict.fromkeys(("owed", "advances", "passed_over", "acknowledged"), 0)
        words = {who: fen for day, at, who, fen in sorted(self.admitted) if day <= on and at <= known}
        for who in charged.keys() | received.keys() | direct.keys():
            c, r, d = charged.get(who, 0), received.get(who, 0), direct.get(who, 0)
            over = max(0, r + d - c)
            out["owed"] += max(0, c - r - d)
            out["passed_over"] += min(over, d)
            out["advances"] += over - min(over, d)
            out["acknowledged"] += min(max(0, c - r - d), words.get(who, 0))
            out |= {f"{who} charged": c, f"{who} paid": r + d}
        return {
            **{name: fen for name, fen in out.items() if fen},
            "payable": f["billed"] + f["opened"] - f["remitted"] - f["direct"],
            "unproven": out["owed"] - out["acknowledged"],
            "held": sum(max(0, fen) for fen in hands.values()),
            "fronted": sum(max(0, -fen) for fen in hands.values()),
            "unshared": f["billed"] - f["shared"],
            "common": f["common"],
            "unexplained": f["opened"],
        }
