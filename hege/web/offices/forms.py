"""The form of an office."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.web.forms import Form, yes_or_no


class OfficeForm(Form):
    """Its name, how to reach it, and whose it is."""

    name = forms.CharField(label=_("单位名称"), max_length=120, help_text=_("写全称，派遣和开会时从名单里选。"))
    phone = forms.CharField(label=_("电话"), max_length=40, required=False)
    inside = yes_or_no(_("是哪里的"), _("街道自己的科室、中心、站所"), _("街道以外的单位，例如水务公司、物业"))
