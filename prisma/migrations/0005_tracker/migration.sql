-- The migration tracker: what a migration is, what people did for it, and what its checks said (lib/db/migration). Whoever locks rows of more than one
-- of these tables takes them in this order: migration, phase_evidence, then those of gates.

-- A migration joins up to three clusters, one for each environment. `revision` grows with each change of plan version or choices, `version` with every
-- change.
CREATE TABLE "migration" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "plan_version" TEXT NOT NULL,
  "method" TEXT NOT NULL CHECK ("method" IN ('mutual-auth', 'ztunnel', 'wireguard')),
  "route" TEXT NOT NULL CHECK ("route" IN ('node-groups', 'per-node')),
  "revision" INTEGER NOT NULL DEFAULT 1,
  "revised_by" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "rules" JSONB NOT NULL DEFAULT '{}',
  "created_by" TEXT NOT NULL,
  "created_by_name" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "migration_pkey" PRIMARY KEY ("id")
);

-- A cluster belongs to one migration, as one of its environments. What belongs to it leaves with it. `facts` are values of the cluster for the commands
-- of the plan, by the name of their placeholder.
CREATE TABLE "migration_cluster" (
  "cluster_id" TEXT NOT NULL,
  "migration_id" TEXT NOT NULL,
  "environment" TEXT NOT NULL CHECK ("environment" IN ('DEV', 'TST', 'PRD')),
  "facts" JSONB NOT NULL DEFAULT '{}',
  CONSTRAINT "migration_cluster_pkey" PRIMARY KEY ("cluster_id"),
  CONSTRAINT "migration_cluster_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "cluster" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "migration_cluster_migration_id_fkey" FOREIGN KEY ("migration_id") REFERENCES "migration" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "migration_cluster_migration_id_environment_key" ON "migration_cluster" ("migration_id", "environment");

-- The plan as it was when a migration took it, so that it can be shown when the console does not have it any more.
CREATE TABLE "stored_plan" (
  "version" TEXT NOT NULL,
  "body" JSONB NOT NULL,
  CONSTRAINT "stored_plan_pkey" PRIMARY KEY ("version")
);

-- A step that somebody has done, or whose tick was taken back. `version` counts its changes.
CREATE TABLE "step_tick" (
  "cluster_id" TEXT NOT NULL,
  "step_id" TEXT NOT NULL,
  "phase" INTEGER NOT NULL CHECK ("phase" BETWEEN 0 AND 4),
  "done" BOOLEAN NOT NULL,
  "note" TEXT NOT NULL,
  "by_subject" TEXT NOT NULL,
  "by_name" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "step_tick_pkey" PRIMARY KEY ("cluster_id", "step_id"),
  CONSTRAINT "step_tick_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "migration_cluster" ("cluster_id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- What a person says of a check: `attest` (text: the statement), `acknowledge` (text: the reason), `threshold` (value, text: the reason).
CREATE TABLE "check_edit" (
  "cluster_id" TEXT NOT NULL,
  "phase" INTEGER NOT NULL CHECK ("phase" BETWEEN 0 AND 4),
  "check_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL CHECK ("kind" IN ('attest', 'acknowledge', 'threshold')),
  "text" TEXT NOT NULL,
  "value" DOUBLE PRECISION CHECK (("value" IS NOT NULL) = ("kind" = 'threshold')),
  "by_subject" TEXT NOT NULL,
  "by_name" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "check_edit_pkey" PRIMARY KEY ("cluster_id", "phase", "check_id", "kind"),
  CONSTRAINT "check_edit_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "migration_cluster" ("cluster_id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- A file that is evidence, packed with gzip; `bytes` and `sha256` are of the file as it was sent. The newest of its kind counts.
CREATE TABLE "evidence_upload" (
  "id" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "file_name" TEXT NOT NULL,
  "bytes" INTEGER NOT NULL,
  "sha256" TEXT NOT NULL,
  "summary" TEXT NOT NULL,
  "superseded" BOOLEAN NOT NULL DEFAULT false,
  "by_subject" TEXT NOT NULL,
  "by_name" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "body" BYTEA NOT NULL,
  CONSTRAINT "evidence_upload_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "evidence_upload_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "migration_cluster" ("cluster_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "evidence_upload_cluster_id_at_idx" ON "evidence_upload" ("cluster_id", "at");

-- A frozen snapshot: the canonical JSON whose SHA-256 is `hash`, and what was measured when it was first seen.
CREATE TABLE "evidence_snapshot" (
  "hash" TEXT NOT NULL CHECK ("hash" ~ '^[0-9a-f]{64}$'),
  "body" TEXT NOT NULL,
  "cluster_id" TEXT NOT NULL,
  "phase" INTEGER NOT NULL CHECK ("phase" BETWEEN 0 AND 4),
  "results" JSONB NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "evidence_snapshot_pkey" PRIMARY KEY ("hash"),
  CONSTRAINT "evidence_snapshot_hash_is_of_body" CHECK ("hash" = encode(sha256(convert_to("body", 'UTF8')), 'hex'))
);
CREATE FUNCTION "refuse_snapshot_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an evidence snapshot is never changed';
END $$;
CREATE TRIGGER "evidence_snapshot_is_frozen" BEFORE UPDATE OR DELETE ON "evidence_snapshot"
  FOR EACH ROW EXECUTE FUNCTION "refuse_snapshot_change"();
CREATE TRIGGER "evidence_snapshot_is_kept" BEFORE TRUNCATE ON "evidence_snapshot"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_snapshot_change"();

-- The evidence of a phase as it is now. It is current while `evaluated_version` is `inputs_version`, which every edit by a person raises.
CREATE TABLE "phase_evidence" (
  "cluster_id" TEXT NOT NULL,
  "phase" INTEGER NOT NULL CHECK ("phase" BETWEEN 0 AND 4),
  "hash" TEXT,
  "met" BOOLEAN NOT NULL DEFAULT false,
  "results" JSONB NOT NULL DEFAULT '[]',
  "contributors" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
  "inputs_version" INTEGER NOT NULL DEFAULT 1,
  "evaluated_version" INTEGER NOT NULL DEFAULT 0,
  "evaluated_at" TIMESTAMPTZ(3),
  "problem" TEXT NOT NULL DEFAULT '',
  CONSTRAINT "phase_evidence_pkey" PRIMARY KEY ("cluster_id", "phase"),
  CONSTRAINT "phase_evidence_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "migration_cluster" ("cluster_id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- A figure of a check at one evaluation, for its chart.
CREATE TABLE "check_point" (
  "cluster_id" TEXT NOT NULL,
  "phase" INTEGER NOT NULL CHECK ("phase" BETWEEN 0 AND 4),
  "check_id" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "value" DOUBLE PRECISION NOT NULL,
  "status" TEXT NOT NULL,
  CONSTRAINT "check_point_pkey" PRIMARY KEY ("cluster_id", "phase", "check_id", "at"),
  CONSTRAINT "check_point_cluster_id_fkey" FOREIGN KEY ("cluster_id") REFERENCES "migration_cluster" ("cluster_id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- What people say of a risk of the register; what is absent is left to the plan and its checks.
CREATE TABLE "risk_state" (
  "migration_id" TEXT NOT NULL,
  "risk_id" TEXT NOT NULL,
  "owner" TEXT,
  "likelihood" TEXT,
  "impact" TEXT,
  "state" TEXT,
  "note" TEXT NOT NULL,
  "by_subject" TEXT NOT NULL,
  "by_name" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "risk_state_pkey" PRIMARY KEY ("migration_id", "risk_id"),
  CONSTRAINT "risk_state_migration_id_fkey" FOREIGN KEY ("migration_id") REFERENCES "migration" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- What happened, for those who watch and for the history of a phase. Numbers may be seen out of order: a transaction that took an early one may
-- commit late.
CREATE TABLE "migration_change" (
  "seq" BIGSERIAL NOT NULL,
  "cluster_id" TEXT NOT NULL,
  "phase" INTEGER CHECK ("phase" BETWEEN 0 AND 4),
  "what" TEXT NOT NULL,
  "action" TEXT NOT NULL,
  "text" TEXT NOT NULL,
  "by_subject" TEXT,
  "by_name" TEXT,
  "request" TEXT,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "migration_change_pkey" PRIMARY KEY ("seq")
);
CREATE INDEX "migration_change_cluster_id_phase_seq_idx" ON "migration_change" ("cluster_id", "phase", "seq");
CREATE INDEX "migration_change_at_idx" ON "migration_change" ("at");
