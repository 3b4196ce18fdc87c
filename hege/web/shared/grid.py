"""A part of the grid as it is chosen in a form."""

from __future__ import annotations

from typing import Any

from django import forms


class PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own takes none at run time
    """A part of the grid, indented by its depth."""

    def label_from_instance(self, obj: Any) -> str:
        depth = obj.path.count("/") - 2
        return f"{'　' * depth}{obj.name}（{obj.get_level_display()}）"
