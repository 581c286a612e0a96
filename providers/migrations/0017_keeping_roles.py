"""Supervisors say how long what is kept, and erase."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "providers",
        {
            Role.SUPERVISORS: [
                *(f"{action}_keepingrules" for action in ("view", "add", "change")),
                *(f"{action}_erasure" for action in ("view", "add")),
            ]
        },
    )


class Migration(migrations.Migration):
    dependencies = [("providers", "0016_set_aside"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
