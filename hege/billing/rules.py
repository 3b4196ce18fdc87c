"""x"""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Method(TextChoices):
    """How a bill is shared (分摊方式)."""

    EQUAL = "equal", _("等额")
    AREA = "area", _("面积")
    SUB_METER = "sub_meter", _("分表")
    MIXED = "mixed", _("混合")


class ComponentKind(TextChoices):
    """The parts of a water bill."""

    SUPPLY = "supply", _("供水费")
    SEWAGE = "sewage", _("污水处理费")
    OTHER = "other", _("其他费用")
