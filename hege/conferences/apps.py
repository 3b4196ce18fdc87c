from django.apps import AppConfig


class ConferencesConfig(AppConfig):
    name = "hege.conferences"
    label = "conferences"
