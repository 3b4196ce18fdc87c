"""What is asked before an original is shown, and where a picture is to be black."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hege.web.forms import Form, long_text

_BAR = re.compile(r"(\d{1,4}),(\d{1,4}),(\d{1,4}),(\d{1,4})", re.ASCII)


class LookForm(Form):
    """Why somebody has to see a picture as it came (看原件)."""

    reason = long_text(_("为什么要看"), most=300, rows=3)


class CoverForm(Form):
    """Black bars, as hege-cover.js writes them or somebody types them: ``100,250,400,300 …`` (打码)."""

    bars = forms.CharField(
        label=_("盖住哪里"),
        help_text=_("在照片上按住拖动就能画。也可以直接写：左,上,右,下，各是照片宽高的千分之几；几处用空格隔开。"),
        max_length=400,
    )

    def clean_bars(self) -> list[tuple[int, ...]]:
        """Left, top, right and bottom of each, in thousandths."""
        typed = self.cleaned_data["bars"].replace("，", ",").split()
        found = [_BAR.fullmatch(bar) for bar in typed]
        if not all(found):
            raise ValidationError(_("看不懂；每处写四个数，例如 100,250,400,300。"))
        return [tuple(map(int, bar.groups())) for bar in found if bar]
