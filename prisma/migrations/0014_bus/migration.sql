-- Which messages of a message bus (NATS JetStream) a cluster's stored traffic counts: written with the traffic, in the same transaction, so that a
-- message that comes again after a crash is counted once.
ALTER TABLE "ingest_state" ADD COLUMN "bus_place" JSONB;

-- How far each cluster's receipts and heads of its log were published on the bus.
CREATE TABLE "attestation_published" (
  "cluster" TEXT NOT NULL,
  -- Sequence of the next batch to publish.
  "next_seq" INTEGER NOT NULL DEFAULT 0,
  -- Size of the newest head that was published; 0 before the first.
  "size" INTEGER NOT NULL DEFAULT 0,
  -- Witnesses whose signatures went with that head.
  "witnesses" INTEGER NOT NULL DEFAULT 0,
  CONSTRAINT "attestation_published_pkey" PRIMARY KEY ("cluster")
);
SELECT "causeway_grant_app"();
