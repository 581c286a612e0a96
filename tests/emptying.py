"""Empties the tables after a test that committed: only those that hold rows, and not what the migrations put there.

Django's own flush empties every table and makes all permissions anew, which takes two seconds a test.
"""

from django.db import connection

MADE_ONCE = ("django_migrations", "django_content_type", "auth_permission")
ROLES = (
    "auth_group",
    "auth_group_permissions",
)  # tests change them: they are put back as the migrations left them


def keep_roles() -> None:
    """Keeps a copy of the roles; to be called once, on the new database."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS kept")
        for table in ROLES:
            cursor.execute(f"CREATE TABLE IF NOT EXISTS kept.{table} AS TABLE {table}")


def empty() -> None:
    """Leaves the database as the migrations left it."""
    with connection.cursor() as cursor:
        cursor.execute(_those_with_rows())
        filled = [name for (name,) in cursor.fetchall()]
        if filled:
            cursor.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
        for table in reversed(ROLES):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        for table in ROLES:
            cursor.execute(f"INSERT INTO {table} TABLE kept.{table}")


def _those_with_rows() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)",
            [[*MADE_ONCE, *ROLES]],
        )
        tables = [name for (name,) in cursor.fetchall()]
    return " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)  # noqa: S608
