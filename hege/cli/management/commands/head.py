"""``hege head``: where the trail of each street ends, for print and mail: kept outside, it proves what came before."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from hege.cli.streets import add_street, ends_of_chains, printed, streets_in


class Command(BaseCommand):
    help = "留痕末行：每个街道一行（街道代码、行号、校验码、时间、密钥名）。打印或寄出存在库外，以后用 hege verify --witness 核对。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_street(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {street.pk for street in streets_in(options)}
        for end in ends_of_chains():
            if end.street_id in wanted:
                self.stdout.write(printed(end))
