-- Policies over time, candidate sets and uploaded objects (lib/db/policies). Times named `_ms` are Unix milliseconds; `body` is packed JSON.

-- Where a cluster's Kubernetes objects are read (lib/api/clusters.ts, ObjectsTarget); absent: nowhere, they may be uploaded.
ALTER TABLE "cluster" ADD COLUMN "objects" JSONB;

-- Where the recording of a cluster's policies stands. `run` names the ingest that writes (a later one takes over); at `seen_ms` the set in force
-- was last known to be so.
CREATE TABLE "policy_state" (
  "cluster" TEXT NOT NULL,
  "run" INTEGER NOT NULL DEFAULT 0,
  "seen_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
  CONSTRAINT "policy_state_pkey" PRIMARY KEY ("cluster")
);

-- The content of a policy, once for each hash it had.
CREATE TABLE "policy_version" (
  "cluster" TEXT NOT NULL,
  "ref" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "body" BYTEA NOT NULL,
  CONSTRAINT "policy_version_pkey" PRIMARY KEY ("cluster", "ref", "hash")
);

-- When a policy was in the cluster with which content; no end while it is.
CREATE TABLE "policy_presence" (
  "cluster" TEXT NOT NULL,
  "ref" TEXT NOT NULL,
  "from_ms" DOUBLE PRECISION NOT NULL,
  "to_ms" DOUBLE PRECISION,
  "hash" TEXT NOT NULL,
  "generation" DOUBLE PRECISION,
  CONSTRAINT "policy_presence_pkey" PRIMARY KEY ("cluster", "ref", "from_ms")
);

-- Which set was in force, from when, and up to when that was seen to be so.
CREATE TABLE "policy_force" (
  "cluster" TEXT NOT NULL,
  "from_ms" DOUBLE PRECISION NOT NULL,
  "to_ms" DOUBLE PRECISION NOT NULL,
  "hash" TEXT NOT NULL,
  "policies" INTEGER NOT NULL,
  CONSTRAINT "policy_force_pkey" PRIMARY KEY ("cluster", "from_ms")
);

-- The facts of a cluster that policies were judged against, at some times.
CREATE TABLE "world_snapshot" (
  "cluster" TEXT NOT NULL,
  "from_ms" DOUBLE PRECISION NOT NULL,
  "to_ms" DOUBLE PRECISION NOT NULL,
  "hash" TEXT NOT NULL,
  "body" BYTEA NOT NULL,
  CONSTRAINT "world_snapshot_pkey" PRIMARY KEY ("cluster", "from_ms")
);

-- Objects that somebody gave for a cluster whose API is not read.
CREATE TABLE "object_upload" (
  "cluster" TEXT NOT NULL,
  "objects" INTEGER NOT NULL,
  "body" BYTEA NOT NULL,
  "created_by" TEXT NOT NULL,
  "created_at_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "object_upload_pkey" PRIMARY KEY ("cluster")
);

-- Candidates: policies that are not in force, and by minute what a watched one would have denied.
CREATE TABLE "policy_set" (
  "id" TEXT NOT NULL,
  "cluster" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "description" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  "policies" JSONB NOT NULL,
  "removes" JSONB NOT NULL,
  "mode" TEXT NOT NULL,
  "watched" BOOLEAN NOT NULL,
  "alert_at" INTEGER,
  "body" BYTEA NOT NULL,
  "created_by" TEXT NOT NULL,
  "created_at_ms" DOUBLE PRECISION NOT NULL,
  "updated_at_ms" DOUBLE PRECISION NOT NULL,
  "watched_ms" DOUBLE PRECISION,
  "version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "policy_set_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "policy_set_cluster_updated_at_ms_idx" ON "policy_set" ("cluster", "updated_at_ms");
CREATE TABLE "would_deny" (
  "set_id" TEXT NOT NULL,
  "minute_ms" DOUBLE PRECISION NOT NULL,
  "denied" DOUBLE PRECISION NOT NULL,
  "unknown" DOUBLE PRECISION NOT NULL,
  "judged" DOUBLE PRECISION NOT NULL,
  "workloads" JSONB NOT NULL,
  CONSTRAINT "would_deny_pkey" PRIMARY KEY ("set_id", "minute_ms"),
  CONSTRAINT "would_deny_set_id_fkey" FOREIGN KEY ("set_id") REFERENCES "policy_set" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
