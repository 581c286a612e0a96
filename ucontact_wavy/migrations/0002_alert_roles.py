"""Supervisors see alerts, and say what is watched and whom it is told."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "house",
        {
            Role.SUPERVISORS: [
                "view_alert",
                *(f"{action}_alertrules" for action in ("view", "add", "change")),
            ]
        },
    )


class Migration(migrations.Migration):
    dependencies = [("house", "0001_alerts"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
