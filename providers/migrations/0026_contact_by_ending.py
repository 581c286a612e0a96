"""People are found by the last digits of their number. Built beside the running product: nobody waits for it."""

import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("providers", "0025_templates_listed")]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="contact",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Reverse("contact"), "text_pattern_ops"
                ),
                name="contact_by_ending",
            ),
        ),
    ]
