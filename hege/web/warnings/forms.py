"""What somebody says about a warning."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hege.web.forms import Form, long_text


class AcknowledgeForm(Form):
    """Why a warning needs nothing more for now (知悉)."""

    note = long_text(_("为什么先不转办"), _("例如：代收人答应 11月27日 交清，到时再看。"), most=300, rows=3)
