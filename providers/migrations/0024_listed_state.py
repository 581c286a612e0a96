"""A column that indexes name in the place of the state: statuses then rewrite no index. Writes the table anew."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('providers', '0023_entries_kept'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Room on each page for what becomes of its messages. Before the column, which writes the table anew anyway.
        migrations.RunSQL(
            "ALTER TABLE providers_message SET (fillfactor = 75)",
            "ALTER TABLE providers_message RESET (fillfactor)",
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_open_in_batch',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_uncertain_in_batch',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_reply_lane',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_leases',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_in_trouble',
        ),
        migrations.RemoveIndex(
            model_name='message',
            name='message_trouble_in_batch',
        ),
        migrations.AddField(
            model_name='message',
            name='listed_state',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(state__in=(10, 20, 30, 50, 70, 80), then=models.F('state'))), output_field=models.SmallIntegerField(choices=[(10, 'queued'), (20, 'leaving'), (30, 'unconfirmed'), (40, 'taken by Wavy'), (50, 'turned away by Wavy'), (60, 'sent'), (70, 'expired'), (80, 'not delivered'), (90, 'delivered'), (100, 'read'), (200, 'received')], null=True)),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('batch__isnull', False), ('listed_state__in', (10, 20))), fields=['batch', 'id'], name='message_open_in_batch'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('batch__isnull', False), ('listed_state', 30)), fields=['batch', 'id'], name='message_uncertain_in_batch'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('batch__isnull', False), ('listed_state__in', (30, 50, 70, 80))), fields=['batch', 'listed_state', 'error', 'id'], name='message_trouble_in_batch'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('batch__isnull', True), ('listed_state', 10)), fields=['id'], name='message_reply_lane'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('listed_state__in', (30, 50, 70, 80))), fields=['listed_state', 'id'], name='message_in_trouble'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('listed_state', 20)), fields=['lease_until'], name='message_leases'),
        ),
    ]
