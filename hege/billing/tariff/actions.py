"""Price lists are written down, never changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from hege.billing.models import Tariff, TariffComponent
from hege.billing.rules import Rate
from hege.kernel.checks import check_words
from hege.kernel.database import atomic
from hege.kernel.refused import Refused
from hege.people.models import Street, User
from hege.trail import actions as trail


@atomic
def adopt_tariff(
    street: Street,
    *,
    name: str,
    from_on: dt.date,
    rates: Sequence[Rate],
    decision: str,
    sample: bool = False,
    by: User | None,
    at: dt.datetime,
) -> Tariff:
    """Write down the price list (水价) that holds from a day on, by its document.

    Bills of periods that begin while it holds are compared with it; none is changed by it. Of two price lists
    from one day the later one holds, so a slip is mended by a new one and the old one stays to be seen.
    """
    decision = check_words(decision, _("请写明依据的文件。"), field="decision")
    if Tariff.objects.filter(street=street, name=name.strip(), from_on=from_on).exists():
        raise Refused(_("这一天起已有同名的水价，请换一个名称。"), field="name")
    tariff = Tariff.objects.create(street=street, name=name.strip(), sample=sample, from_on=from_on)
    for rate in rates:
        TariffComponent.objects.create(
            street=street, tariff=tariff, kind=rate.kind, yuan_per_m3=rate.yuan_per_m3, factor=rate.factor
        )
    told = [[rate.kind.value, str(rate.yuan_per_m3), str(rate.factor)] for rate in rates]
    trail.record("adopt_tariff", tariff, by=by, at=at, name=tariff.name, from_on=from_on, rates=told, decision=decision)
    return tariff
