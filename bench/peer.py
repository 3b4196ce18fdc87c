"""Another system's figures beside ours: `python -m bench --peer bench/pretix.json`.

The file is JSON: ``name`` and ``source`` (who measured what, where, how), and under ``acts`` for each of ``claim``,
``refuse`` and ``redeem`` that it has: ``cpu_ms_program`` and ``cpu_ms_database``, milliseconds of processor a request, or
``cpu_ms``, both together where they are not known apart; ``req_per_s``; and ``aim``, where we want to take one part in so
many. What is not known is left out or null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.load import Cost
from bench.measure import Figure

ACTS = ("claim", "refuse", "redeem")
KNOWN = {"cpu_ms_program", "cpu_ms_database", "cpu_ms", "req_per_s", "aim"}


class Act(NamedTuple):
    """What one act takes another system: milliseconds of processor in all, what is said of it, and our aim."""

    cpu: float
    said: str
    aim: float | None


class Peer(NamedTuple):
    """Another system."""

    name: str
    acts: dict[str, Act]


def read(file: Path) -> Peer:
    """``ValueError`` in words where it is no such file."""
    told = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(told, dict) or not isinstance(told.get("name"), str) or not isinstance(told.get("acts"), dict):
        raise ValueError(f"{file}: wants a name and acts")
    return Peer(told["name"], {act: _act(f"{file}: {act}", act, said) for act, said in told["acts"].items()})


def _act(where: str, act: str, said: Any) -> Act:
    if act not in ACTS or not isinstance(said, dict) or set(said) - KNOWN:
        raise ValueError(f"{where}: acts are {', '.join(ACTS)}, each of {', '.join(sorted(KNOWN))}")
    known = {name: value for name, value in said.items() if value is not None}
    if any(isinstance(value, bool) or not isinstance(value, int | float) or value <= 0 for value in known.values()):
        raise ValueError(f"{where}: numbers above zero")
    apart = [known[name] for name in ("cpu_ms_program", "cpu_ms_database") if name in known]
    cpu = known.get("cpu_ms") or (sum(apart) if len(apart) == 2 else None)
    if cpu is None:
        raise ValueError(f"{where}: wants cpu_ms, or both parts of it")
    words = [f"{apart[0]:g} + {apart[1]:g} ms"] if len(apart) == 2 else []
    words += [f"{known['req_per_s']:g} req/s"] if "req_per_s" in known else []
    return Act(cpu, ", ".join(words), known.get("aim"))


def beside(peer: Peer, ours: Mapping[str, Cost]) -> list[Figure]:
    """What each act takes us, program and database, with a target where there is an aim; and them."""
    out = []
    for act, theirs in peer.acts.items():
        cost = ours[act]
        mine = cost.program + cost.database
        said = f", {theirs.said}" if theirs.said else ""
        note = f"{peer.name}: {theirs.cpu:g} ms{said}: {theirs.cpu / mine:.1f} times ours"
        at_most = theirs.cpu / theirs.aim if theirs.aim else None
        out.append(Figure(f"{act}, program and database", mine, "ms of cpu", note, at_most=at_most))
    return out
