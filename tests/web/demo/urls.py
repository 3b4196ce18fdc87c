"""The table of addresses as a demo has it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from hege.urls import handler400, handler403, handler404, handler500
from hege.urls import urlpatterns as everywhere

urlpatterns: list[URLPattern | URLResolver] = [path("demo/", include("hege.web.demo.urls")), *everywhere]

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
