"""The list of cases has its rows as an index has them, stretch by stretch."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0014_links'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state__in', ['checking', 'dispatched', 'feedback', 'filed', 'handling', 'on_hold', 'reopened', 'returned', 'reworked', 'signed'])), fields=['street', 'due_on', 'id'], name='case_unfinished_due'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('state__in', ['closed', 'revisited', 'voided'])), fields=['street', '-state_at', '-id'], name='case_finished_at'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['street', '-filed_at', '-id'], name='case_filed_at'),
        ),
    ]
