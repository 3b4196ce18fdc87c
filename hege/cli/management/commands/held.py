"""`hege held`: what is held on somebody, for who asks at the counter and has no sign-in (个人信息保护法第四十五条)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from hege.cli.command import STREET, HegeCommand, option
from hege.kernel import clock
from hege.kernel.database import atomic
from hege.people.queries import the_street
from hege.privacy.actions import hand_copy, take_copy
from hege.privacy.copies import FORMS
from hege.privacy.queries import rows_of, the_party, the_person


class Command(HegeCommand):
    help = (
        "Write what is held on a person or party as a file to hand to them, with a reason on the trail. Who signs in finds it "
        "on their own page. What protects others (who reported, what was said in mediation) is not in it."
    )
    options = (
        option("name", metavar="NAME", help="a party's name or number; with --person the name somebody signs in with"),
        option("--person", action="store_true", help="somebody who signs in"),
        STREET,
        option("--reason", required=True, help="who asked, and how you know it is they; stays on the trail"),
        option(
            "--to",
            required=True,
            type=Path,
            metavar="FILE",
            help="a new file: .csv opens as a table, .json is for a program",
        ),
    )

    def handle(self, *, name: str, person: bool, street: str | None, reason: str, to: Path, **options: Any) -> None:
        form = FORMS.get(to.suffix[1:])
        if form is None:
            raise CommandError(_("文件名要以 .csv 或 .json 结尾：%(to)s") % {"to": to})
        at = clock.now()
        with atomic():  # what could not be written was not handed out
            if person:
                found = take_copy(the_person(name), reason=reason, by=None, at=at)
            else:
                found = hand_copy(the_party(the_street(street), name), reason=reason, by=None, at=at)
            self._write(to, form.write(found))
        self.say(_("%(n)d 条，写在 %(to)s，已留痕。交给本人后请删除这个文件。") % {"n": rows_of(found), "to": to})

    def _write(self, to: Path, text: str) -> None:
        try:
            with open(
                os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8", newline=""
            ) as file:
                file.write(text)
        except FileExistsError as there:
            raise CommandError(_("%(to)s 已经有了，不覆盖：请换一个文件名。") % {"to": to}) from there
