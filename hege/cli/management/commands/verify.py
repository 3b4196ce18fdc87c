"""``hege verify``: proof that the books are whole. Exit status 1 when they are not."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hege.arrears.proof.queries import faults
from hege.cli.streets import add_street, streets_in
from hege.people.models import Street


class Command(BaseCommand):
    help = "核验：从每一行重算全部余额，查不变量、余额核对、科目对和留痕链；有问题则逐条指出，退出码 1。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_street(parser)
        parser.add_argument("--json", action="store_true", help="打印 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = {street.code: list(faults(street, begin=self._begin(street))) for street in streets_in(options)}
        if not found:
            raise CommandError("没有可核验的街道：数据库里一个街道也没有。", returncode=1)
        count = sum(map(len, found.values()))
        if options["json"]:
            self.stdout.write(json.dumps({"verified": count == 0, "faults": found}, ensure_ascii=False))
        else:
            for code, lines in found.items():
                self.stdout.write(f"{code}：{'✓ 账实相符' if not lines else f'✗ {len(lines)} 处问题'}")
                for line in lines:
                    self.stdout.write(f"  {line}")
        if count:
            raise CommandError(f"核验未通过：{count} 处问题。", returncode=1)

    def _begin(self, street: Street) -> Callable[[str], None]:
        """Name each check on a terminal while it runs: a grown street takes minutes."""

        def begin(check: str) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{street.code} {check:<40}", ending="")

        return begin
