"""A callback's provider without the database's own key: each INSERT locked the provider's row to check it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0020_apart_roles")]

    operations = [
        migrations.AlterField(
            model_name="callback",
            name="provider",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="providers.provider",
                verbose_name="provider",
            ),
        ),
    ]
