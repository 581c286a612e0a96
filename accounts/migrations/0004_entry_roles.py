"""Lets supervisors read who did what."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(apps, "accounts", {Role.SUPERVISORS: ["view_entry"]})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_entries"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
