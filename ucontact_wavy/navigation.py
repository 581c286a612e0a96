"""The admin's look and its navigation, in the guide's words."""

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def item(title: Any, icon: str, url_name: str, permission: str) -> dict[str, Any]:
    """One entry of the side bar, shown to those who hold the permission."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(url_name),
        "permission": lambda request: request.user.has_perm(permission),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "uContact-Wavy",
    "SITE_HEADER": "uContact-Wavy",
    "SITE_SYMBOL": "forum",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Providers"),
                "separator": True,
                "items": [
                    item(_("SMS"), "cell_tower", "admin:providers_provider_changelist", "providers.view_provider"),
                    item(_("Templates"), "article", "admin:providers_template_changelist", "providers.view_template"),
                    item(_("Messages"), "sms", "admin:providers_message_changelist", "providers.view_message"),
                    item(
                        _("Do not call"),
                        "do_not_disturb_on",
                        "admin:providers_donotcall_changelist",
                        "providers.view_donotcall",
                    ),
                    item(
                        _("Quarantine"),
                        "report",
                        "admin:providers_quarantineditem_changelist",
                        "providers.view_quarantineditem",
                    ),
                ],
            },
            {
                "title": _("Campaigns"),
                "separator": True,
                "items": [
                    item(_("SMS"), "campaign", "admin:campaigns_campaign_changelist", "campaigns.view_campaign"),
                ],
            },
            {
                "title": _("Dialers"),
                "separator": True,
                "items": [
                    item(_("SMS"), "send", "admin:dialers_dialer_changelist", "dialers.view_dialer"),
                ],
            },
            {
                "title": _("Interactions"),
                "separator": True,
                "items": [
                    item(
                        _("Interactions"),
                        "chat",
                        "admin:chat_sessions_chatsession_changelist",
                        "chat_sessions.view_chatsession",
                    ),
                ],
            },
            {
                "title": _("People"),
                "separator": True,
                "items": [item(_("Users"), "group", "admin:accounts_user_changelist", "accounts.view_user")],
            },
        ],
    },
}
