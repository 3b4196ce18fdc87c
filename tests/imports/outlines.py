"""GeoJSON of a grid as offices' maps export it, made in the test: squares somewhere in Songjiang."""

from __future__ import annotations

import json
from typing import Any

WEST, SOUTH = 121.30, 31.12


def ring(west: float = WEST, south: float = SOUTH, size: float = 0.02) -> list[list[float]]:
    """A closed square, ``size`` degrees wide."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def square(
    code: str, *, name: str = "", level: str = "微网格", parent: str = "", corners: list[Any] | None = None, **at: float
) -> dict[str, Any]:
    """A feature with a square, or with other corners."""
    told = {"code": code, "name": name or f"{code} 网格", "level": level, "parent": parent}
    geometry = {"type": "Polygon", "coordinates": [ring(**at) if corners is None else corners]}
    return {"type": "Feature", "properties": told, "geometry": geometry}


def lines(*runs: list[tuple[float, float]], **said: Any) -> bytes:
    """A FeatureCollection of lines, all of which say the same of themselves."""
    return outlines(
        *(
            {"type": "Feature", "properties": said, "geometry": {"type": "LineString", "coordinates": run}}
            for run in runs
        )
    )


def outlines(*features: dict[str, Any], **more: Any) -> bytes:
    """A FeatureCollection as it comes in."""
    return json.dumps({"type": "FeatureCollection", "features": features, **more}, ensure_ascii=False).encode()
