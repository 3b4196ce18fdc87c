"""The door for a WSGI server: `granian --interface wsgi hege.wsgi:application`, or `hege serve`."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
_site = get_wsgi_application()

from hege.web.body import WholeBody, length_of  # noqa: E402  # only now there are settings


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The site, with bodies that say so when they are cut off.

    Answers are handed over whole, static files too: the server sends them off by itself, and no thread of ours waits for
    somebody who reads slowly.
    """
    environ["wsgi.input"] = WholeBody(environ["wsgi.input"], length_of(environ))
    answer = _site(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()
