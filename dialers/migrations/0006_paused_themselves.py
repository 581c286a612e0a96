"""An index of the few bases that paused themselves."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dialers', '0005_keeping'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='base',
            index=models.Index(condition=models.Q(('state', 'paused'), models.Q(('reason', ''), _negated=True)), fields=['id'], name='bases_paused_themselves'),
        ),
    ]
