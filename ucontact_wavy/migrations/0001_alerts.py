"""Alerts, the rules of what is watched, and what was told to whom."""

import django.db.models.deletion
import providers.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('credentials', 'username or password turned away'), ('base_paused', 'base paused by itself'), ('failure_rate', 'too much fails'), ('queue_wait', 'customers wait too long'), ('queue_full', 'queue full'), ('silent', 'callbacks silent'), ('quarantine', 'quarantine fills'), ('set_aside', 'callbacks set aside'), ('unmatched', 'statuses of unknown messages'), ('workers', 'workers not heard from')], max_length=32, verbose_name='kind')),
                ('subject', models.CharField(max_length=64, verbose_name='subject')),
                ('level', models.CharField(choices=[('amber', 'soon'), ('red', 'now')], default='red', max_length=8, verbose_name='level')),
                ('values', models.JSONField(default=dict)),
                ('mark', models.CharField(blank=True, max_length=64)),
                ('campaign', models.BigIntegerField(null=True)),
                ('since', models.DateTimeField(verbose_name='since')),
                ('opened_at', models.DateTimeField(null=True, verbose_name='opened')),
                ('clear_since', models.DateTimeField(null=True)),
                ('until', models.DateTimeField(null=True, verbose_name='until')),
            ],
            options={
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
                'indexes': [models.Index(models.OrderBy(models.F('until'), descending=True, nulls_first=True), models.OrderBy(models.F('id'), descending=True), name='alerts_open_first')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('kind', 'subject'), name='one_open_alert_per_subject')],
            },
        ),
        migrations.CreateModel(
            name='AlertRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('off', models.JSONField(blank=True, default=list)),
                ('failure_percent', models.PositiveSmallIntegerField(default=30, help_text="Percent of a base's latest messages that fail; an alert, not a pause. 0 = never.", verbose_name='Failures')),
                ('silent_minutes', models.PositiveSmallIntegerField(default=15, help_text='Minutes in which messages were sent and nothing came back. 0 = never.', verbose_name='Callbacks silent')),
                ('quarantine_items', models.PositiveIntegerField(default=10, help_text='Items within an hour that could not be applied. 0 = never.', verbose_name='Quarantine')),
                ('set_aside_callbacks', models.PositiveIntegerField(default=1, help_text='Callbacks within an hour that failed as a whole. 0 = never.', verbose_name='Callbacks set aside')),
                ('unmatched_statuses', models.PositiveIntegerField(default=1000, help_text='Statuses within an hour that belong to no message of ours. 0 = never.', verbose_name='Statuses of unknown messages')),
                ('worker_seconds', models.PositiveSmallIntegerField(default=60, help_text='Seconds without a sign of life of a worker. 0 = never.', verbose_name='Workers silent')),
                ('emails', models.TextField(blank=True, help_text='One a line. Who signs in with that address here reads it in their own language.', verbose_name='E-mail addresses')),
                ('webhook_url', models.CharField(blank=True, help_text='An address to which each alert is posted as JSON, and its end. Empty = none.', max_length=1000, verbose_name='Webhook')),
                ('webhook_secret', providers.fields.EncryptedTextField(blank=True, help_text='What each request is signed with (HMAC-SHA256). Stored encrypted, never shown again.', verbose_name='Webhook secret')),
                ('swept_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'verbose_name': 'alert rules',
                'verbose_name_plural': 'alert rules',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_row_of_alert_rules')],
            },
        ),
        migrations.CreateModel(
            name='AlertDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(choices=[('opened', 'opened'), ('worse', 'got worse'), ('ended', 'over')], max_length=8, verbose_name='event')),
                ('channel', models.CharField(choices=[('email', 'e-mail'), ('webhook', 'webhook')], max_length=8, verbose_name='channel')),
                ('address', models.CharField(max_length=1000, verbose_name='address')),
                ('state', models.SmallIntegerField(choices=[(1, 'waiting'), (2, 'told'), (3, 'could not be told')], default=1, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('next_attempt_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=300, verbose_name='error')),
                ('told_at', models.DateTimeField(null=True, verbose_name='told')),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='house.alert')),
            ],
            options={
                'verbose_name': 'delivery of an alert',
                'verbose_name_plural': 'deliveries of alerts',
                'indexes': [models.Index(condition=models.Q(('state', 1)), fields=['next_attempt_at'], name='alert_deliveries_waiting')],
                'constraints': [models.UniqueConstraint(fields=('alert', 'event', 'channel', 'address'), name='one_delivery_per_recipient')],
            },
        ),
    ]
