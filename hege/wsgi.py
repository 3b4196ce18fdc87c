"""The door for a WSGI server: `granian --interface wsgi hege.wsgi:application`, or `hege serve`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hege.settings")
application = get_wsgi_application()
