-- The audit log (lib/audit-log): rows are only ever added, each carries the hash of the one before. docs/audit-log.md tells how to run it with
-- two roles, so that the console itself cannot change a row.

CREATE TABLE "audit_event" (
  "seq" BIGINT NOT NULL,
  -- Unix milliseconds by the clock of the database.
  "at_ms" BIGINT NOT NULL,
  "prev" TEXT NOT NULL,
  -- SHA-256 over the lines: tag, prev, seq, at_ms, body.
  "hash" TEXT NOT NULL,
  -- The event in the canonical form of RFC 8785. What follows is taken from it, to search by.
  "body" TEXT NOT NULL,
  "actor" TEXT NOT NULL,
  "action" TEXT NOT NULL,
  "object_type" TEXT NOT NULL,
  "object_id" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "cluster" TEXT,
  CONSTRAINT "audit_event_pkey" PRIMARY KEY ("seq")
);
CREATE INDEX "audit_event_at_ms_idx" ON "audit_event" ("at_ms");
CREATE INDEX "audit_event_actor_seq_idx" ON "audit_event" ("actor", "seq");
CREATE INDEX "audit_event_action_seq_idx" ON "audit_event" ("action", "seq");
CREATE INDEX "audit_event_cluster_seq_idx" ON "audit_event" ("cluster", "seq");

-- The last row of the log: whoever adds one holds this row first, so that there is one order.
CREATE TABLE "audit_head" (
  "id" INTEGER NOT NULL CHECK ("id" = 1),
  "seq" BIGINT NOT NULL,
  "hash" TEXT NOT NULL,
  CONSTRAINT "audit_head_pkey" PRIMARY KEY ("id")
);
INSERT INTO "audit_head" ("id", "seq", "hash") VALUES (1, 0, repeat('0', 64));

-- Runs as the owner of the tables: whoever may add an event needs no right on the head. Tables are named with their schema, so that nothing
-- another role creates is taken for them.
CREATE FUNCTION "audit_event_chain"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  event jsonb := NEW.body::jsonb;
BEGIN
  EXECUTE format('SELECT seq + 1, hash FROM %I.audit_head WHERE id = 1 FOR UPDATE', TG_TABLE_SCHEMA) INTO STRICT NEW.seq, NEW.prev;
  NEW.at_ms := floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint;
  NEW.hash := encode(sha256(convert_to(concat_ws(E'\n', 'causeway.audit.v1', NEW.prev, NEW.seq::text, NEW.at_ms::text, NEW.body), 'UTF8')), 'hex');
  NEW.actor := event #>> '{actor,subject}';
  NEW.action := event ->> 'action';
  NEW.object_type := event #>> '{object,type}';
  NEW.object_id := event #>> '{object,id}';
  NEW.outcome := event ->> 'outcome';
  NEW.cluster := event ->> 'cluster';
  EXECUTE format('UPDATE %I.audit_head SET seq = $1, hash = $2 WHERE id = 1', TG_TABLE_SCHEMA) USING NEW.seq, NEW.hash;
  RETURN NEW;
END $$;
CREATE TRIGGER "audit_event_chain" BEFORE INSERT ON "audit_event" FOR EACH ROW EXECUTE FUNCTION "audit_event_chain"();

CREATE FUNCTION "audit_refuse"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is only ever added to: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "audit_event_keep" BEFORE UPDATE OR DELETE ON "audit_event" FOR EACH ROW EXECUTE FUNCTION "audit_refuse"();
CREATE TRIGGER "audit_event_keep_all" BEFORE TRUNCATE ON "audit_event" FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse"();
CREATE TRIGGER "audit_head_keep" BEFORE INSERT OR DELETE ON "audit_head" FOR EACH ROW EXECUTE FUNCTION "audit_refuse"();
CREATE TRIGGER "audit_head_keep_all" BEFORE TRUNCATE ON "audit_head" FOR EACH STATEMENT EXECUTE FUNCTION "audit_refuse"();
-- The head moves from within the trigger of an added row alone.
CREATE TRIGGER "audit_head_moves" BEFORE UPDATE ON "audit_head" FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION "audit_refuse"();

-- Where the console runs as a role of its own (`causeway_app`), it may do everything to rows but change the audit log, and owns the tables whose
-- partitions it makes. Call it again as the owner when that role was created later.
CREATE FUNCTION "causeway_grant_app"() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  place text := current_schema();
  partitioned regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'causeway_app') OR current_user = 'causeway_app' THEN RETURN; END IF;
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO causeway_app', place);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO causeway_app', place);
  EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO causeway_app', place);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO causeway_app', place);
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE, SELECT ON SEQUENCES TO causeway_app', place);
  FOR partitioned IN
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = place AND (c.relkind = 'p' OR c.relispartition AND c.relkind = 'r')
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO causeway_app', partitioned);
  END LOOP;
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON %I.audit_event FROM causeway_app', place);
  EXECUTE format('REVOKE ALL ON %I.audit_head FROM causeway_app', place);
  EXECUTE format('GRANT SELECT ON %I.audit_head TO causeway_app', place);
  EXECUTE format('REVOKE ALL ON %I._prisma_migrations FROM causeway_app', place);
  EXECUTE format('GRANT SELECT ON %I._prisma_migrations TO causeway_app', place);
END $$;
SELECT "causeway_grant_app"();
