"""Every address of the product."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from accounts.password_page import OwnPassword
from sessions import board_acts, board_views, level_views, story_pages, transcript_views
from sessions.desk import media
from ucontact_wavy.apart_page import contact_apart
from ucontact_wavy.erase_page import erase_contact
from ucontact_wavy.health import healthz, readyz
from ucontact_wavy.home import page as home
from ucontact_wavy.metrics import MetricsView
from ucontact_wavy.start import SignIn, SignOut, start

urlpatterns: list[URLPattern | URLResolver] = [
    path("", start, name="start"),
    path("password/", OwnPassword.as_view(), name="password"),
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", SignOut.as_view(), name="logout"),
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/apart/<int:contact_id>/", admin.site.admin_view(contact_apart), name="contact-apart"),
    path("admin/erase/<int:contact_id>/", admin.site.admin_view(erase_contact), name="erase-contact"),
    path("admin/figures/", home.figures, name="home-figures"),
    path("admin/story/", admin.site.admin_view(story_pages.search), name="story-search"),
    re_path(r"^admin/story/(?P<number>[0-9]{3,32})/$", admin.site.admin_view(story_pages.page), name="story"),
    path("admin/", admin.site.urls),
    path("desk/", include("sessions.urls")),
    path("media/<int:message_id>/", media.file, name="media"),
    path("media/out/<str:signed>/", media.sent, name="media-sent"),
    path("board/", board_views.page, name="board"),
    path("board/level/", level_views.page, name="service-level"),
    path("board/conversations/", transcript_views.page, name="conversations"),
    path("board/<int:campaign_id>/move/", board_acts.move, name="board-move"),
    path("board/<int:campaign_id>/pause/", board_acts.pause, name="board-pause"),
    path("board/<int:campaign_id>/", level_views.campaign_page, name="board-campaign"),
    path("board/figures/", board_views.figures, name="board-figures"),
    path("api/", include("ucontact_wavy.api.urls")),
    path("", include("providers.urls")),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", MetricsView.as_view(), name="metrics"),
]
handler500 = "ucontact_wavy.api.problems.server_error"
