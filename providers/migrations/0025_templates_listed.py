"""What Wavy lists of a template; when its list was read; who let a template be sent although it is not approved."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('providers', '0024_listed_state'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TemplateSync',
            fields=[
                ('provider', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='template_sync', serialize=False, to='providers.provider')),
                ('tried_at', models.DateTimeField(null=True)),
                ('read_at', models.DateTimeField(null=True)),
                ('failure', models.CharField(blank=True, max_length=16)),
                ('namespaces', models.JSONField(default=list)),
            ],
            options={
                'verbose_name': 'reading of templates',
                'verbose_name_plural': 'readings of templates',
            },
        ),
        migrations.AddField(
            model_name='template',
            name='buttons',
            field=models.JSONField(blank=True, default=list, verbose_name='Buttons'),
        ),
        migrations.AddField(
            model_name='template',
            name='footer',
            field=models.CharField(blank=True, max_length=1000, verbose_name='Footer'),
        ),
        migrations.AddField(
            model_name='template',
            name='gone_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='gone at Wavy since'),
        ),
        migrations.AddField(
            model_name='template',
            name='header',
            field=models.CharField(blank=True, max_length=1000, verbose_name='Header'),
        ),
        migrations.AddField(
            model_name='template',
            name='header_type',
            field=models.CharField(blank=True, max_length=16, verbose_name='Kind of header'),
        ),
        migrations.AddField(
            model_name='template',
            name='namespace',
            field=models.CharField(blank=True, max_length=200, verbose_name='Namespace'),
        ),
        migrations.AddField(
            model_name='template',
            name='override_until',
            field=models.DateTimeField(editable=False, null=True, verbose_name='sent although not approved until'),
        ),
        migrations.AddField(
            model_name='template',
            name='parameter_names',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='template',
            name='raw_state',
            field=models.CharField(blank=True, max_length=64, verbose_name="State, in Wavy's word"),
        ),
        migrations.AddField(
            model_name='template',
            name='source',
            field=models.CharField(choices=[('hand', 'by hand'), ('wavy', 'from Wavy')], default='hand', max_length=8, verbose_name='Source'),
        ),
        migrations.AddField(
            model_name='template',
            name='synced_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='last listed by Wavy'),
        ),
        migrations.AlterField(
            model_name='template',
            name='state',
            field=models.CharField(choices=[('approved', 'approved'), ('in_analysis', 'in analysis'), ('disapproved', 'disapproved'), ('error', 'error'), ('unknown', 'unknown')], default='approved', max_length=16, verbose_name='State'),
        ),
        migrations.CreateModel(
            name='TemplateOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='let through')),
                ('until', models.DateTimeField(verbose_name='until')),
                ('reason', models.CharField(max_length=500, verbose_name='why')),
                ('state', models.CharField(max_length=16, verbose_name='State')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('template', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='providers.template')),
            ],
            options={
                'verbose_name': 'template sent although not approved',
                'verbose_name_plural': 'templates sent although not approved',
            },
        ),
    ]
