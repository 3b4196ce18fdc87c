"""`hege setup --street CODE --name NAME`: an empty database becomes a street with its first administrator."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, option
from hege.kernel import clock
from hege.people.models import Street
from hege.places.actions import found_street


class Command(HegeCommand):
    help = "Prepare the database and make a street with its first administrator. Refuses a street that is there."
    options = (
        option("--street", required=True, metavar="CODE", help="its division code, e.g. 310117006"),
        option("--name", required=True, help="its name, e.g. 九里亭街道"),
        option("--organisation", default="", help="who runs this installation; else the street itself"),
        option("--admin", default="admin", help="user name of the first administrator"),
        option("--password-stdin", action="store_true", help="read the password from standard input"),
    )

    def handle(self, *, street: str, name: str, organisation: str, admin: str, password_stdin: bool, **o: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if Street.objects.filter(code=street).exists():
            raise CommandError(_("代码为 %(code)s 的街道已经有了，没有改动。") % {"code": street})
        password = sys.stdin.readline().rstrip("\r\n") if password_stdin else self._ask(admin)
        try:
            validate_password(password)
            made = found_street(
                code=street, name=name, organisation=organisation or name, admin=admin, password=password,
                by=None, at=clock.now(),
            )  # fmt: skip
        except ValidationError as problem:
            raise CommandError("".join(problem.messages)) from problem
        named = {"name": made.name, "code": made.code, "admin": admin}
        self.say(_("已建立 %(name)s（%(code)s），管理员：%(admin)s。") % named)
        self.say(_("接着：hege serve，用浏览器打开它说的地址，以 %(admin)s 登录。") % {"admin": admin})
        self.say(_("第一页有五步：先在“人员与岗位”里开账号，再导入总表和商铺名册（也可以用 hege import）。"))

    def _ask(self, admin: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError(_("没有终端可以问密码；请加 --password-stdin，从标准输入给。"))
        first = getpass.getpass(_("管理员 %(admin)s 的密码：") % {"admin": admin})
        if first != getpass.getpass(_("再输一次：")):
            raise CommandError(_("两次输入不一样，没有改动。"))
        return first
