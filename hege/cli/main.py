"""The console script `hege`: Django's management commands under short names."""

import os
import pwd
import sys
from contextlib import nullcontext, suppress


def main() -> None:
    """Run one command: `hege setup`, `hege import units FILE`, `hege help`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error

    from hege.cli.stage import SET, stage
    from hege.kernel import installed
    from hege.kernel.refused import Refused

    os.umask(0o077)  # database, journal and copies hold everything: for the eyes of the account that runs Hege alone
    command = sys.argv[1:2]
    try:
        if command == ["setup"]:
            installed.make_keys()
        with stage(sys.argv[2:]) if command == ["story"] and SET not in os.environ else nullcontext():
            if os.environ.get("HEGE_DATABASES", "").strip():
                from hege.cli.shards import begin

                begin(sys.argv[1:])
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:  # a wrong setting is the office's to mend: a sentence, not a traceback
        sys.exit(f"hege: {problem}")
    except Refused as refused:
        sys.exit(f"hege: {refused}")
    except BrokenPipeError:  # who read the answer has gone, as `hege verify | head` does: nobody is left to be told
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (Error, OSError) as problem:
        told = told_of(problem)
        if told is None:
            raise
        sys.exit(f"hege: {told}")


def told_of(problem: BaseException) -> str | None:
    """What an error of the database or the disk asks somebody to do, in words; None where it is a defect of ours."""
    from django.conf import settings
    from django.utils.translation import gettext as _

    from hege.kernel.trouble import Trouble, trouble_of

    words = {
        Trouble.NO_TABLES: _("数据库（%(where)s）里还没有数据，请先 hege setup；升级以后请先 hege migrate。"),
        Trouble.AWAY: _("连不上数据库，请核对 HEGE_DATABASE_URL，看数据库是否在运行：%(said)s"),
        Trouble.BUSY: _("别的程序正在写数据库，没有等到；什么也没有改。请过一会儿再运行：%(said)s"),
        Trouble.FULL: _("磁盘满了，什么也没有改。请腾出空间再运行（数据库：%(where)s）：%(said)s"),
        Trouble.READ_ONLY: _("数据库只能读，什么也没有改。请核对文件的属主和权限（数据库：%(where)s）：%(said)s"),
    }
    if isinstance(problem, PermissionError) and problem.filename:
        return _(
            "运行合格的账号（%(user)s）读写不了 %(file)s：它看不到别的账号的文件夹。"
            "要读的文件请放到它读得到的地方（%(folder)s），要写的请写进它的文件夹。"
        ) % {"user": account(), "file": problem.filename, "folder": settings.DATA_DIR}
    trouble = trouble_of(problem)
    if trouble is None:
        return None
    said = next(iter(str(problem).splitlines()), "")
    return words[trouble] % {"said": said, "where": settings.DATABASES["default"]["NAME"]}


def account() -> str:
    """Who runs this, by name where the machine knows one."""
    with suppress(KeyError):
        return pwd.getpwuid(os.geteuid()).pw_name
    return str(os.geteuid())


if __name__ == "__main__":
    main()
