"""Makes the three roles, and lets supervisors see who there is."""

from django.db import migrations

from accounts.roles import Role, grant


def make_roles(apps, schema_editor):
    grant(apps, "accounts", {Role.SUPERVISORS: ["view_user"], Role.OPERATORS: [], Role.AGENTS: []})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
