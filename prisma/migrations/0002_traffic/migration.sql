-- What ingest keeps of the traffic (lib/db/traffic). Times named `_ms` are Unix milliseconds; buckets are the start of a minute, hour or day in UTC.
-- Partitions are made ahead and dropped by ingest (lib/db/traffic/partitions.ts), never here.

-- Where each cluster's pipeline stands. `run` names the ingest that writes (a later one takes over), `flush` its last write, so that a write whose
-- answer was lost is not done twice. `place` says up to when the flows of each node are stored.
CREATE TABLE "ingest_state" (
  "cluster" TEXT NOT NULL,
  "run" INTEGER NOT NULL DEFAULT 0,
  "flush" INTEGER NOT NULL DEFAULT 0,
  "place" JSONB NOT NULL DEFAULT '[]',
  CONSTRAINT "ingest_state_pkey" PRIMARY KEY ("cluster")
);

-- The ledger's tuples, each once for each cluster (the cluster is mixed into `id`); what was counted of them, by time, is in ledger_minute, _hour and _day.
CREATE TABLE "traffic_tuple" (
  "id" BIGINT NOT NULL,
  "cluster" TEXT NOT NULL,
  "source" JSONB NOT NULL,
  "destination" JSONB NOT NULL,
  "direction" TEXT NOT NULL,
  "protocol" TEXT NOT NULL,
  "port" INTEGER NOT NULL,
  "l7" JSONB,
  "verdict" TEXT NOT NULL,
  "drop_reason" TEXT NOT NULL,
  "policies" JSONB NOT NULL,
  "encryption" TEXT NOT NULL,
  "auth" TEXT NOT NULL,
  "other" BOOLEAN NOT NULL DEFAULT false,
  "nodes" JSONB NOT NULL,
  "example_uuid" TEXT NOT NULL,
  "first_seen_ms" DOUBLE PRECISION NOT NULL,
  "last_seen_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "traffic_tuple_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "traffic_tuple_cluster_last_seen_ms_idx" ON "traffic_tuple" ("cluster", "last_seen_ms");

CREATE TABLE "ledger_minute" (
  "bucket" TIMESTAMPTZ(3) NOT NULL,
  "tuple" BIGINT NOT NULL,
  "flows" BIGINT NOT NULL,
  "first_seen_ms" DOUBLE PRECISION NOT NULL,
  "last_seen_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "ledger_minute_pkey" PRIMARY KEY ("bucket", "tuple")
) PARTITION BY RANGE ("bucket");

CREATE TABLE "ledger_hour" (
  "bucket" TIMESTAMPTZ(3) NOT NULL,
  "tuple" BIGINT NOT NULL,
  "flows" BIGINT NOT NULL,
  "first_seen_ms" DOUBLE PRECISION NOT NULL,
  "last_seen_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "ledger_hour_pkey" PRIMARY KEY ("bucket", "tuple")
) PARTITION BY RANGE ("bucket");

CREATE TABLE "ledger_day" (
  "bucket" TIMESTAMPTZ(3) NOT NULL,
  "tuple" BIGINT NOT NULL,
  "flows" BIGINT NOT NULL,
  "first_seen_ms" DOUBLE PRECISION NOT NULL,
  "last_seen_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "ledger_day_pkey" PRIMARY KEY ("bucket", "tuple")
) PARTITION BY RANGE ("bucket");

-- The rollups of a minute or hour of a cluster, packed (lib/db/traffic/packed.ts). A minute comes in parts, one for each flush that saw flows of it,
-- which are merged once it is over.
CREATE TABLE "rollup_minute" (
  "bucket" TIMESTAMPTZ(3) NOT NULL,
  "cluster" TEXT NOT NULL,
  "run" INTEGER NOT NULL,
  "flush" INTEGER NOT NULL,
  "body" BYTEA NOT NULL,
  CONSTRAINT "rollup_minute_pkey" PRIMARY KEY ("bucket", "cluster", "run", "flush")
) PARTITION BY RANGE ("bucket");

CREATE TABLE "rollup_hour" (
  "bucket" TIMESTAMPTZ(3) NOT NULL,
  "cluster" TEXT NOT NULL,
  "body" BYTEA NOT NULL,
  CONSTRAINT "rollup_hour_pkey" PRIMARY KEY ("bucket", "cluster")
);

-- Buckets that grew since they were compacted: of `minute` (parts of a rollup), `hour` (rollups), `ledger-hour` and `ledger-day`.
CREATE TABLE "traffic_dirty" (
  "kind" TEXT NOT NULL,
  "cluster" TEXT NOT NULL,
  "bucket" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "traffic_dirty_pkey" PRIMARY KEY ("kind", "cluster", "bucket")
);

-- When a pair, port and drop reason (by a hash of its key) was first and last seen: what "newly seen" is judged by.
CREATE TABLE "drop_pair" (
  "cluster" TEXT NOT NULL,
  "pair" BYTEA NOT NULL,
  "first_seen_ms" DOUBLE PRECISION NOT NULL,
  "last_seen_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "drop_pair_pkey" PRIMARY KEY ("cluster", "pair")
);

-- Stretches of time whose flows this console does not have and cannot get any more.
CREATE TABLE "traffic_gap" (
  "cluster" TEXT NOT NULL,
  "from_ms" DOUBLE PRECISION NOT NULL,
  "to_ms" DOUBLE PRECISION NOT NULL,
  "reason" TEXT NOT NULL,
  "node_name" TEXT NOT NULL,
  CONSTRAINT "traffic_gap_pkey" PRIMARY KEY ("cluster", "from_ms", "node_name", "reason")
);

-- The identity directory: label sets once, by hash, and which identity carries which.
CREATE TABLE "label_set" (
  "hash" TEXT NOT NULL,
  "labels" JSONB NOT NULL,
  CONSTRAINT "label_set_pkey" PRIMARY KEY ("hash")
);
CREATE TABLE "identity_labels" (
  "cluster" TEXT NOT NULL,
  "identity" BIGINT NOT NULL,
  "label_set" TEXT NOT NULL,
  "last_seen_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "identity_labels_pkey" PRIMARY KEY ("cluster", "identity"),
  CONSTRAINT "identity_labels_label_set_fkey" FOREIGN KEY ("label_set") REFERENCES "label_set" ("hash") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- Bounded recordings of raw flows: gzip members of exporter lines, which together are one gzip file.
CREATE TABLE "capture" (
  "id" TEXT NOT NULL,
  "cluster" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "note" TEXT NOT NULL,
  "filter" TEXT NOT NULL,
  "flows" INTEGER NOT NULL,
  "verdicts" JSONB NOT NULL,
  "bad_lines" INTEGER NOT NULL,
  "first_bad_lines" JSONB NOT NULL,
  "size_bytes" BIGINT NOT NULL,
  "from_ms" DOUBLE PRECISION,
  "to_ms" DOUBLE PRECISION,
  "created_at_ms" DOUBLE PRECISION NOT NULL,
  "created_by" TEXT NOT NULL,
  CONSTRAINT "capture_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "capture_cluster_created_at_ms_idx" ON "capture" ("cluster", "created_at_ms");
CREATE TABLE "capture_chunk" (
  "capture" TEXT NOT NULL,
  "no" INTEGER NOT NULL,
  "flows" INTEGER NOT NULL,
  "from_ms" DOUBLE PRECISION NOT NULL,
  "to_ms" DOUBLE PRECISION NOT NULL,
  "body" BYTEA NOT NULL,
  CONSTRAINT "capture_chunk_pkey" PRIMARY KEY ("capture", "no"),
  CONSTRAINT "capture_chunk_capture_fkey" FOREIGN KEY ("capture") REFERENCES "capture" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
