"""Supervisors make and change people, as far as accounts.rules lets them; and fill teams."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    supervisors = ["add_user", "change_user", "view_team", "add_team", "change_team", "delete_team"]
    grant(apps, "accounts", {Role.SUPERVISORS: supervisors})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_people")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
