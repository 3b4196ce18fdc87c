from django.apps import AppConfig


class CliConfig(AppConfig):
    name = "hege.cli"
    label = "cli"
