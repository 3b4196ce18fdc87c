"""The pages for what went wrong: each says in words what happened and what to do next."""

from __future__ import annotations

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

RETRY_AFTER_SECONDS = 10


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what the browser sent makes no sense."""
    return _page(request, 400, _("请求有误"), _("提交的内容无法识别，请返回上一页检查后再试。"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: may see, may not do. What may not be seen at all is a 404."""
    return _page(request, 403, _("您没有办理此事的权限"), str(exception) or _("如需办理，请联系本街道管理员。"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not for these eyes; the two look alike on purpose."""
    return _page(request, 404, _("页面不存在"), _("地址可能有误，或者内容不在您的查看范围内。"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is older than the sign-in, or came from another site."""
    return _page(request, 403, _("页面已过期"), _("请返回上一页，刷新后重新提交。"))


def locked_out(request: HttpRequest, credentials: dict[str, Any], *_args: Any, **_kwargs: Any) -> HttpResponse:
    """429: too many wrong passwords for this user from this address."""
    title = _("登录已暂时锁定")
    return _page(request, 429, title, _("密码连续输错次数过多，请十五分钟后再试，或者请本街道管理员重置密码。"))


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After while the database cannot be reached. Uses no template and no database."""
    problem = sys.exc_info()[1]
    away = isinstance(problem, OperationalError | InterfaceError) and "no such" not in str(problem)
    status = 503 if away else 500
    words = "系统正在恢复，请稍候再试。" if away else "系统出错，已记录。请稍后再试，或者联系本街道管理员。"
    response = HttpResponse(
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{status}</title><h1>{words}</h1><p><a href="/">返回首页</a></p></html>',
        status=status,
    )
    if away:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    return render(request, "error.html", {"status": status, "title": title, "words": words}, status=status)
