"""What each role may do with campaigns and members."""

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
                for model in ("campaign", "member", "did")
            ],
            Role.OPERATORS: ["view_campaign", "view_member", "view_did"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
