"""The files of a city: the bench street exported, asked who holds the money, and asked again as twenty streets.

Twenty streets are the files of the one, copied under other codes: as many rows, files and supply points as twenty streets of
that size have; what their figures are is then known. Each command runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bench.apart import apart
from bench.measure import Figure, database_seconds
from bench.street import Size
from hege.arrears.queries import holdings
from hege.city.rules import MANIFEST, Layer
from hege.metering.models import SupplyPoint
from hege.people.models import Street

STREETS = 20  # of the size of the bench street: 24 million shares
MOST_SECONDS, MOST_MEGABYTES = 60, 300
Answers = dict[tuple[str, str], dict[str, Any]]


def figures(street: Street, size: Size, *, streets: int = STREETS) -> list[Figure]:
    """The export, the one street's answer held against ``hege money`` of every meter, and the answer for a city."""
    with tempfile.TemporaryDirectory(prefix="hege-bench-city-") as scratch:
        folder = Path(scratch, "one")
        before = database_seconds()
        export = apart("export", "parquet", str(folder))
        database = database_seconds() - before
        one = apart("city", "who-holds", str(folder), "--on", f"{size.last_day}", "--json")
        wrong = differences(street, size, answers_of(one.said))
        many = multiplied(folder, streets)
        city = apart("city", "who-holds", str(many), "--on", f"{size.last_day}", "--json")
        unlike = _unlike(answers_of(one.said), answers_of(city.said), streets)
        megabytes = sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1_000_000
    if wrong or unlike:
        raise RuntimeError(f"not what hege money says: {(wrong + unlike)[:5]}")
    shares, meters = f"{size.shares:,} shares", f"{size.points:,} meters"
    return [
        Figure(f"hege export parquet: {shares}", export.seconds, "s", note=f"{megabytes:.0f} MB of files; program {export.cpu:.0f} s, database {database:.0f} s"),
        Figure("hege export parquet: memory", export.megabytes, "MB", at_most=MOST_MEGABYTES),
        Figure(f"hege city who-holds: {shares}", one.seconds, "s", note=f"{meters}, each as hege money says, to the fen; cpu {one.cpu:.1f} s"),
        Figure("hege city who-holds: memory", one.megabytes, "MB"),
        Figure(
            f"hege city who-holds: {size.shares * streets:,} shares", city.seconds, "s", at_most=MOST_SECONDS,
            note=f"the same files under {streets} codes; cpu {city.cpu:.0f} s",
        ),
        Figure("hege city who-holds: memory", city.megabytes, "MB"),
    ]  # fmt: skip


def answers_of(said: str) -> Answers:
    """What ``hege city who-holds --json`` printed, by street and meter."""
    told = map(json.loads, said.splitlines())
    return {
        (line["street"], line["meter"]): {layer: line[layer] for layer in ("confirmed", "with_claims")} for line in told
    }


def differences(street: Street, size: Size, answers: Answers) -> list[str]:
    """The meters of a street whose figures are not those of ``hege money``."""
    points = list(SupplyPoint.objects.filter(street=street).select_related("street"))
    held = holdings(street, points, on=size.last_day)
    wrong = [
        point.code
        for point in points
        for layer in ("confirmed", "with_claims")
        if answers[street.code, point.code][layer]
        != {name: getattr(getattr(held[point.pk], layer), name) for name in Layer._fields}
    ]
    return wrong + [meter for code, meter in answers if meter not in {point.code for point in points}]


def multiplied(folder: Path, streets: int) -> Path:
    """A folder with the files of one street under so many codes, the first of them its own."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (code,) = manifest["streets"]
    codes = codes_of(code, streets)
    many = folder.with_name("many")
    files = {}
    for other in codes:
        for name, size in manifest["files"].items():
            copy = name.replace(f"street={code}", f"street={other}")
            (many / copy).parent.mkdir(parents=True)
            shutil.copyfile(folder / name, many / copy)
            files[copy] = size
    (many / MANIFEST).write_text(json.dumps({**manifest, "streets": codes, "files": files}), encoding="utf-8")
    return many


def codes_of(code: str, streets: int) -> list[str]:
    """The code of a street and of others beside it."""
    return [str(int(code) + n) for n in range(streets)]


def _unlike(one: Answers, city: Answers, streets: int) -> list[str]:
    """What of a city is not said of each of its streets alike."""
    wanted = {(other, meter): said for (code, meter), said in one.items() for other in codes_of(code, streets)}
    return [f"{key} of {len(wanted)}" for key in wanted.keys() | city.keys() if wanted.get(key) != city.get(key)]
