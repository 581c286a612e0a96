"""Supervisors set the sending rules; operators may look, and at what was removed from the registry."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "providers",
        {
            Role.SUPERVISORS: [
                *(f"{action}_sendingrules" for action in ("view", "add", "change", "delete")),
                "view_donotcallremoval",
            ],
            Role.OPERATORS: ["view_sendingrules", "view_donotcallremoval"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("providers", "0005_trusted_bases"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
