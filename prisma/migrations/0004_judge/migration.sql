-- What else the flows of a tuple told, so that policies can be judged for it (lib/ledger/facts.ts). Tuples of before say that they do not know.
ALTER TABLE "traffic_tuple" ADD COLUMN "facts" JSONB NOT NULL DEFAULT '["un "]';

-- What watched candidate sets would have denied, by minute (lib/db/traffic/would-deny.ts).
CREATE TABLE "would_deny_minute" (
  "cluster" TEXT NOT NULL,
  "set" TEXT NOT NULL,
  "bucket" TIMESTAMPTZ(3) NOT NULL,
  "judged" BIGINT NOT NULL,
  "denied" BIGINT NOT NULL,
  "unknown" BIGINT NOT NULL,
  "workloads" JSONB NOT NULL,
  CONSTRAINT "would_deny_minute_pkey" PRIMARY KEY ("cluster", "set", "bucket")
);
CREATE INDEX "would_deny_minute_bucket_idx" ON "would_deny_minute" ("bucket");
