"""The database behind the application's back: what an administrator with SQL can do, on either kind of server."""

import re
import sqlite3

import psycopg
from sqlalchemy.engine import make_url

# What SQLite says, in PostgreSQL's words.
WORDS = (
    (r"\?", "%s"),
    (r"x'00'", r"'\\x00'::bytea"),
    (r"CAST\(replace\(CAST\(payload AS TEXT\), 'done', 'gone'\) AS BLOB\)",
     "convert_to(replace(convert_from(payload, 'UTF8'), 'done', 'gone'), 'UTF8')"),
    (r"DROP TRIGGER event_never_update", "DROP TRIGGER event_never_update ON event"),
    (r"BEGIN SELECT 1; END", "EXECUTE FUNCTION printcare_append_only()"),
)  # fmt: skip


class RawSqlite:
    """A connection to the file itself."""

    def __init__(self, url):
        self.connection = sqlite3.connect(make_url(url).database, isolation_level=None)
        self.execute = self.connection.execute
        self.close = self.connection.close

    def without_guards(self, *statements):
        """Drop the triggers, change, put the triggers back."""
        guards = self.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            self.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            self.execute(statement)
        for _, text in guards:
            self.execute(text)

    def lock(self):
        """Take the write lock and keep it."""
        self.execute("BEGIN IMMEDIATE")

    def tables(self):
        """Return the names of the tables."""
        return {name for (name,) in self.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


class RawPostgresql:
    """A superuser's connection to the server."""

    def __init__(self, url):
        parsed = make_url(url)
        self.connection = psycopg.connect(
            user=parsed.username, dbname=parsed.database, host=parsed.query["host"], autocommit=True
        )
        self.close = self.connection.close

    def execute(self, statement, values=None):
        """Run one statement written for SQLite."""
        for words, own in WORDS:
            statement = re.sub(words, own, statement)
        return self.connection.execute(statement, values)

    def without_guards(self, *statements):
        """Change while the triggers sleep, as a superuser can without a trace."""
        self.connection.execute("SET session_replication_role = replica")
        for statement in statements:
            self.execute(statement)
        self.connection.execute("SET session_replication_role = DEFAULT")

    def lock(self):
        """Take the write lock and keep it."""
        self.execute("BEGIN")
        self.execute("SELECT pg_advisory_xact_lock(hashtext('printcare record'))")

    def tables(self):
        """Return the names of the tables."""
        return {name for (name,) in self.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def raw_database(url):
    """Return a connection behind the application."""
    return (RawSqlite if url.startswith("sqlite") else RawPostgresql)(url)
