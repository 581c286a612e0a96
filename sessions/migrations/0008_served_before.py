"""What was answered or abandoned before counts for the service level too, by the wall clock."""

from django.db import migrations

MARK = """
UPDATE chat_sessions_chatsession s SET served_in_id = s.campaign_id, answered_by_id = s.agent_id,
  waited = GREATEST(0, EXTRACT(EPOCH FROM COALESCE(s.answered_at, s.closed_at) - s.opened_at))::int,
  in_time = COALESCE(s.answered_at, s.closed_at) - s.opened_at <= c.service_level * interval '1 second',
  active_at = COALESCE(s.closed_at, s.answered_at, s.opened_at)
FROM campaigns_campaign c
WHERE c.id = s.campaign_id AND s.waited IS NULL AND s.id >= %s AND s.id < %s
  AND (s.answered_at IS NOT NULL OR s.state = 'closed' AND s.closed_at IS NOT NULL)
"""
STEP = 50_000


def mark(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM chat_sessions_chatsession")
        (last,) = cursor.fetchone()
        for first in range(0, last + 1, STEP):
            cursor.execute(MARK, [first, first + STEP])


class Migration(migrations.Migration):
    atomic = False  # in short transactions, so that nobody waits
    dependencies = [("chat_sessions", "0007_note_submission"), ("campaigns", "0006_answers_roles")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop, elidable=True)]
