-- Gates (lib/migration/gate, lib/db/gates): requests, decisions, broken glass, rollbacks, elevations. What the code decides is checked here once more:
-- a step that is not in the table of edges, an approval by whoever asked, a second vote or a change of what was decided is refused, whoever tries.
-- Order of locks: migration, phase_evidence, gate_request, then the rest.

-- Every step of the state machine (GATE_EDGES in lib/migration/gate/edges.ts). `none`: the request comes into being.
CREATE TABLE "gate_edge" (
  "from_state" TEXT NOT NULL,
  "to_state" TEXT NOT NULL,
  "command" TEXT NOT NULL,
  CONSTRAINT "gate_edge_pkey" PRIMARY KEY ("from_state", "to_state", "command")
);
INSERT INTO "gate_edge" ("from_state", "to_state", "command") VALUES
  ('none', 'requested', 'request'),
  ('requested', 'approving', 'approve'),
  ('approving', 'approving', 'approve'),
  ('requested', 'approved', 'approve'),
  ('approving', 'approved', 'approve'),
  ('requested', 'rejected', 'reject'),
  ('approving', 'rejected', 'reject'),
  ('requested', 'withdrawn', 'withdraw'),
  ('approving', 'withdrawn', 'withdraw'),
  ('requested', 'expired', 'expire'),
  ('approving', 'expired', 'expire'),
  ('approved', 'expired', 'expire'),
  ('requested', 'stale', 'go-stale'),
  ('approving', 'stale', 'go-stale'),
  ('approved', 'stale', 'go-stale'),
  ('approved', 'revoked', 'revoke'),
  ('approved', 'executing', 'execute'),
  ('none', 'executing', 'break-glass'),
  ('requested', 'executing', 'break-glass'),
  ('approving', 'executing', 'break-glass'),
  ('approved', 'executing', 'break-glass'),
  ('executing', 'verifying', 'complete'),
  ('verifying', 'completed', 'complete'),
  ('executing', 'failed', 'fail'),
  ('verifying', 'failed', 'fail'),
  ('rolling-back', 'failed', 'fail'),
  ('executing', 'failed', 'glass-ends'),
  ('none', 'rolling-back', 'roll-back'),
  ('executing', 'rolling-back', 'roll-back'),
  ('verifying', 'rolling-back', 'roll-back'),
  ('rolling-back', 'rolled-back', 'finish-roll-back');

CREATE TABLE "gate_request" (
  "id" TEXT NOT NULL,
  "migration_id" TEXT NOT NULL,
  -- Counted within the migration.
  "number" INTEGER NOT NULL,
  "cluster_id" TEXT NOT NULL,
  "environment" TEXT NOT NULL CHECK ("environment" IN ('DEV', 'TST', 'PRD')),
  "phase" INTEGER NOT NULL CHECK ("phase" BETWEEN 0 AND 4),
  "state" TEXT NOT NULL,
  "state_reason" TEXT NOT NULL DEFAULT '',
  "state_since" TIMESTAMPTZ(3) NOT NULL,
  -- Counts every step: what a command names.
  "version" INTEGER NOT NULL DEFAULT 1,
  -- Who moved it last, and by which command; the row of gate_transition is made of them.
  "moved_by" TEXT NOT NULL,
  "moved_subject" TEXT NOT NULL,
  "moved_name" TEXT NOT NULL,
  -- From here on frozen at the request.
  "evidence_hash" TEXT NOT NULL CHECK ("evidence_hash" ~ '^[0-9a-f]{64}$'),
  "plan_version" TEXT NOT NULL,
  "plan_revision" INTEGER NOT NULL,
  "needed" INTEGER NOT NULL CHECK ("needed" BETWEEN 1 AND 6),
  "teams" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
  "ttl_minutes" INTEGER NOT NULL CHECK ("ttl_minutes" > 0),
  -- Subjects who made the evidence or the revision: they decide nothing.
  "contributors" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
  "comment" TEXT NOT NULL DEFAULT '',
  "requested_by" TEXT NOT NULL,
  "requested_name" TEXT NOT NULL,
  "requested_at" TIMESTAMPTZ(3) NOT NULL,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "after_id" TEXT,
  "broken_glass" BOOLEAN NOT NULL DEFAULT false,
  CONSTRAINT "gate_request_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "gate_request_after_id_fkey" FOREIGN KEY ("after_id") REFERENCES "gate_request" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);
CREATE UNIQUE INDEX "gate_request_migration_id_number_key" ON "gate_request" ("migration_id", "number");
CREATE INDEX "gate_request_cluster_id_phase_number_idx" ON "gate_request" ("cluster_id", "phase", "number");
-- One open request for each cluster (that is: environment) and phase.
CREATE UNIQUE INDEX "gate_request_open" ON "gate_request" ("cluster_id", "phase")
  WHERE "state" IN ('requested', 'approving', 'approved', 'executing', 'verifying', 'rolling-back');

-- Every step that was taken, made by the trigger of gate_request alone.
CREATE TABLE "gate_transition" (
  "request_id" TEXT NOT NULL,
  -- Of the request after the step.
  "version" INTEGER NOT NULL,
  "from_state" TEXT NOT NULL,
  "to_state" TEXT NOT NULL,
  "command" TEXT NOT NULL,
  "by_subject" TEXT NOT NULL,
  "by_name" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "gate_transition_pkey" PRIMARY KEY ("request_id", "version"),
  CONSTRAINT "gate_transition_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "gate_request" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- What people decided on a request, each with the step it made. Who thinks better of it adds another.
CREATE TABLE "gate_decision" (
  "id" TEXT NOT NULL,
  "request_id" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "decision" TEXT NOT NULL CHECK ("decision" IN ('approve', 'reject', 'revoke')),
  "by_subject" TEXT NOT NULL,
  "by_name" TEXT NOT NULL,
  "team" TEXT NOT NULL DEFAULT '',
  "comment" TEXT NOT NULL DEFAULT '',
  "evidence_hash" TEXT NOT NULL,
  -- How the person proved to be who they are (AuthContext in lib/api/migration.ts).
  "auth" JSONB NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "gate_decision_pkey" PRIMARY KEY ("id"),
  -- Asked at the commit: no decision without its step.
  CONSTRAINT "gate_decision_request_id_version_fkey" FOREIGN KEY ("request_id", "version") REFERENCES "gate_transition" ("request_id", "version")
    ON DELETE RESTRICT ON UPDATE NO ACTION DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX "gate_decision_request_id_version_key" ON "gate_decision" ("request_id", "version");
CREATE UNIQUE INDEX "gate_decision_request_id_by_subject_evidence_hash_decision_key"
  ON "gate_decision" ("request_id", "by_subject", "evidence_hash", "decision");

-- Glass that was broken: a decision of its own that is never an approval, with the review that another person owes.
CREATE TABLE "gate_glass" (
  "request_id" TEXT NOT NULL,
  "by_subject" TEXT NOT NULL,
  "by_name" TEXT NOT NULL,
  "reason" TEXT NOT NULL CHECK (char_length(btrim("reason")) >= 20),
  "ticket" TEXT NOT NULL CHECK (btrim("ticket") <> ''),
  "auth" JSONB NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "closed_by" TEXT,
  "closed_name" TEXT,
  "closed_at" TIMESTAMPTZ(3),
  "finding" TEXT,
  CONSTRAINT "gate_glass_pkey" PRIMARY KEY ("request_id"),
  CONSTRAINT "gate_glass_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "gate_request" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT,
  CONSTRAINT "gate_glass_reviewed_by_another" CHECK ("closed_by" IS DISTINCT FROM "by_subject"),
  CONSTRAINT "gate_glass_review_is_whole" CHECK (
    num_nulls("closed_by", "closed_name", "closed_at", "finding") = 4
    OR num_nulls("closed_by", "closed_name", "closed_at", "finding") = 0 AND char_length(btrim("finding")) >= 20
  )
);

-- A rollback: why, from when to when, what was observed and what the checks said afterwards.
CREATE TABLE "gate_rollback" (
  "request_id" TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  "by_subject" TEXT NOT NULL,
  "by_name" TEXT NOT NULL,
  "started_at" TIMESTAMPTZ(3) NOT NULL,
  "ended_at" TIMESTAMPTZ(3),
  "ended_by" TEXT,
  "ended_name" TEXT,
  "outcome" TEXT NOT NULL DEFAULT 'running' CHECK ("outcome" IN ('running', 'rolled-back', 'failed')),
  "observed" TEXT NOT NULL DEFAULT '',
  "checks_after" JSONB NOT NULL DEFAULT '[]',
  CONSTRAINT "gate_rollback_pkey" PRIMARY KEY ("request_id"),
  CONSTRAINT "gate_rollback_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "gate_request" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- The right to request and pass gates of a phase in a cluster for a while, in one session: asked for by one person, granted by another.
CREATE TABLE "gate_elevation" (
  "id" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL,
  "environment" TEXT NOT NULL CHECK ("environment" IN ('DEV', 'TST', 'PRD')),
  "phase" INTEGER NOT NULL CHECK ("phase" BETWEEN 0 AND 4),
  "subject" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "session_id" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "minutes" INTEGER NOT NULL CHECK ("minutes" BETWEEN 1 AND 60),
  "asked_at" TIMESTAMPTZ(3) NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'asked' CHECK ("state" IN ('asked', 'running', 'refused', 'ended', 'expired')),
  "granted_by" TEXT,
  "granted_name" TEXT,
  "granted_at" TIMESTAMPTZ(3),
  "ends_at" TIMESTAMPTZ(3),
  -- Of whoever granted it.
  "auth" JSONB,
  -- Who refused or ended it, and what they said.
  "closed_name" TEXT,
  "closed_at" TIMESTAMPTZ(3),
  "comment" TEXT NOT NULL DEFAULT '',
  CONSTRAINT "gate_elevation_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "gate_elevation_granted_by_another" CHECK ("granted_by" IS DISTINCT FROM "subject"),
  CONSTRAINT "gate_elevation_grant_is_whole" CHECK (
    num_nulls("granted_by", "granted_name", "granted_at", "ends_at", "auth") = 5
    OR num_nulls("granted_by", "granted_name", "granted_at", "ends_at", "auth") = 0 AND "ends_at" <= "granted_at" + make_interval(mins => "minutes")
  ),
  CONSTRAINT "gate_elevation_runs_when_granted" CHECK ("state" <> 'running' OR "granted_by" IS NOT NULL)
);
CREATE INDEX "gate_elevation_cluster_id_phase_idx" ON "gate_elevation" ("cluster_id", "phase");
-- One at a time for each person and cluster.
CREATE UNIQUE INDEX "gate_elevation_open" ON "gate_elevation" ("subject", "cluster_id") WHERE "state" IN ('asked', 'running');

-- The one clock by which gates go, in the milliseconds that the tables keep.
CREATE FUNCTION "gate_now"() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT date_trunc('milliseconds', clock_timestamp()) $$;

CREATE FUNCTION "gate_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: what was decided stays', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Approvals that count: one for each person, on the evidence of the request, by nobody who decided otherwise later.
CREATE FUNCTION "gate_approvals"(wanted_id text, wanted_hash text) RETURNS TABLE (subject text, team text) LANGUAGE sql STABLE AS $$
  SELECT d."by_subject", d."team" FROM "gate_decision" d
  WHERE d."request_id" = wanted_id AND d."decision" = 'approve' AND d."evidence_hash" = wanted_hash AND NOT EXISTS (
    SELECT FROM "gate_decision" later WHERE later."request_id" = d."request_id" AND later."by_subject" = d."by_subject" AND later."decision" <> 'approve'
  )
$$;

-- Whether the evidence of a phase is known, rests on everything that people have put in, and is the one named.
CREATE FUNCTION "gate_evidence_holds"(wanted_cluster text, wanted_phase integer, wanted_hash text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM "phase_evidence" e
    WHERE e."cluster_id" = wanted_cluster AND e."phase" = wanted_phase AND e."hash" = wanted_hash AND e."evaluated_version" >= e."inputs_version"
  )
$$;

CREATE FUNCTION "gate_request_begins"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "gate_edge" WHERE "from_state" = 'none' AND "to_state" = NEW."state" AND "command" = NEW."moved_by") THEN
    RAISE EXCEPTION 'a gate request cannot begin as % by %', NEW."state", NEW."moved_by" USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."broken_glass" <> (NEW."state" = 'executing') THEN
    RAISE EXCEPTION 'only broken glass begins as executing' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."state" = 'requested' AND NOT EXISTS (
    SELECT FROM "phase_evidence" e WHERE e."cluster_id" = NEW."cluster_id" AND e."phase" = NEW."phase" AND e."met"
      AND "gate_evidence_holds"(NEW."cluster_id", NEW."phase", NEW."evidence_hash")
  ) THEN
    RAISE EXCEPTION 'a gate is requested on evidence that is current and met' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."state" = 'rolling-back' AND NOT EXISTS (
    SELECT FROM "gate_request" done WHERE done."id" = NEW."after_id" AND done."state" = 'completed'
      AND done."cluster_id" = NEW."cluster_id" AND done."phase" = NEW."phase"
  ) THEN
    RAISE EXCEPTION 'what is rolled back was completed before' USING ERRCODE = 'check_violation';
  END IF;
  NEW."version" := 1;
  NEW."number" := 1 + COALESCE((SELECT max("number") FROM "gate_request" WHERE "migration_id" = NEW."migration_id"), 0);
  NEW."contributors" := COALESCE(
    (SELECT e."contributors" FROM "phase_evidence" e WHERE e."cluster_id" = NEW."cluster_id" AND e."phase" = NEW."phase"), ARRAY[]::TEXT[]);
  NEW."state_since" := "gate_now"();
  NEW."requested_at" := NEW."state_since";
  NEW."expires_at" := NEW."requested_at" + make_interval(mins => NEW."ttl_minutes");
  RETURN NEW;
END $$;
CREATE TRIGGER "gate_request_begins" BEFORE INSERT ON "gate_request" FOR EACH ROW EXECUTE FUNCTION "gate_request_begins"();

CREATE FUNCTION "gate_request_moves"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  frozen text[] := ARRAY['state', 'state_reason', 'state_since', 'version', 'moved_by', 'moved_subject', 'moved_name', 'broken_glass'];
BEGIN
  IF to_jsonb(OLD) - frozen IS DISTINCT FROM to_jsonb(NEW) - frozen THEN
    RAISE EXCEPTION 'what was requested stays as it was requested' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."version" <> OLD."version" + 1 THEN
    RAISE EXCEPTION 'gate request % is at version %, not %', OLD."id", OLD."version", NEW."version" - 1 USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM "gate_edge" WHERE "from_state" = OLD."state" AND "to_state" = NEW."state" AND "command" = NEW."moved_by") THEN
    RAISE EXCEPTION 'a gate request does not go from % to % by %', OLD."state", NEW."state", NEW."moved_by" USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."broken_glass" <> (OLD."broken_glass" OR NEW."moved_by" = 'break-glass') THEN
    RAISE EXCEPTION 'glass breaks by its own command, and stays broken' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."moved_by" IN ('approve', 'execute') THEN
    -- What lies in the future of the clock was written before somebody set it back: it lasts no longer for that.
    IF "gate_now"() >= NEW."expires_at" OR "gate_now"() < OLD."state_since" - interval '5 seconds' THEN
      RAISE EXCEPTION 'gate request % has expired', NEW."id" USING ERRCODE = 'check_violation';
    END IF;
    IF NOT "gate_evidence_holds"(NEW."cluster_id", NEW."phase", NEW."evidence_hash") THEN
      RAISE EXCEPTION 'the evidence of gate request % is not what holds now', NEW."id" USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  IF NEW."state" = 'approved' OR NEW."moved_by" = 'execute' THEN
    IF (SELECT count(*) FROM "gate_approvals"(NEW."id", NEW."evidence_hash")) < NEW."needed"
      OR NOT NEW."teams" <@ ARRAY(SELECT a.team FROM "gate_approvals"(NEW."id", NEW."evidence_hash") a) THEN
      RAISE EXCEPTION 'gate request % has too few approvals', NEW."id" USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  NEW."state_since" := CASE WHEN NEW."state" = OLD."state" THEN OLD."state_since" ELSE "gate_now"() END;
  RETURN NEW;
END $$;
CREATE TRIGGER "gate_request_moves" BEFORE UPDATE ON "gate_request" FOR EACH ROW EXECUTE FUNCTION "gate_request_moves"();

CREATE FUNCTION "gate_request_writes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "gate_transition" ("request_id", "version", "from_state", "to_state", "command", "by_subject", "by_name", "reason", "at")
  VALUES (NEW."id", NEW."version", CASE WHEN TG_OP = 'INSERT' THEN 'none' ELSE OLD."state" END, NEW."state", NEW."moved_by",
    NEW."moved_subject", NEW."moved_name", NEW."state_reason", "gate_now"());
  RETURN NULL;
END $$;
CREATE TRIGGER "gate_request_writes" AFTER INSERT OR UPDATE ON "gate_request" FOR EACH ROW EXECUTE FUNCTION "gate_request_writes"();

-- Separation of duties: who asked, or made what the request rests on then or now, decides nothing.
CREATE FUNCTION "gate_decision_counts"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  asked "gate_request"%ROWTYPE;
BEGIN
  SELECT * INTO asked FROM "gate_request" WHERE "id" = NEW."request_id" FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no gate request %', NEW."request_id" USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF NEW."by_subject" = asked."requested_by" THEN
    RAISE EXCEPTION 'whoever requests a gate does not decide it' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."by_subject" = ANY (asked."contributors") OR EXISTS (
    SELECT FROM "phase_evidence" e WHERE e."cluster_id" = asked."cluster_id" AND e."phase" = asked."phase" AND NEW."by_subject" = ANY (e."contributors")
  ) THEN
    RAISE EXCEPTION 'whoever made the evidence or the plan does not decide on it' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."evidence_hash" <> asked."evidence_hash" THEN
    RAISE EXCEPTION 'a decision is bound to the evidence of its request' USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (SELECT FROM "gate_edge" WHERE "from_state" = asked."state" AND "command" = NEW."decision") THEN
    RAISE EXCEPTION 'a gate request that is % takes no %', asked."state", NEW."decision" USING ERRCODE = 'check_violation';
  END IF;
  NEW."version" := asked."version" + 1;
  NEW."at" := "gate_now"();
  RETURN NEW;
END $$;
CREATE TRIGGER "gate_decision_counts" BEFORE INSERT ON "gate_decision" FOR EACH ROW EXECUTE FUNCTION "gate_decision_counts"();

-- Asked at the commit: no step of a decision, of broken glass or of a rollback without its record.
CREATE FUNCTION "gate_transition_has_record"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."command" IN ('approve', 'reject', 'revoke') AND NOT EXISTS (
    SELECT FROM "gate_decision" d WHERE d."request_id" = NEW."request_id" AND d."version" = NEW."version"
      AND d."decision" = NEW."command" AND d."by_subject" = NEW."by_subject"
  ) OR NEW."command" = 'break-glass' AND NOT EXISTS (
    SELECT FROM "gate_glass" g WHERE g."request_id" = NEW."request_id" AND g."by_subject" = NEW."by_subject"
  ) OR NEW."command" = 'roll-back' AND NOT EXISTS (
    SELECT FROM "gate_rollback" r WHERE r."request_id" = NEW."request_id" AND r."by_subject" = NEW."by_subject"
  ) THEN
    RAISE EXCEPTION 'the step % of gate request % has no record', NEW."command", NEW."request_id" USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER "gate_transition_has_record" AFTER INSERT ON "gate_transition" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION "gate_transition_has_record"();

CREATE FUNCTION "gate_glass_times"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW."at" := "gate_now"();
    NEW."closed_by" := NULL; NEW."closed_name" := NULL; NEW."closed_at" := NULL; NEW."finding" := NULL;
  ELSIF OLD."closed_by" IS NOT NULL
    OR to_jsonb(OLD) - ARRAY['closed_by', 'closed_name', 'closed_at', 'finding'] IS DISTINCT FROM to_jsonb(NEW) - ARRAY['closed_by', 'closed_name', 'closed_at', 'finding'] THEN
    RAISE EXCEPTION 'broken glass stays as it was written down, and is reviewed once' USING ERRCODE = 'check_violation';
  ELSE
    NEW."closed_at" := "gate_now"();
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "gate_glass_times" BEFORE INSERT OR UPDATE ON "gate_glass" FOR EACH ROW EXECUTE FUNCTION "gate_glass_times"();

CREATE FUNCTION "gate_rollback_times"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW."started_at" := "gate_now"();
    NEW."outcome" := 'running'; NEW."ended_at" := NULL; NEW."ended_by" := NULL; NEW."ended_name" := NULL;
  ELSIF OLD."outcome" <> 'running' OR NEW."outcome" = 'running'
    OR (OLD."trigger", OLD."by_subject", OLD."by_name", OLD."started_at") IS DISTINCT FROM (NEW."trigger", NEW."by_subject", NEW."by_name", NEW."started_at") THEN
    RAISE EXCEPTION 'a rollback is written down once when it begins and once when it ends' USING ERRCODE = 'check_violation';
  ELSE
    NEW."ended_at" := "gate_now"();
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "gate_rollback_times" BEFORE INSERT OR UPDATE ON "gate_rollback" FOR EACH ROW EXECUTE FUNCTION "gate_rollback_times"();

CREATE FUNCTION "gate_elevation_moves"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  open text[] := ARRAY['state', 'granted_by', 'granted_name', 'granted_at', 'ends_at', 'auth', 'closed_name', 'closed_at', 'comment'];
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW."state" <> 'asked' THEN
      RAISE EXCEPTION 'an elevation is asked for before it runs' USING ERRCODE = 'check_violation';
    END IF;
    NEW."asked_at" := "gate_now"();
    RETURN NEW;
  END IF;
  IF to_jsonb(OLD) - open IS DISTINCT FROM to_jsonb(NEW) - open THEN
    RAISE EXCEPTION 'what was asked for stays as it was asked for' USING ERRCODE = 'check_violation';
  END IF;
  IF NOT (OLD."state" = 'asked' AND NEW."state" IN ('running', 'refused', 'ended', 'expired') OR OLD."state" = 'running' AND NEW."state" IN ('ended', 'expired')) THEN
    RAISE EXCEPTION 'an elevation does not go from % to %', OLD."state", NEW."state" USING ERRCODE = 'check_violation';
  END IF;
  IF NEW."state" = 'running' THEN
    NEW."granted_at" := "gate_now"();
    NEW."ends_at" := NEW."granted_at" + make_interval(mins => NEW."minutes");
  ELSIF (OLD."granted_by", OLD."granted_name", OLD."granted_at", OLD."ends_at", OLD."auth") IS DISTINCT FROM
    (NEW."granted_by", NEW."granted_name", NEW."granted_at", NEW."ends_at", NEW."auth") THEN
    RAISE EXCEPTION 'who granted an elevation, and until when, stays' USING ERRCODE = 'check_violation';
  ELSE
    NEW."closed_at" := "gate_now"();
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "gate_elevation_moves" BEFORE INSERT OR UPDATE ON "gate_elevation" FOR EACH ROW EXECUTE FUNCTION "gate_elevation_moves"();

-- Nothing of it is ever taken away; steps come from the trigger of their request, decisions and edges are not changed.
CREATE TRIGGER "gate_edge_stays" BEFORE INSERT OR UPDATE OR DELETE ON "gate_edge" FOR EACH ROW EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_edge_stays_whole" BEFORE TRUNCATE ON "gate_edge" FOR EACH STATEMENT EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_transition_only_by_request" BEFORE INSERT ON "gate_transition"
  FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_transition_stays" BEFORE UPDATE OR DELETE ON "gate_transition" FOR EACH ROW EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_transition_stays_whole" BEFORE TRUNCATE ON "gate_transition" FOR EACH STATEMENT EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_decision_stays" BEFORE UPDATE OR DELETE ON "gate_decision" FOR EACH ROW EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_decision_stays_whole" BEFORE TRUNCATE ON "gate_decision" FOR EACH STATEMENT EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_request_stays" BEFORE DELETE ON "gate_request" FOR EACH ROW EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_request_stays_whole" BEFORE TRUNCATE ON "gate_request" FOR EACH STATEMENT EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_glass_stays" BEFORE DELETE ON "gate_glass" FOR EACH ROW EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_glass_stays_whole" BEFORE TRUNCATE ON "gate_glass" FOR EACH STATEMENT EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_rollback_stays" BEFORE DELETE ON "gate_rollback" FOR EACH ROW EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_rollback_stays_whole" BEFORE TRUNCATE ON "gate_rollback" FOR EACH STATEMENT EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_elevation_stays" BEFORE DELETE ON "gate_elevation" FOR EACH ROW EXECUTE FUNCTION "gate_refuse"();
CREATE TRIGGER "gate_elevation_stays_whole" BEFORE TRUNCATE ON "gate_elevation" FOR EACH STATEMENT EXECUTE FUNCTION "gate_refuse"();
