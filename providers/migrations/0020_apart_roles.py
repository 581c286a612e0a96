"""Supervisors tell apart who was merged by mistake, and merge them again; operators see it."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "providers",
        {
            Role.SUPERVISORS: [f"{action}_numberapart" for action in ("view", "add", "change")],
            Role.OPERATORS: ["view_numberapart"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("providers", "0019_numbers_apart"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
