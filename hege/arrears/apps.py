from django.apps import AppConfig


class ArrearsConfig(AppConfig):
    name = "hege.arrears"
    label = "arrears"
