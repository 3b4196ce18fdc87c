"""Which fields there are to be classed."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models


def our_models() -> Iterator[type[models.Model]]:
    """Every model of ours."""
    return (model for app in apps.get_app_configs() if app.name.startswith("hege.") for model in app.get_models())


def fields_of_models() -> dict[str, list[str]]:
    """The fields of every model of ours, by its label."""
    return {model._meta.label: [f.name for f in model._meta.concrete_fields] for model in our_models()}
