"""Settings of the sites that tests start by the dozen: those of an office, but that nothing slow is done anew by each.

Passwords are hashed quickly, as in all tests (``tests/conftest.py``), and pages come compiled.
"""

from __future__ import annotations

from django.conf.global_settings import PASSWORD_HASHERS as SLOW

from hege import settings as ours
from hege.settings import *  # noqa: F403
from tests.compiled import compiled_pages

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *SLOW]
_pages, *_others = ours.TEMPLATES
_how: dict[str, object] = {**_pages["OPTIONS"], "bytecode_cache": compiled_pages()}  # type: ignore[dict-item]
TEMPLATES = [{**_pages, "OPTIONS": _how}, *_others]
