from django.db import migrations

from hege.kernel.schema import OfEach

SQLITE = (
    "CREATE VIRTUAL TABLE search_grams USING fts5(grams, content='search_entry', content_rowid='id', detail='none', "
    "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*' tokenchars '_'\")",
    "CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN "
    "INSERT INTO search_grams(rowid, grams) VALUES (new.id, new.grams); END",
    "CREATE TRIGGER search_entry_gone AFTER DELETE ON search_entry BEGIN "
    "INSERT INTO search_grams(search_grams, rowid, grams) VALUES ('delete', old.id, old.grams); END",
    "CREATE TRIGGER search_entry_changed AFTER UPDATE OF grams ON search_entry BEGIN "
    "INSERT INTO search_grams(search_grams, rowid, grams) VALUES ('delete', old.id, old.grams); "
    "INSERT INTO search_grams(rowid, grams) VALUES (new.id, new.grams); END",
)
POSTGRESQL = ("CREATE INDEX search_entry_grams ON search_entry USING gin (string_to_array(grams, ' '))",)
BACK = {
    "sqlite": (
        "DROP TRIGGER search_entry_changed",
        "DROP TRIGGER search_entry_gone",
        "DROP TRIGGER search_entry_added",
        "DROP TABLE search_grams",
    ),
    "postgresql": ("DROP INDEX search_entry_grams",),
}


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [OfEach(SQLITE, POSTGRESQL, BACK)]
