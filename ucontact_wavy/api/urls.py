"""The addresses of the API, version 1, its schema and its pages."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from campaigns.api import CampaignViewSet, MemberViewSet
from dialers.api import BaseViewSet, DialerViewSet
from providers.api import DoNotCallViewSet, ProviderViewSet, TemplateViewSet
from sessions.api import SessionViewSet
from sessions.level_api import ServiceLevelViewSet
from sessions.presence_api import PresenceViewSet
from ucontact_wavy.api.messages import MessageViewSet
from ucontact_wavy.api.problems import no_such_address

router = SimpleRouter()
router.register("providers", ProviderViewSet, "api-provider")
router.register("templates", TemplateViewSet, "api-template")
router.register("campaigns", CampaignViewSet, "api-campaign")
router.register("members", MemberViewSet, "api-member")
router.register("dialers", DialerViewSet, "api-dialer")
router.register("do-not-call", DoNotCallViewSet, "api-do-not-call")
router.register("bases", BaseViewSet, "api-base")
router.register("messages", MessageViewSet, "api-message")
router.register("sessions", SessionViewSet, "api-session")
router.register("presence", PresenceViewSet, "api-presence")

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(
        r"^v1/campaigns/(?P<pk>[0-9]+)/service-level/$",
        ServiceLevelViewSet.as_view({"get": "service_level"}),
        name="api-service-level",
    ),
    path("v1/", include(router.urls)),
    re_path(r"^.*$", no_such_address),
]
