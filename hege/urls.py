"""The root of all addresses. Pages register below `hege.web.urls`; nothing else answers."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("hege.web.urls")),
]

handler400 = "hege.web.errors.bad_request"
handler403 = "hege.web.errors.forbidden"
handler404 = "hege.web.errors.not_found"
handler500 = "hege.web.errors.server_error"
