"""What each role may do with what the desk added, and the pause reasons that there are at the start."""

from django.db import migrations

from accounts.roles import Role, grant

REASONS = ("Break", "Lunch", "Training", "Meeting")


def grant_roles(apps, schema_editor):
    everything = [f"{act}_pausereason" for act in ("view", "add", "change", "delete")]
    grant(
        apps,
        "chat_sessions",
        {
            Role.SUPERVISORS: [*everything, "view_presence", "change_presence", "view_transfer", "view_event"],
            Role.AGENTS: ["view_pausereason"],
        },
    )


def add_reasons(apps, schema_editor):
    reasons = apps.get_model("chat_sessions", "PauseReason").objects
    if not reasons.exists():
        for position, name in enumerate(REASONS):
            reasons.create(name=name, position=position)


class Migration(migrations.Migration):
    dependencies = [("chat_sessions", "0005_desk_and_service_level"), ("accounts", "0002_roles")]
    operations = [
        migrations.RunPython(grant_roles, migrations.RunPython.noop),
        migrations.RunPython(add_reasons, migrations.RunPython.noop),
    ]
