"""An answer that is posted twice becomes one turn."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat_sessions", "0002_roles")]
    operations = [
        migrations.AddField(
            model_name="turn",
            name="submission",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(fields=("session", "submission"), name="one_turn_per_submission"),
        ),
    ]
