"""What was set aside is found by its age without reading the inbox; made while callbacks go on coming in."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("providers", "0015_keeping")]
    operations = [
        AddIndexConcurrently(
            model_name="callback",
            index=models.Index(
                fields=["received_at"], condition=models.Q(state=2), name="callback_set_aside"
            ),
        )
    ]
