"""The job queue and the counters.

The queue's tables are the library's own. When a newer Procrastinate brings a migration, a revision of ours runs it.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTERS = ("stop_card_numbers", "tip_numbers", "claim_numbers")
# Everything Procrastinate creates carries its name, which is how it is found again.
DROP_QUEUE = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate%' AND pronamespace = 'public'::regnamespace
    LOOP EXECUTE 'DROP ROUTINE IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
    FOR found IN SELECT tablename AS name FROM pg_tables WHERE tablename LIKE 'procrastinate%' AND schemaname = 'public'
    LOOP EXECUTE 'DROP TABLE IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
    FOR found IN SELECT typname AS name FROM pg_type
        WHERE typname LIKE 'procrastinate%' AND typtype IN ('e', 'c') AND typnamespace = 'public'::regnamespace
    LOOP EXECUTE 'DROP TYPE IF EXISTS ' || found.name || ' CASCADE'; END LOOP;
END $$
"""


def upgrade() -> None:
    raw = op.get_bind().connection.driver_connection
    raw.cursor().execute(SchemaManager.get_schema())
    for counter in COUNTERS:
        op.execute(f"CREATE SEQUENCE {counter} START WITH 100001")


def downgrade() -> None:
    for counter in COUNTERS:
        op.execute(f"DROP SEQUENCE {counter}")
    raw = op.get_bind().connection.driver_connection
    raw.cursor().execute(DROP_QUEUE)
