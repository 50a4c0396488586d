-- Keys that sign receipts and heads of logs (lib/keys, lib/db/receipts/keys.ts): public parts, and what became of them. Private parts are files and are
-- never here. Rows are only ever added. Times named `_ms` are Unix milliseconds.

CREATE TABLE "signing_key" (
  -- RFC 7638 thumbprint of the public key.
  "kid" TEXT NOT NULL,
  "role" TEXT NOT NULL CHECK ("role" IN ('receipt', 'checkpoint')),
  -- Public key, base64url, as in a JWK.
  "x" TEXT NOT NULL,
  -- Name of the file its private part was read from, without the path.
  "source" TEXT NOT NULL,
  CONSTRAINT "signing_key_pkey" PRIMARY KEY ("kid")
);

-- A change of a key, signed (lib/receipts/key-event.ts). Ids grow in the order of commits: whoever adds one holds a lock (lib/db/receipts/keys.ts).
CREATE TABLE "key_event" (
  "id" SERIAL NOT NULL,
  "kid" TEXT NOT NULL,
  "event" TEXT NOT NULL CHECK ("event" IN ('introduced', 'activated', 'retired', 'compromised')),
  "at_ms" DOUBLE PRECISION NOT NULL,
  -- Of an introduction: when the key may sign, at the earliest.
  "planned_ms" DOUBLE PRECISION,
  -- The event with its signatures, in the canonical form of RFC 8785: what headers carry.
  "body" TEXT NOT NULL,
  CONSTRAINT "key_event_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "key_event_kid_fkey" FOREIGN KEY ("kid") REFERENCES "signing_key" ("kid") ON DELETE RESTRICT ON UPDATE RESTRICT
);
-- Each change happens to a key once, whoever writes it down first.
CREATE UNIQUE INDEX "key_event_kid_event_key" ON "key_event" ("kid", "event");

-- Which entry of a cluster's log carries an event. A log that begins later than an event leaves out keys that were gone by then: `carried` is false.
CREATE TABLE "key_event_entry" (
  "cluster" TEXT NOT NULL,
  "event_id" INTEGER NOT NULL,
  "seq" INTEGER NOT NULL,
  "carried" BOOLEAN NOT NULL DEFAULT true,
  CONSTRAINT "key_event_entry_pkey" PRIMARY KEY ("cluster", "event_id"),
  CONSTRAINT "key_event_entry_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "key_event" ("id") ON DELETE RESTRICT ON UPDATE RESTRICT
);

-- Trust bundles that a root has signed, as they were imported: the newest is handed out while it is true.
CREATE TABLE "trust_signature" (
  "id" SERIAL NOT NULL,
  "root_x" TEXT NOT NULL,
  "root_kid" TEXT NOT NULL,
  "bundle" TEXT NOT NULL,
  "at_ms" DOUBLE PRECISION NOT NULL,
  "by_name" TEXT NOT NULL,
  CONSTRAINT "trust_signature_pkey" PRIMARY KEY ("id")
);

-- What ingest was told of the organisation and its witnesses, for those who hand out the trust bundle. One row.
CREATE TABLE "trust_setting" (
  "id" INTEGER NOT NULL DEFAULT 1 CHECK ("id" = 1),
  "organisation" TEXT NOT NULL,
  "witnesses" JSONB NOT NULL,
  "quorum" INTEGER NOT NULL,
  "changed_at_ms" DOUBLE PRECISION NOT NULL,
  CONSTRAINT "trust_setting_pkey" PRIMARY KEY ("id")
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['signing_key', 'key_event', 'key_event_entry', 'trust_signature'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION receipt_refuse()', name || '_keep', name);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION receipt_refuse()', name || '_keep_all', name);
  END LOOP;
END $$;
SELECT "causeway_grant_app"();
