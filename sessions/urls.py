"""The desk's addresses, under /desk/."""

from django.urls import path

from sessions.desk import (
    acts,
    beginning,
    changes,
    closing,
    composing,
    handing,
    media,
    pages,
    search,
    standing,
    tickets,
)

app_name = "desk"
urlpatterns = [
    path("", pages.home, name="home"),
    path("changes/", changes.changes, name="changes"),
    path("ticket/", tickets.renew, name="ticket"),
    path("search/", search.search, name="search"),
    path("new/", beginning.ask, name="begin-ask"),
    path("new/words/", beginning.words, name="begin-words"),
    path("new/send/", beginning.begin, name="begin"),
    path("pause/", standing.pause, name="pause"),
    path("resume/", standing.resume, name="resume"),
    path("next/", acts.take_next, name="take-next"),
    path("media/<int:message_id>/", media.part, name="media"),
    path("media/<int:message_id>/again/", media.again, name="media-again"),
    path("<int:session_id>/", pages.session_page, name="session"),
    path("<int:session_id>/updates/", changes.changes, name="updates"),
    path("<int:session_id>/older/", pages.older, name="older"),
    path("<int:session_id>/template/", pages.template_form, name="template-form"),
    path("<int:session_id>/read/", acts.read, name="read"),
    path("<int:session_id>/take/", acts.take, name="take"),
    path("<int:session_id>/take-over/", acts.take_over, name="take-over"),
    path("<int:session_id>/close/", closing.close, name="close"),
    path("<int:session_id>/transfer/", handing.ask, name="transfer-ask"),
    path("<int:session_id>/transfer/to/", handing.transfer, name="transfer"),
    path("<int:session_id>/campaign/", acts.assign_campaign, name="assign-campaign"),
    path("<int:session_id>/replies/", composing.replies, name="replies"),
    path("<int:session_id>/note/", composing.note, name="note"),
    path("<int:session_id>/text/", composing.send_text, name="send-text"),
    path("<int:session_id>/send-template/", composing.send_template, name="send-template"),
]
