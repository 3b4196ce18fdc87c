"""The sign-in form, and the one in which a person chooses a new password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.outbox.rules import Channel
from hege.people.models import User
from hege.people.rules import check_one_time
from hege.web.account.lockout import guess
from hege.web.forms import Form


def _proven(request: HttpRequest, username: str, password: str) -> User | None:
    """Whose name and password these are; as dear for a name that is nobody's."""
    user = authenticate(request, username=username, password=password)
    return user if isinstance(user, User) else None


class SignInForm(Form):
    """User name and password; what is wrong of the two is never said."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            user = guess(
                self.request, data["username"], lambda: _proven(self.request, data["username"], data["password"])
            )
            if user is None:
                raise forms.ValidationError(_("用户名或密码不对，请再试一次。"))
            try:
                check_one_time(one_time=user.must_change_password, given_at=user.password_given_at, at=clock.now())
            except Refused as no:
                raise forms.ValidationError(str(no)) from no
            self.user = user
        return data


def _time(label: Any, **more: Any) -> forms.TimeField:
    wrong = {"invalid": _("请写时刻，例如 22:00。")}
    widget = forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.TimeField(
        label=label,
        required=False,
        input_formats=["%H:%M", "%H%M", "%H：%M"],
        widget=widget,
        error_messages=wrong,
        **more,
    )


class WishForm(Form):
    """By what a person wants to be told, where, and when not."""

    channels = forms.MultipleChoiceField(
        label=_("站外用哪些"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("站内提醒总是有的。都不选，就只有站内提醒。"),
    )  # fmt: skip
    mail = forms.CharField(label=_("邮件地址"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("手机号"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}),
        help_text=_("收短信用；群机器人也凭它在群里提到您。"),
    )  # fmt: skip
    quiet_from = _time(_("免打扰从几点"), help_text=_("例如 22:00。免打扰时站外不发，到点再发。"))
    quiet_until = _time(_("到几点"))

    def __init__(self, *args: Any, there: Sequence[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(channels=[(channel.value, channel.label) for channel in there])


def _password(label: Any, kind: str, help_text: Any = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": f"{kind}-password"})
    return forms.CharField(label=label, max_length=200, strip=False, widget=widget, help_text=help_text)


class PasswordAgainForm(Form):
    """The password one has, asked again before something that whoever sits at an open browser must not do."""

    old = _password(_("现在的密码"), "current")

    def __init__(self, request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_old(self) -> str:
        """Asked the way a sign-in is: who guesses here is locked out as there."""
        old = str(self.cleaned_data["old"])
        if guess(self.request, self.user.username, lambda: _proven(self.request, self.user.username, old)) is None:
            raise forms.ValidationError(_("现在的密码不对，请再试一次。"))
        return old


class OwnPasswordForm(PasswordAgainForm):
    """The password one has, and the one to have from now on, twice."""

    new = _password(
        _("新密码"), "new", _("至少 10 个字符，不能全是数字，不要用姓名和常见的词。几个不相干的词连起来最好记。")
    )
    again = _password(_("新密码再写一遍"), "new")

    def __init__(self, request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, user, *args, **kwargs)
        if user.must_change_password:
            self.fields["old"].label = _("给您的一次性密码")

    def clean_new(self) -> str:
        new = str(self.cleaned_data["new"])
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "new" in data and "again" in data and data["new"] != data["again"]:
            self.add_error("again", _("两次写的不一样。"))
        return data
