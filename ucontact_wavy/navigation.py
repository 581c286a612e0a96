"""The admin's look and its navigation, in the guide's words."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

Entry = tuple[Any, str, str, str]  # title, icon, model as app_model, permission

# What stands beside an entry: a function of the request.
BADGES = {"house_alert": "ucontact_wavy.alerts.mark.mark"}


def group(title: Any, entries: Sequence[Entry]) -> dict[str, Any]:
    """One part of the side bar; each entry is shown to those who hold its permission."""
    return {"title": title, "separator": True, "items": [item(*entry) for entry in entries]}


def item(title: Any, icon: str, model: str, permission: str) -> dict[str, Any]:
    """One entry: a model's list."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": lambda request: may_see(request, permission),
        **({"badge": BADGES[model]} if model in BADGES else {}),
    }


def may_see(request: HttpRequest, permission: str) -> bool:
    """Whether the entry is for this person. Interactions are for supervisors; agents have the desk."""
    user = request.user
    if permission == "chat_sessions.view_chatsession" and not getattr(user, "is_supervisor", False):
        return False
    return user.has_perm(permission)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "uContact-Wavy",
    "SITE_HEADER": "uContact-Wavy",
    "SITE_SYMBOL": "forum",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")}
    ],
    "SCRIPTS": [
        lambda request: static("renewals.js"),
        lambda request: static("admin_pages/alerts.js"),
        lambda request: static("admin_pages/select_names.js"),
    ],
    "STYLES": [
        lambda request: static("admin_pages/admin.css"),
        lambda request: static("admin_pages/alerts.css"),
        lambda request: static("whatsapp/bubble.css"),
        lambda request: static("admin_pages/story.css"),
    ],
    "DASHBOARD_CALLBACK": "ucontact_wavy.home.page.dashboard",
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    {"title": _("Start page"), "icon": "home", "link": reverse_lazy("admin:index")},
                    {
                        "title": _("Desk"),
                        "icon": "support_agent",
                        "link": reverse_lazy("desk:home"),
                        "permission": lambda request: getattr(request.user, "is_agent", False),
                    },
                ]
            },
            group(
                _("Providers"),
                [
                    (_("SMS"), "cell_tower", "providers_provider", "providers.view_provider"),
                    (_("Templates"), "article", "providers_template", "providers.view_template"),
                    (_("Messages"), "sms", "providers_message", "providers.view_message"),
                    (_("Contacts"), "contacts", "providers_contact", "providers.view_contact"),
                    (
                        _("Do not call"),
                        "do_not_disturb_on",
                        "providers_donotcall",
                        "providers.view_donotcall",
                    ),
                    (
                        _("Sending rules"),
                        "rule",
                        "providers_sendingrules",
                        "providers.view_sendingrules",
                    ),
                    (_("Callbacks"), "call_received", "providers_callback", "providers.view_callback"),
                    (
                        _("Quarantine"),
                        "report",
                        "providers_quarantineditem",
                        "providers.view_quarantineditem",
                    ),
                    (
                        _("Keeping"),
                        "auto_delete",
                        "providers_keepingrules",
                        "providers.view_keepingrules",
                    ),
                    (_("Erasures"), "person_remove", "providers_erasure", "providers.view_erasure"),
                ],
            ),
            group(
                _("Campaigns"),
                [
                    (_("SMS"), "campaign", "campaigns_campaign", "campaigns.view_campaign"),
                    (_("Members"), "groups_2", "campaigns_member", "campaigns.change_member"),
                    (_("Calendars"), "calendar_month", "campaigns_calendar", "campaigns.view_calendar"),
                    (_("Legal hours"), "gavel", "campaigns_legalhours", "campaigns.view_legalhours"),
                ],
            ),
            group(
                _("Dialers"),
                [
                    (_("SMS"), "send", "dialers_dialer", "dialers.view_dialer"),
                    (_("Bases"), "list_alt", "dialers_base", "dialers.view_base"),
                ],
            ),
            {
                "title": _("Interactions"),
                "separator": True,
                "items": [
                    {
                        "title": _("Live board"),
                        "icon": "monitoring",
                        "link": reverse_lazy("board"),
                        "permission": lambda request: getattr(request.user, "is_supervisor", False),
                    },
                    item(
                        _("Interactions"),
                        "chat",
                        "chat_sessions_chatsession",
                        "chat_sessions.view_chatsession",
                    ),
                    item(
                        _("Pause reasons"),
                        "pause_circle",
                        "chat_sessions_pausereason",
                        "chat_sessions.change_pausereason",
                    ),
                ],
            },
            group(
                _("Alerts"),
                [
                    (_("Alerts"), "notifications", "house_alert", "house.view_alert"),
                    (_("Alert rules"), "notification_settings", "house_alertrules", "house.view_alertrules"),
                ],
            ),
            group(
                _("People"),
                [
                    (_("Users"), "group", "accounts_user", "accounts.view_user"),
                    (_("Teams"), "groups", "accounts_team", "accounts.view_team"),
                    (_("Who did what"), "history", "accounts_entry", "accounts.view_entry"),
                ],
            ),
        ],
    },
}
