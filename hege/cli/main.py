"""The console script `hege`: Django's management commands under short names."""

import os
import sys


def main() -> None:
    """Run one command: `hege setup`, `hege import units FILE`, `hege help`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:  # a wrong setting is the office's to mend: a sentence, not a traceback
        sys.exit(f"hege: {problem}")


if __name__ == "__main__":
    main()
