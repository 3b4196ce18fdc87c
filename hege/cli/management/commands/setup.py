"""`hege setup --street CODE --name NAME`: an empty database becomes a street with its first administrator."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, option
from hege.kernel import clock, installed
from hege.kernel.trouble import Trouble, trouble_of
from hege.people.models import Street
from hege.places.actions import found_street


def has_a_street() -> bool:
    """Whether the database holds a street; one without tables does not."""
    try:
        return Street.objects.exists()
    except DatabaseError as problem:
        if trouble_of(problem) is Trouble.NO_TABLES:
            return False
        raise


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
        installed.check_writable(settings.DATA_DIR)
        if installed.FRESH:
            self._keep_keys()
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

    def _keep_keys(self) -> None:
        """A database that has a street was sealed with keys that are elsewhere; new ones would only hide that."""
        if has_a_street():
            raise CommandError(
                _("数据库里已有街道，它的密钥却不在这里：请把另存的密钥文件放回 %(file)s，再运行一次。")
                % {"file": settings.KEY_FILE}
            )
        installed.keep_keys(settings.KEY_FILE)
        self.say(
            _(
                "已生成这个系统的密钥：%(file)s。请另存一份到不放备份的地方：没有它，备份里的留痕无法核对，海报和链接都会失效。"
            )
            % {"file": settings.KEY_FILE}
        )

    def _ask(self, admin: str) -> str:
        if not sys.stdin.isatty():
            raise CommandError(_("没有终端可以问密码；请加 --password-stdin，从标准输入给。"))
        first = getpass.getpass(_("管理员 %(admin)s 的密码：") % {"admin": admin})
        if first != getpass.getpass(_("再输一次：")):
            raise CommandError(_("两次输入不一样，没有改动。"))
        return first
