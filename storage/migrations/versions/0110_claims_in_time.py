"""Claims: only for tips found true, deadlines that fall due, telling the reporter, tasks of staff."""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0100"
branch_labels = None
depends_on = None

FUNCTIONS = """
-- Whether a tip was found true and nobody said otherwise since; closing it changes nothing.
CREATE FUNCTION tip_is_confirmed(tip uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    found tips%ROWTYPE;
BEGIN
    SELECT * INTO found FROM tips WHERE id = tip FOR SHARE;
    RETURN found.state = 'confirmed' OR (found.state = 'closed' AND 'confirmed' = (
        SELECT state FROM tip_events WHERE tip_id = tip AND state IN ('confirmed', 'unfounded')
        ORDER BY at DESC, id DESC LIMIT 1));
END $$;

-- What depends on the tip and on the time; who may and in which order is claim_step's.
CREATE FUNCTION claim_in_time() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    claim claims%ROWTYPE;
BEGIN
    SELECT * INTO claim FROM claims WHERE id = NEW.claim_id;
    IF NEW.act IN ('propose', 'verify', 'approve') AND NOT tip_is_confirmed(claim.tip_id) THEN
        RAISE EXCEPTION 'the tip is not confirmed' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.act IN ('claim', 'extend') AND NEW.at >= claim.due_at THEN
        RAISE EXCEPTION 'the time for % is over', NEW.act USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.act = 'lapse' AND (claim.due_at IS NULL OR NEW.at < claim.due_at) THEN
        RAISE EXCEPTION 'the time to claim is not over' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- Of a payment there is its paper, in the same transaction.
CREATE FUNCTION claim_payment_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM claim_payments
        WHERE event_id = NEW.id AND claim_id = NEW.claim_id AND amount = NEW.amount AND receipt = NEW.reference)
    THEN
        RAISE EXCEPTION 'the payment has no receipt' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER in_time BEFORE INSERT ON claim_events FOR EACH ROW EXECUTE FUNCTION claim_in_time();
CREATE CONSTRAINT TRIGGER payment_is_kept AFTER INSERT ON claim_events DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.act = 'pay') EXECUTE FUNCTION claim_payment_is_kept();
"""
# A message that went out tells the reporter as well as a person does.
BY_PEOPLE = "('request', 'claim', 'lapse')"
BY_PEOPLE_NOW = "('request', 'claim', 'lapse', 'notify')"


def _in_claim_step(old: str, new: str) -> None:
    op.execute(
        "DO $do$ BEGIN EXECUTE replace(pg_get_functiondef('claim_step'::regproc), "
        f"$old${old}$old$, $new${new}$new$); END $do$"
    )


def upgrade() -> None:
    _in_claim_step(BY_PEOPLE, BY_PEOPLE_NOW)
    op.execute(FUNCTIONS)
    op.add_column("claim_proposals", sa.Column("starts", sa.JSON(), server_default="{}", nullable=False))
    op.create_table(
        "claim_timers",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_timers_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_timers")),
    )
    op.create_index(
        "claim_timers_waiting", "claim_timers", ["due_at"], unique=False, postgresql_where=sa.text("fired_at IS NULL")
    )
    op.create_index("timers_of_claim", "claim_timers", ["claim_id"], unique=False)
    op.create_table(
        "claim_notices",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_notices_claim_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_claim_notices_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_notices")),
    )
    op.create_index("notices_of_claim", "claim_notices", ["claim_id"], unique=False)
    op.create_index(
        "claim_notices_unsettled",
        "claim_notices",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "claim_tasks",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_tasks_claim_id")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_claim_tasks_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_tasks")),
    )
    op.create_index(
        "one_open_task_of_a_kind",
        "claim_tasks",
        ["claim_id", "kind"],
        unique=True,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    # Deadlines that were set before there were timers.
    op.execute(
        "INSERT INTO claim_timers (id, claim_id, what, due_at) "
        "SELECT gen_random_uuid(), id, 'due', due_at FROM claims WHERE due_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("claim_tasks")
    op.drop_table("claim_notices")
    op.drop_table("claim_timers")
    op.drop_column("claim_proposals", "starts")
    op.execute("DROP TRIGGER in_time ON claim_events")
    op.execute("DROP TRIGGER payment_is_kept ON claim_events")
    for function in ("claim_in_time()", "claim_payment_is_kept()", "tip_is_confirmed(uuid)"):
        op.execute(f"DROP FUNCTION {function}")
    _in_claim_step(BY_PEOPLE_NOW, BY_PEOPLE)
