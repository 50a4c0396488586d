-- Baselines from AWS VPC Flow Logs (lib/flow-logs, lib/db/flow-logs). Times named `_ms` are Unix milliseconds.

-- Who told of a tuple, where it was not Hubble. The counts of such tuples are in flow_log_count, never in ledger_minute, _hour and _day: so nothing
-- that reads the ledger mixes them in.
ALTER TABLE "traffic_tuple" ADD COLUMN "origin" TEXT NOT NULL DEFAULT '';

-- One import of one file or several. Its counts are to be read only once it is `done`; one that was `reading` when its process ended never will be.
CREATE TABLE "flow_log_import" (
  "id" TEXT NOT NULL,
  "cluster" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'reading' CHECK ("state" IN ('reading', 'done', 'failed')),
  "bytes" DOUBLE PRECISION NOT NULL DEFAULT 0,
  "sha256" TEXT,
  "created_by" TEXT NOT NULL,
  "created_at_ms" DOUBLE PRECISION NOT NULL,
  "took_ms" DOUBLE PRECISION,
  "from_ms" DOUBLE PRECISION,
  "to_ms" DOUBLE PRECISION,
  "lines" JSONB NOT NULL DEFAULT '{}',
  "broken" JSONB NOT NULL DEFAULT '[]',
  "coverage" JSONB NOT NULL DEFAULT '{}',
  "tuples" INTEGER NOT NULL DEFAULT 0,
  "accepted" DOUBLE PRECISION NOT NULL DEFAULT 0,
  "rejected" DOUBLE PRECISION NOT NULL DEFAULT 0,
  "problem" TEXT NOT NULL DEFAULT '',
  CONSTRAINT "flow_log_import_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "flow_log_import_cluster_created_at_ms_idx" ON "flow_log_import" ("cluster", "created_at_ms");

-- What the records of a tuple add up to in an import.
CREATE TABLE "flow_log_count" (
  "import_id" TEXT NOT NULL,
  "tuple" BIGINT NOT NULL,
  "records" DOUBLE PRECISION NOT NULL,
  "bytes" DOUBLE PRECISION NOT NULL,
  "packets" DOUBLE PRECISION NOT NULL,
  "first_seen_ms" DOUBLE PRECISION NOT NULL,
  "last_seen_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "flow_log_count_pkey" PRIMARY KEY ("import_id", "tuple"),
  CONSTRAINT "flow_log_count_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "flow_log_import" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "flow_log_count_tuple_idx" ON "flow_log_count" ("tuple");
