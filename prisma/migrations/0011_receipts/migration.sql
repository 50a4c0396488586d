-- Receipts (lib/receipts, lib/db/receipts): each cluster's batches are the entries of one append-only log. What is committed here is what was
-- acknowledged; rows are only ever added. Times named `_ms` are Unix milliseconds.

-- The end of each cluster's log: whoever adds a batch holds this row first, so that there is one history.
CREATE TABLE "receipt_log" (
  "cluster" TEXT NOT NULL,
  -- Sequence of the next batch, which is the size of the log too.
  "next_seq" INTEGER NOT NULL DEFAULT 0,
  -- SHA-256 of the last batch's canonical header, in hexadecimal; 64 zeros before the first.
  "header_hash" TEXT NOT NULL DEFAULT '0000000000000000000000000000000000000000000000000000000000000000',
  -- Flows before this time are in aggregates already.
  "aggregated_until_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
  CONSTRAINT "receipt_log_pkey" PRIMARY KEY ("cluster")
);

CREATE TABLE "receipt_batch" (
  "cluster" TEXT NOT NULL,
  "seq" INTEGER NOT NULL,
  "batch_id" TEXT NOT NULL,
  -- The header in the canonical form of RFC 8785: the entry of the log.
  "header" TEXT NOT NULL,
  "header_hash" TEXT NOT NULL,
  "leaf_count" INTEGER NOT NULL,
  -- Hashes of the leaves, 32 bytes each: proofs stay derivable when a receipt is gone by its retention.
  "leaves" BYTEA NOT NULL,
  "window_start_ms" DOUBLE PRECISION NOT NULL,
  "window_end_ms" DOUBLE PRECISION NOT NULL,
  "sealed_at_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "receipt_batch_pkey" PRIMARY KEY ("cluster", "seq")
);
CREATE UNIQUE INDEX "receipt_batch_batch_id_key" ON "receipt_batch" ("batch_id");
CREATE INDEX "receipt_batch_cluster_window_end_ms_idx" ON "receipt_batch" ("cluster", "window_end_ms");

CREATE TABLE "receipt" (
  "id" TEXT NOT NULL,
  "cluster" TEXT NOT NULL,
  "seq" INTEGER NOT NULL,
  "leaf" INTEGER NOT NULL,
  -- What it is about, whatever is known of it when: a flow, a minute of traffic, a finding. It has one receipt, however often it is told of again.
  "about" TEXT NOT NULL,
  -- What was signed, in the canonical form of RFC 8785; what follows the signature is taken from it, to search by.
  "body" TEXT NOT NULL,
  -- Ed25519, base64url; the key is that of the batch.
  "sig" TEXT NOT NULL,
  "class" TEXT NOT NULL,
  "verdict" TEXT NOT NULL,
  "observed_at_ms" DOUBLE PRECISION NOT NULL,
  "flow_uuid" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "destination" TEXT NOT NULL,
  "port" INTEGER NOT NULL,
  "protocol" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "policies" TEXT[] NOT NULL,
  "rule" TEXT NOT NULL DEFAULT '',
  -- Lower-case words that it is found by: names, namespaces, policies, reason, id.
  "search" TEXT NOT NULL,
  CONSTRAINT "receipt_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "receipt_cluster_seq_fkey" FOREIGN KEY ("cluster", "seq") REFERENCES "receipt_batch" ("cluster", "seq") ON DELETE RESTRICT ON UPDATE RESTRICT
);
CREATE UNIQUE INDEX "receipt_cluster_about_key" ON "receipt" ("cluster", "about");
CREATE UNIQUE INDEX "receipt_cluster_seq_leaf_key" ON "receipt" ("cluster", "seq", "leaf");
CREATE INDEX "receipt_cluster_observed_at_ms_idx" ON "receipt" ("cluster", "observed_at_ms");
CREATE INDEX "receipt_cluster_class_observed_at_ms_idx" ON "receipt" ("cluster", "class", "observed_at_ms");
CREATE INDEX "receipt_cluster_flow_uuid_idx" ON "receipt" ("cluster", "flow_uuid");

-- Complete nodes of each log's tree (lib/receipts/log-nodes): `index` counts the nodes of its level.
CREATE TABLE "log_node" (
  "cluster" TEXT NOT NULL,
  "level" INTEGER NOT NULL,
  "index" INTEGER NOT NULL,
  "hash" BYTEA NOT NULL,
  CONSTRAINT "log_node_pkey" PRIMARY KEY ("cluster", "level", "index")
);

-- Signed heads of a log: a signed note with the signature of the log alone.
CREATE TABLE "checkpoint" (
  "cluster" TEXT NOT NULL,
  "size" INTEGER NOT NULL,
  "root" TEXT NOT NULL,
  "note" TEXT NOT NULL,
  "kid" TEXT NOT NULL,
  "at_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("cluster", "size")
);

-- That a witness saw a head: its line of the note.
CREATE TABLE "cosignature" (
  "cluster" TEXT NOT NULL,
  "size" INTEGER NOT NULL,
  "witness" TEXT NOT NULL,
  "line" TEXT NOT NULL,
  "at_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "cosignature_pkey" PRIMARY KEY ("cluster", "size", "witness"),
  CONSTRAINT "cosignature_cluster_size_fkey" FOREIGN KEY ("cluster", "size") REFERENCES "checkpoint" ("cluster", "size") ON DELETE RESTRICT ON UPDATE RESTRICT
);

CREATE FUNCTION "receipt_refuse"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'evidence is only ever added to: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['receipt_batch', 'log_node', 'checkpoint', 'cosignature'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION receipt_refuse()', name || '_keep', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION receipt_refuse()', name || '_keep_all', name);
  END LOOP;
END $$;
CREATE TRIGGER "receipt_keep" BEFORE UPDATE ON "receipt" FOR EACH ROW EXECUTE FUNCTION "receipt_refuse"();
-- Summaries of what was let through may go by their retention: what was refused, found or asked for may not.
CREATE TRIGGER "receipt_keep_evidence" BEFORE DELETE ON "receipt" FOR EACH ROW WHEN (OLD.class NOT IN ('aggregate', 'full')) EXECUTE FUNCTION "receipt_refuse"();
CREATE TRIGGER "receipt_keep_all" BEFORE TRUNCATE ON "receipt" FOR EACH STATEMENT EXECUTE FUNCTION "receipt_refuse"();
SELECT "causeway_grant_app"();
