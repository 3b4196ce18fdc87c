"""The filter of 操作留痕; it lives in the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.people.models import Membership, Street, User
from hege.privacy.trail_words import THINGS, VERBS
from hege.web.forms import DayField, Form


class FilterForm(Form):
    """Who, what, to which kind of thing, on which day; ``thing_id`` narrows to one thing."""

    who = forms.ModelChoiceField(
        label=_("谁"), queryset=User.objects.none(), required=False, empty_label=_("所有人"), to_field_name="username"
    )
    verb = forms.ChoiceField(label=_("做了什么"), required=False)
    thing = forms.ChoiceField(label=_("对什么"), required=False)
    day = DayField(label=_("哪一天"), required=False)
    thing_id = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, *args: Any, street: Street, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(pk__in=Membership.objects.filter(street=street).values("user_id"))
        self.offer(
            who=people.order_by("full_name", "username"),
            verb=[("", _("所有动作")), *VERBS.items()],
            thing=[("", _("所有东西")), *THINGS.items()],
        )
