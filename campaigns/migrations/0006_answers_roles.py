"""What each role may do with dispositions, keyword answers and canned replies."""

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
                for model in ("disposition", "keywordanswer", "cannedreply")
            ],
            Role.OPERATORS: ["view_disposition", "view_keywordanswer", "view_cannedreply"],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_answers")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
