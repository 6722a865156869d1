"""The audit log says from where and in which role, is only added to and hangs together by hashes; monthly reports."""

import sqlalchemy as sa
from alembic import op

from storage.sealing import installed

revision = "0120"
down_revision = "0110"
branch_labels = None
depends_on = None

ONLY_ADDED = ("audit_entries", "audit_links", "monthly_reports")
FUNCTIONS = """
-- One link after the other: the next position, the hash of the one before.
CREATE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest audit_links%ROWTYPE;
    entry audit_entries%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(7305118120);
    SELECT * INTO newest FROM audit_links ORDER BY position DESC LIMIT 1;
    SELECT * INTO STRICT entry FROM audit_entries WHERE id = NEW.id;
    NEW.position := coalesce(newest.position, 0) + 1;
    NEW.previous := coalesce(newest.hash, '');
    NEW.hash := encode(sha256(convert_to(json_build_array(
        NEW.position, entry.id, (extract(epoch FROM entry.at) * 1000000)::bigint, coalesce(entry.staff_id::text, ''),
        entry.roles, entry.origin, entry.action, entry.subject_kind, coalesce(entry.subject_id::text, ''),
        entry.detail, NEW.previous)::text, 'UTF8')), 'hex');
    RETURN NEW;
END $$;

-- Deferred: it runs when the transaction commits, so that the lock is held no longer than a commit takes.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_links (id, position) VALUES (NEW.id, 0);
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("roles", sa.String(length=255), server_default="", nullable=False))
    op.add_column("audit_entries", sa.Column("origin", sa.String(length=64), server_default="", nullable=False))
    _addresses()
    op.drop_index("audit_by_time", table_name="audit_entries")
    op.create_index("audit_by_time", "audit_entries", ["at", "id"], unique=False)
    op.create_index("audit_of_staff", "audit_entries", ["staff_id", "at", "id"], unique=False)
    op.create_index(
        "audit_of_subject",
        "audit_entries",
        ["subject_id", "at"],
        unique=False,
        postgresql_where=sa.text("subject_id IS NOT NULL"),
    )
    op.create_table(
        "audit_links",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.String(length=64), server_default="", nullable=False),
        sa.Column("hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["audit_entries.id"], name=op.f("fk_audit_links_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_links")),
        sa.UniqueConstraint("position", name=op.f("uq_audit_links_position")),
    )
    op.execute(FUNCTIONS)
    op.execute("CREATE TRIGGER audit_link BEFORE INSERT ON audit_links FOR EACH ROW EXECUTE FUNCTION audit_link()")
    op.execute(  # what was written before: chained in the order of time
        "DO $$ DECLARE old uuid; BEGIN FOR old IN SELECT id FROM audit_entries ORDER BY at, id LOOP "
        "INSERT INTO audit_links (id, position) VALUES (old, 0); END LOOP; END $$"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_entries DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION audit_chain()"
    )
    op.create_table(
        "monthly_reports",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("figures", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_monthly_reports_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_reports")),
    )
    op.create_index("reports_of_month", "monthly_reports", ["month", "made_at"], unique=False)
    for table in ONLY_ADDED:
        op.execute(
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION only_added()"
        )
        op.execute(f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} EXECUTE FUNCTION only_added()")


def _addresses() -> None:
    """Sign-ins held the address itself, which could never be deleted any more: a pseudonym takes its place."""
    signed = sa.text("SELECT id, detail FROM audit_entries WHERE action LIKE 'sign_in%' AND detail <> ''")
    connection = op.get_bind()
    for row in connection.execute(signed).all():
        known = installed().blind("origin", row.detail).hex()[:8]
        connection.execute(
            sa.text("UPDATE audit_entries SET origin = :origin, detail = '' WHERE id = :id"),
            {"origin": f"console {known}", "id": row.id},
        )


def downgrade() -> None:
    op.drop_table("monthly_reports")
    op.drop_table("audit_links")
    for trigger in ("audit_chain", "only_added", "never_emptied"):
        op.execute(f"DROP TRIGGER {trigger} ON audit_entries")
    op.execute("DROP FUNCTION audit_chain()")
    op.execute("DROP FUNCTION audit_link()")
    op.drop_index("audit_of_subject", table_name="audit_entries")
    op.drop_index("audit_of_staff", table_name="audit_entries")
    op.drop_index("audit_by_time", table_name="audit_entries")
    op.create_index("audit_by_time", "audit_entries", ["at"], unique=False)
    op.drop_column("audit_entries", "origin")
    op.drop_column("audit_entries", "roles")
