"""Operators enter numbers into the do-not-call registry and upload them; only supervisors remove."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "providers",
        {
            Role.SUPERVISORS: ["view_donotcallupload"],
            Role.OPERATORS: ["add_donotcall", "view_donotcallupload"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("providers", "0009_opt_outs"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
