from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "hege.web"
    label = "web"
