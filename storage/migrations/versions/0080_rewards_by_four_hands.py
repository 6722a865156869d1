"""Rewards: steps done by different people, what they were proposed on, payments, and a chained ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None

YUAN = sa.Numeric(precision=12, scale=2)
ONLY_ADDED = ("claim_events", "claim_proposals", "ledger_entries")

FUNCTIONS = """
CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Which act leads from which state to which; and nobody has two of the four parts in one claim.
CREATE FUNCTION claim_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    claim claims%ROWTYPE;
    parts CONSTANT text[] := ARRAY['propose', 'verify', 'approve', 'pay'];
BEGIN
    SELECT * INTO claim FROM claims WHERE id = NEW.claim_id FOR UPDATE;
    IF NOT EXISTS (
        SELECT FROM (VALUES
            ('request', 'requested', 'requested'),
            ('propose', 'requested', 'proposed'),
            ('verify', 'proposed', 'verified'),
            ('approve', 'verified', 'verified'), ('approve', 'verified', 'approved'),
            ('send_back', 'proposed', 'requested'), ('send_back', 'verified', 'requested'),
            ('refuse', 'requested', 'refused'), ('refuse', 'proposed', 'refused'), ('refuse', 'verified', 'refused'),
            ('notify', 'approved', 'notified'),
            ('claim', 'notified', 'claimed'),
            ('extend', 'approved', 'approved'), ('extend', 'notified', 'notified'), ('extend', 'claimed', 'claimed'),
            ('lapse', 'notified', 'lapsed'),
            ('pay', 'claimed', 'paid'),
            ('archive', 'paid', 'archived'), ('archive', 'refused', 'archived'), ('archive', 'lapsed', 'archived'),
            ('revoke', 'approved', 'revoked'), ('revoke', 'notified', 'revoked'), ('revoke', 'claimed', 'revoked'),
            ('revoke', 'paid', 'revoked'), ('revoke', 'archived', 'revoked'),
            ('recover', 'revoked', 'revoked')
        ) AS step (act, before, after)
        WHERE step.act = NEW.act AND step.before = claim.state AND step.after = NEW.state
    ) THEN
        RAISE EXCEPTION 'a claim cannot go from % to % by %', claim.state, NEW.state, NEW.act
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.act NOT IN ('request', 'claim', 'lapse') AND NEW.staff_id IS NULL THEN
        RAISE EXCEPTION '% needs a named person', NEW.act USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.act = 'pay') <> (NEW.second_staff_id IS NOT NULL) OR NEW.staff_id = NEW.second_staff_id THEN
        RAISE EXCEPTION 'two people pay, and only pay' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.act = ANY (parts) AND NEW.act <> 'propose' AND NEW.amount IS DISTINCT FROM claim.amount THEN
        RAISE EXCEPTION 'the amount is not the proposed one' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.act = ANY (parts) AND EXISTS (
        SELECT FROM claim_events AS done
        WHERE done.claim_id = NEW.claim_id AND done.act = ANY (parts) AND done.act <> NEW.act
            AND (done.staff_id IN (NEW.staff_id, NEW.second_staff_id)
                OR done.second_staff_id IN (NEW.staff_id, NEW.second_staff_id))
    ) THEN
        RAISE EXCEPTION 'one person cannot % what they had another part in', NEW.act USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.act = 'approve' AND EXISTS (
        SELECT FROM claim_events AS done
        WHERE done.claim_id = NEW.claim_id AND done.act = 'approve' AND done.staff_id = NEW.staff_id
            AND done.position > (
                SELECT max(position) FROM claim_events WHERE claim_id = NEW.claim_id AND act = 'propose')
    ) THEN
        RAISE EXCEPTION 'one person approves once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- A claim's state and amount are those of its newest act; nobody sets them without one.
CREATE FUNCTION claim_follows_its_acts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_state text;
    proposed numeric;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'requested' OR NEW.amount IS NOT NULL THEN
            RAISE EXCEPTION 'a claim begins as requested' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state THEN
        SELECT state INTO last_state FROM claim_events WHERE claim_id = NEW.id ORDER BY position DESC LIMIT 1;
        IF last_state IS DISTINCT FROM NEW.state THEN
            RAISE EXCEPTION 'no act led to the state %', NEW.state USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    IF NEW.amount IS DISTINCT FROM OLD.amount THEN
        SELECT amount INTO proposed FROM claim_events
            WHERE claim_id = NEW.id AND act = 'propose' ORDER BY position DESC LIMIT 1;
        IF proposed IS DISTINCT FROM NEW.amount THEN
            RAISE EXCEPTION 'nobody proposed this amount' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- An act that moves money is booked in its own transaction, by the amount it names.
CREATE FUNCTION claim_step_is_booked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.act IN ('propose', 'pay', 'lapse', 'recover') OR (NEW.act = 'approve' AND NEW.state = 'approved'))
        AND NOT EXISTS (
            SELECT FROM ledger_entries
            WHERE event_id = NEW.id AND claim_id = NEW.claim_id AND amount = NEW.amount)
    THEN
        RAISE EXCEPTION '% is not in the ledger', NEW.act USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION payment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.payee_sealed IS NULL
        AND (NEW.id, NEW.claim_id, NEW.event_id, NEW.at, NEW.method, NEW.receipt, NEW.amount)
            = (OLD.id, OLD.claim_id, OLD.event_id, OLD.at, OLD.method, OLD.receipt, OLD.amount)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'of a payment only the payee may be erased' USING ERRCODE = 'restrict_violation';
END $$;

-- One entry after the other: the next position, the hash of the one before, and no account but the source below zero.
CREATE FUNCTION ledger_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest ledger_entries%ROWTYPE;
    left_over numeric;
BEGIN
    PERFORM pg_advisory_xact_lock(7305118080);
    SELECT * INTO newest FROM ledger_entries ORDER BY position DESC LIMIT 1;
    NEW.position := coalesce(newest.position, 0) + 1;
    NEW.previous := coalesce(newest.hash, '');
    IF NEW.credit <> 'source' THEN
        SELECT coalesce(sum(CASE WHEN debit = NEW.credit THEN amount ELSE -amount END), 0) INTO left_over
            FROM ledger_entries WHERE NEW.credit IN (debit, credit);
        IF left_over < NEW.amount THEN
            RAISE EXCEPTION 'account % holds less than that', NEW.credit USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    NEW.hash := encode(sha256(convert_to(concat_ws('|',
        NEW.position, NEW.id, (extract(epoch FROM NEW.at) * 1000000)::bigint, NEW.debit, NEW.credit,
        NEW.amount::numeric(12, 2), coalesce(NEW.claim_id::text, ''), coalesce(NEW.event_id::text, ''),
        coalesce(NEW.staff_id::text, ''), NEW.reference, NEW.previous), 'UTF8')), 'hex');
    RETURN NEW;
END $$;
"""


def upgrade() -> None:
    _claims()
    _new_tables()
    op.execute(FUNCTIONS)
    for table in ONLY_ADDED:
        op.execute(
            f"CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION only_added()"
        )
        op.execute(f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} EXECUTE FUNCTION only_added()")
    op.execute("CREATE TRIGGER claim_step BEFORE INSERT ON claim_events FOR EACH ROW EXECUTE FUNCTION claim_step()")
    op.execute(
        "CREATE TRIGGER follows_its_acts BEFORE INSERT OR UPDATE ON claims "
        "FOR EACH ROW EXECUTE FUNCTION claim_follows_its_acts()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER is_booked AFTER INSERT ON claim_events DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION claim_step_is_booked()"
    )
    op.execute(
        "CREATE TRIGGER payment_kept BEFORE UPDATE OR DELETE ON claim_payments "
        "FOR EACH ROW EXECUTE FUNCTION payment_kept()"
    )
    op.execute("CREATE TRIGGER never_emptied BEFORE TRUNCATE ON claim_payments EXECUTE FUNCTION only_added()")
    op.execute(
        "CREATE TRIGGER ledger_chain BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_chain()"
    )


def _claims() -> None:
    op.alter_column("claims", "contact_id", nullable=True)
    op.alter_column("claims", "conversation_id", nullable=True)
    op.add_column("claims", sa.Column("amount", YUAN, nullable=True))
    op.add_column("claims", sa.Column("due_step", sa.String(length=16), server_default="", nullable=False))
    op.add_column("claims", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("claims", sa.Column("collection_hash", sa.String(length=255), server_default="", nullable=False))
    op.create_index("claims_due", "claims", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL"))
    op.add_column("claim_events", sa.Column("act", sa.String(length=16), nullable=True))
    op.add_column("claim_events", sa.Column("second_staff_id", sa.Uuid(), nullable=True))
    op.add_column("claim_events", sa.Column("amount", YUAN, nullable=True))
    op.add_column("claim_events", sa.Column("reference", sa.String(length=64), server_default="", nullable=False))
    op.create_foreign_key(op.f("fk_claim_events_second_staff_id"), "claim_events", "staff", ["second_staff_id"], ["id"])
    # Positions in the order of time; the numbers of an identity column would follow that of the rows on disk.
    op.execute("ALTER TABLE claim_events ADD COLUMN position BIGINT")
    op.execute(
        "UPDATE claim_events SET position = placed.number FROM "
        "(SELECT id, row_number() OVER (ORDER BY at, id) AS number FROM claim_events) AS placed "
        "WHERE placed.id = claim_events.id"
    )
    op.execute("ALTER TABLE claim_events ALTER COLUMN position SET NOT NULL")
    op.execute("ALTER TABLE claim_events ALTER COLUMN position ADD GENERATED ALWAYS AS IDENTITY")
    op.execute(
        "SELECT setval(pg_get_serial_sequence('claim_events', 'position'), greatest(max(position), 1), "
        "max(position) IS NOT NULL) FROM claim_events"
    )
    op.drop_index("events_of_claim", table_name="claim_events")
    op.create_index("events_of_claim", "claim_events", ["claim_id", "position"], unique=False)
    # Before, nobody proposed an amount: what was looked at or found good is asked for again, the rest is over.
    op.execute("UPDATE claim_events SET act = CASE WHEN state = 'refused' THEN 'refuse' ELSE 'request' END")
    op.execute(
        "UPDATE claim_events SET state = CASE state WHEN 'checking' THEN 'requested' WHEN 'accepted' THEN 'requested' "
        "WHEN 'closed' THEN 'archived' ELSE state END"
    )
    op.execute(
        "UPDATE claims SET state = CASE state WHEN 'checking' THEN 'requested' WHEN 'accepted' THEN 'requested' "
        "WHEN 'closed' THEN 'archived' ELSE state END"
    )
    op.alter_column("claim_events", "act", nullable=False)


def _new_tables() -> None:
    op.create_table(
        "claim_proposals",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheme_id", sa.String(length=64), nullable=False),
        sa.Column("scheme_version", sa.String(length=400), nullable=False),
        sa.Column("scheme_json", sa.String(), nullable=False),
        sa.Column("amount", YUAN, nullable=False),
        sa.Column("least", YUAN, nullable=False),
        sa.Column("most", YUAN, nullable=True),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("lines_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_proposals_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_proposals")),
    )
    op.create_index("proposals_of_claim", "claim_proposals", ["claim_id", "at"], unique=False)
    op.create_table(
        "claim_payments",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("receipt", sa.String(length=64), nullable=False),
        sa.Column("amount", YUAN, nullable=False),
        sa.Column("payee_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_payments_claim_id")),
        sa.ForeignKeyConstraint(["event_id"], ["claim_events.id"], name=op.f("fk_claim_payments_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_payments")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_claim_payments_claim_id")),
        sa.UniqueConstraint("event_id", name=op.f("uq_claim_payments_event_id")),
        sa.UniqueConstraint("receipt", name=op.f("uq_claim_payments_receipt")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("debit", sa.String(length=16), nullable=False),
        sa.Column("credit", sa.String(length=16), nullable=False),
        sa.Column("amount", YUAN, nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("reference", sa.String(length=64), server_default="", nullable=False),
        sa.Column("previous", sa.String(length=64), server_default="", nullable=False),
        sa.Column("hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_entries_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_entries_two_accounts")),
        sa.CheckConstraint("(event_id IS NULL) = (claim_id IS NULL)", name=op.f("ck_ledger_entries_whole")),
        sa.CheckConstraint(
            "event_id IS NOT NULL OR 'source' IN (debit, credit)", name=op.f("ck_ledger_entries_reason")
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_ledger_entries_claim_id")),
        sa.ForeignKeyConstraint(["event_id"], ["claim_events.id"], name=op.f("fk_ledger_entries_event_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ledger_entries_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("event_id", name=op.f("uq_ledger_entries_event_id")),
        sa.UniqueConstraint("position", name=op.f("uq_ledger_entries_position")),
    )


def downgrade() -> None:
    op.drop_table("ledger_entries")
    op.drop_table("claim_payments")
    op.drop_table("claim_proposals")
    op.execute("DROP TRIGGER follows_its_acts ON claims")
    for trigger in ("claim_step", "only_added", "never_emptied", "is_booked"):
        op.execute(f"DROP TRIGGER {trigger} ON claim_events")
    for function in (
        "only_added",
        "claim_step",
        "claim_follows_its_acts",
        "claim_step_is_booked",
        "payment_kept",
        "ledger_chain",
    ):
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_index("events_of_claim", table_name="claim_events")
    for column in ("reference", "amount", "second_staff_id", "act", "position"):
        op.drop_column("claim_events", column)
    op.create_index("events_of_claim", "claim_events", ["claim_id", "at"], unique=False)
    op.drop_index("claims_due", table_name="claims", postgresql_where=sa.text("due_at IS NOT NULL"))
    for column in ("collection_hash", "due_at", "due_step", "amount"):
        op.drop_column("claims", column)
    # A claim that an officer opened has no conversation, which the older program cannot show.
    op.execute("DELETE FROM claim_events WHERE claim_id IN (SELECT id FROM claims WHERE conversation_id IS NULL)")
    op.execute("DELETE FROM claims WHERE conversation_id IS NULL")
    op.alter_column("claims", "conversation_id", nullable=False)
    op.alter_column("claims", "contact_id", nullable=False)
    op.execute(
        "UPDATE claim_events SET state = CASE WHEN state IN ('proposed', 'verified') THEN 'checking' "
        "WHEN state IN ('approved', 'notified', 'claimed') THEN 'accepted' "
        "WHEN state IN ('paid', 'archived', 'lapsed', 'revoked') THEN 'closed' ELSE state END"
    )
    op.execute(
        "UPDATE claims SET state = CASE WHEN state IN ('proposed', 'verified') THEN 'checking' "
        "WHEN state IN ('approved', 'notified', 'claimed') THEN 'accepted' "
        "WHEN state IN ('paid', 'archived', 'lapsed', 'revoked') THEN 'closed' ELSE state END"
    )
