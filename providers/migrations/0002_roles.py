"""What each role may do with providers, templates, messages and callbacks."""

from django.db import migrations

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(
        apps,
        "providers",
        {
            Role.SUPERVISORS: [
                *(
                    f"{action}_{model}"
                    for action in ("view", "add", "change", "delete")
                    for model in ("provider", "template", "donotcall")
                ),
                "view_message",
                "add_message",
                "change_message",
                "view_contact",
                "view_callback",
                "view_quarantineditem",
            ],
            Role.OPERATORS: [
                "view_provider",
                "view_template",
                "view_donotcall",
                "view_message",
                "add_message",
                "change_message",
                "view_contact",
            ],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("providers", "0001_initial"), ("accounts", "0002_roles")]
    operations = [migrations.RunPython(grant_roles, migrations.RunPython.noop)]
