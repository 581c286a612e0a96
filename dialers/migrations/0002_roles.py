"""What each role may do with dialers and bases."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "dialers",
        {
            Role.SUPERVISORS: [
                "view_dialer",
                "add_dialer",
                "change_dialer",
                "delete_dialer",
                "view_base",
                "add_base",
                "change_base",
                "view_row",
                "view_invalidline",
            ],
            Role.OPERATORS: [
                "view_dialer",
                "view_base",
                "add_base",
                "change_base",
                "view_row",
                "view_invalidline",
            ],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("dialers", "0001_initial"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
