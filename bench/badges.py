"""What signing costs: ``python -m bench.badges``; asks no database."""

from __future__ import annotations

import datetime as dt
import sys
import time

import django
from django.conf import settings

from bench.measure import Figure, table

BADGES = 1_000
SECONDS = 60  # of one processor for as many
AT = dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC)
SITE = "https://hege.example"


def figures(*, badges: int = BADGES) -> list[Figure]:
    """Badges as the roll makes them, each another: made and signed, then checked; and a street's status list."""
    from hege.credentials.badges import Achievement, Issuer, identity, make_badge
    from hege.credentials.rules import PublicKey, Signing, Verdict, _hash, public_of, sign, verify
    from hege.credentials.status import ENTRIES, status_entry, status_list

    issuer, list_url = (
        Issuer(f"{SITE}/h/issuer/310118107/", "华新镇", f"{SITE}/roll/"),
        f"{SITE}/h/issuer/310118107/status/0/",
    )
    signing = Signing(f"{issuer.id}#key-1", bytes(range(32)))
    key = PublicKey(signing.method, public_of(signing.seed), AT)

    def signed(n: int) -> dict[str, object]:
        address = f"{SITE}/h/{n:012}/"
        title = Achievement(
            address, f"绿色食品证书 {n}", f"第 {n} 家获得" * 9, "只登记他人颁发的荣誉" * 9, "Certificate"
        )
        document = make_badge(
            address=f"{address}#1", issuer=issuer, achievement=title, valid_from=AT, valid_until=AT + dt.timedelta(days=365),
            identities=[identity(f"上海第 {n} 合作社", "name"), identity(f"91310118MA1J{n:06}", "ext:uscc")],
            status=status_entry(n, url=lambda _number: list_url),
        )  # fmt: skip
        return sign(document, signing, created=AT)

    signed(0)  # the contexts are read once
    begun = time.process_time()
    made = [signed(n) for n in range(badges)]
    signing_took = time.process_time() - begun
    _hash.cache_clear()
    begun = time.process_time()
    assert all(verify(document, [key], at=AT) is Verdict.GOOD for document in made)
    checking_took = time.process_time() - begun
    verify(made[0], [key], at=AT)
    begun = time.process_time()
    assert all(verify(made[0], [key], at=AT) is Verdict.GOOD for _n in range(badges))
    again_took = time.process_time() - begun
    begun = time.process_time()
    sign(status_list(0, range(0, ENTRIES, 3), url=list_url, issuer=issuer, at=AT), signing, created=AT)
    list_took = time.process_time() - begun
    most = SECONDS * badges / BADGES * 1000
    return [
        _figure(f"{badges:,} badges made and signed", signing_took, badges, most),
        _figure(f"{badges:,} badges checked", checking_took, badges, most),
        _figure(f"one badge checked {badges:,} times more", again_took, badges, most),
        _figure("a status list, a third of it revoked, made and signed", list_took, 1, None),
    ]


def _figure(name: str, seconds: float, count: int, most: float | None) -> Figure:
    note = f"{seconds / count * 1000:.1f} ms each"
    return Figure(name, seconds * 1000, "ms", note, cpu=seconds * 1000, cpu_at_most=most)


if __name__ == "__main__":
    settings.configure(USE_I18N=False)
    django.setup()
    done = figures()
    print(table(done))
    sys.exit(any(figure.met is False for figure in done))
