"""The console script `hege`: Django's management commands under short names."""

import os
import re
import sys


def main() -> None:
    """Run one command: `hege setup`, `hege import units FILE`, `hege help`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:  # a wrong setting is the office's to mend: a sentence, not a traceback
        sys.exit(f"hege: {problem}")
    except DatabaseError as problem:
        told = database_trouble(str(problem))
        if told is None:
            raise
        sys.exit(f"hege: {told}")


#: What the databases say where nothing is wrong with us: no tables yet, no file, no server.
NO_TABLES = re.compile(r'no such table|relation "\w+" does not exist')
NOT_THERE = re.compile(
    r"unable to open database file|connection (?:failed|to server|timeout)|could not translate host|resolve host"
)


def database_trouble(said: str) -> str | None:
    """What a database's error asks somebody to do, in words; None where it is a bug of ours."""
    from django.utils.translation import gettext as _

    if NO_TABLES.search(said):
        return _("数据库里还没有数据，请先 hege setup；升级以后请先 hege migrate。")
    if NOT_THERE.search(said):
        return _("连不上数据库，请核对 HEGE_DATABASE_URL，看数据库是否在运行：%(said)s") % {
            "said": said.splitlines()[0]
        }
    return None


if __name__ == "__main__":
    main()
