"""An index to find the forms whose person fell silent."""

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "unfinished_forms",
        "forms",
        ["name", "touched_at"],
        postgresql_where=sa.text("state IN ('open', 'suspended')"),
    )


def downgrade() -> None:
    op.drop_index("unfinished_forms", table_name="forms")
