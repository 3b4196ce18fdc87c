"""By what messages leave, within which limits; and why one is given up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.outbox.rules import Channel
from hege.web.forms import Form, long_text, yes_or_no

MOST = 1_000_000


def _limit(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=MOST, help_text=_("不写就是不限。"))


class GatewayForm(Form):
    """The address of a channel's gateway, and its limits. An address that is known is not shown again."""

    address = forms.CharField(label=_("地址"), max_length=500, required=False, help_text="")
    secret = forms.CharField(
        label=_("密钥或口令"), max_length=200, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("机器人“加签”的密钥，或短信平台的口令；没有就不写。"),
    )  # fmt: skip
    no_secret = forms.BooleanField(label=_("不用密钥"), required=False)
    most_bytes = _limit(_("一条最多多少字节"))
    a_minute = _limit(_("一分钟最多几条"))
    a_month = _limit(_("一个月最多几条"))
    on = yes_or_no(_("现在用不用"), _("用"), _("暂时停用"))

    def __init__(self, *args: Any, channel: Channel, known: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if channel is Channel.MAIL:
            self.fields["address"].label, self.fields["address"].help_text = (
                _("发件人地址"),
                _("例如 hege@example.cn。"),
            )
            del self.fields["secret"], self.fields["no_secret"]
        else:
            self.fields["address"].help_text = _(
                "在群里添加机器人时给出的网址，或短信平台的接口网址；谁有它，谁就能以街道的名义发。"
            )
        if channel is Channel.SMS and not known:
            self.fields["address"].help_text = _(
                "短信平台的接口网址。没有平台：写 folder，交给单位自己的设备发；写 console，只写进日志，谁也收不到。"
            )
        if known:
            self.fields["address"].help_text = _("现在是 %(host)s。不改就不写。") % {"host": known}
            if "secret" in self.fields:
                self.fields["secret"].help_text = _("不改就不写；换了主机要重新写。")
        else:
            self.fields.pop("no_secret", None)


class WithdrawForm(Form):
    """Why a message is given up."""

    reason = long_text(_("为什么不再发"), _("例如：已经当面说过。"), most=300, rows=3)
