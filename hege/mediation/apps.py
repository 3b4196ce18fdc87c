from django.apps import AppConfig


class MediationConfig(AppConfig):
    name = "hege.mediation"
    label = "mediation"
