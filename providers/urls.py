"""The callback paths that the guide prints, and Wavy is given."""

from django.urls import path

from providers.callbacks.views import MessageView, StatusView

urlpatterns = [
    path("Integra/resources/Wavy/message", MessageView.as_view(), name="callback-message"),
    path("Integra/resources/Wavy/status", StatusView.as_view(), name="callback-status"),
]
