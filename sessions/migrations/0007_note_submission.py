"""A note that somebody composed is kept once: the key that its page gave it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat_sessions", "0006_desk_roles")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="submission",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]
