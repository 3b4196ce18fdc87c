from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "hege.cases"
    label = "cases"
