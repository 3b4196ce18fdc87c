from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "hege.imports"
    label = "imports"
