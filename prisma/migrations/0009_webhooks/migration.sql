-- Webhooks and what they are told (lib/db/webhooks, lib/webhooks). Times named `_ms` are Unix milliseconds.

-- `secret` is readable only with the console's own secret (lib/webhooks/seal.ts). `version` counts edits by people: the ETag that one must name.
CREATE TABLE "webhook" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "url" TEXT NOT NULL,
  "events" TEXT[] NOT NULL,
  "clusters" TEXT[] NOT NULL,
  "active" BOOLEAN NOT NULL DEFAULT true,
  "secret" BYTEA NOT NULL,
  "last_problem" TEXT NOT NULL DEFAULT '',
  "created_by" TEXT NOT NULL,
  "created_at_ms" DOUBLE PRECISION NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT "webhook_pkey" PRIMARY KEY ("id")
);

-- One event for one webhook, made in the transaction of what it tells of. `id` is what the receiver tells repeats by. A delivery that is being
-- sent has `claimed_until_ms` in the future; one whose sender died is due again after it.
CREATE TABLE "webhook_delivery" (
  "id" TEXT NOT NULL,
  "webhook_id" TEXT NOT NULL,
  "event" TEXT NOT NULL,
  "cluster" TEXT NOT NULL,
  "text" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  "state" TEXT NOT NULL DEFAULT 'waiting' CHECK ("state" IN ('waiting', 'delivered', 'dead')),
  "attempts" INTEGER NOT NULL DEFAULT 0,
  "created_at_ms" DOUBLE PRECISION NOT NULL,
  "next_at_ms" DOUBLE PRECISION NOT NULL,
  "claimed_until_ms" DOUBLE PRECISION NOT NULL DEFAULT 0,
  "ended_at_ms" DOUBLE PRECISION,
  "status" INTEGER,
  "problem" TEXT NOT NULL DEFAULT '',
  CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "webhook_delivery_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhook" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "webhook_delivery_webhook_id_created_at_ms_idx" ON "webhook_delivery" ("webhook_id", "created_at_ms");
CREATE INDEX "webhook_delivery_state_next_at_ms_idx" ON "webhook_delivery" ("state", "next_at_ms");
