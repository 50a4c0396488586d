-- Findings of the rules R1 to R6 (lib/receipts/rules, lib/db/findings). A finding is one row however often it is seen; its evidence is in receipts, which
-- are only ever added. Times named `_ms` are Unix milliseconds.

CREATE TABLE "finding" (
  -- Derived from cluster, rule and what it is about: the same finding has the same id wherever it is seen.
  "id" TEXT NOT NULL,
  "cluster" TEXT NOT NULL,
  "rule" TEXT NOT NULL CHECK ("rule" IN ('R1', 'R2', 'R3', 'R4', 'R5', 'R6')),
  "severity" TEXT NOT NULL CHECK ("severity" IN ('confirmed', 'suspected', 'not-evaluable')),
  "title" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "reasons" TEXT[] NOT NULL,
  -- JSON, for links.
  "about" TEXT NOT NULL,
  "first_at_ms" DOUBLE PRECISION NOT NULL,
  "last_at_ms" DOUBLE PRECISION NOT NULL,
  "count" DOUBLE PRECISION NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'open' CHECK ("state" IN ('open', 'acknowledged', 'expected', 'fixed')),
  "note" TEXT NOT NULL DEFAULT '',
  "changed_by" TEXT,
  "changed_at_ms" DOUBLE PRECISION,
  "reopened_at_ms" DOUBLE PRECISION,
  -- Counts changes of state and note, not sightings: who triages is not outrun by traffic.
  "version" INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT "finding_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "finding_cluster_state_last_at_ms_idx" ON "finding" ("cluster", "state", "last_at_ms");
CREATE INDEX "finding_cluster_rule_last_at_ms_idx" ON "finding" ("cluster", "rule", "last_at_ms");

-- No reference to the receipt: its id is known before its batch is committed, and both come in whatever order.
CREATE TABLE "finding_receipt" (
  "finding_id" TEXT NOT NULL,
  "receipt_id" TEXT NOT NULL,
  "at_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "finding_receipt_pkey" PRIMARY KEY ("finding_id", "receipt_id"),
  CONSTRAINT "finding_receipt_finding_id_fkey" FOREIGN KEY ("finding_id") REFERENCES "finding" ("id") ON DELETE CASCADE ON UPDATE RESTRICT
);

-- How far each rule can speak of a cluster; replaced with each window.
CREATE TABLE "rule_standing" (
  "cluster" TEXT NOT NULL,
  "rule" TEXT NOT NULL,
  "from_ms" DOUBLE PRECISION NOT NULL,
  "to_ms" DOUBLE PRECISION NOT NULL,
  "looked" DOUBLE PRECISION NOT NULL,
  "reasons" TEXT[] NOT NULL,
  CONSTRAINT "rule_standing_pkey" PRIMARY KEY ("cluster", "rule")
);
SELECT "causeway_grant_app"();
