"""Indexes of the board, which closed cards do not make longer."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None

RUNS = "state IN ('new', 'accepted', 'forwarded')"
INDEXES = {
    "running_cards_by_deadline": (["deadline", "id"], RUNS),
    "unheld_cards_by_deadline": (["deadline", "id"], f"officer_id IS NULL AND {RUNS}"),
    "cards_of_officer": (["officer_id"], "officer_id IS NOT NULL AND state <> 'closed'"),
}


def upgrade() -> None:
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, "stop_cards", columns, unique=False, postgresql_where=sa.text(where))


def downgrade() -> None:
    for name, (_, where) in reversed(INDEXES.items()):
        op.drop_index(name, table_name="stop_cards", postgresql_where=sa.text(where))
