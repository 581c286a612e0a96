"""When a callback token was used last; supervisors look at the statuses of unknown messages."""

from django.db import migrations, models

from accounts.roles import Role, grant


def grant_roles(apps, schema_editor):
    grant(apps, "providers", {Role.SUPERVISORS: ["view_unmatchedstatus"]})


class Migration(migrations.Migration):
    dependencies = [("providers", "0017_keeping_roles"), ("accounts", "0002_roles")]

    operations = [
        migrations.AlterModelOptions(
            name="unmatchedstatus",
            options={
                "verbose_name": "status of an unknown message",
                "verbose_name_plural": "statuses of unknown messages",
            },
        ),
        migrations.AddField(
            model_name="callback",
            name="token_id",
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="callbacktoken",
            name="last_used_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(grant_roles, migrations.RunPython.noop),
    ]
