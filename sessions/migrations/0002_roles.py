"""What each role may do with interactions."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "chat_sessions",
        {
            Role.SUPERVISORS: ["view_chatsession", "change_chatsession", "view_turn"],
            Role.AGENTS: ["view_chatsession", "change_chatsession", "view_turn"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("chat_sessions", "0001_initial"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
