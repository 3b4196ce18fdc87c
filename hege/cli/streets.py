"""Which streets a command works on."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.people.queries import the_street


def add_street(parser: ArgumentParser) -> None:
    """The option ``--street CODE``; without it a command goes through all streets."""
    parser.add_argument("--street", default=None, help="街道代码；省略时为全部街道")


def streets_in(options: Mapping[str, Any]) -> list[Street]:
    """The street that was named, or all there are, by code."""
    if not options["street"]:
        return list(Street.objects.order_by("code"))
    try:
        return [the_street(options["street"])]
    except Refused as refusal:
        raise CommandError(str(refusal)) from refusal
