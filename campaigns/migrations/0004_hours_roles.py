"""Supervisors keep the calendars and the legal hours; operators may look."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "campaigns",
        {
            Role.SUPERVISORS: [
                f"{action}_{model}"
                for action in ("view", "add", "change", "delete")
                for model in ("calendar", "calendarday", "legalhours")
            ],
            Role.OPERATORS: ["view_calendar", "view_calendarday", "view_legalhours"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_trusted_bases"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
