-- Clusters, members and their rights, sessions, API tokens, answers to repeated requests.

CREATE TABLE "cluster" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "environment" TEXT NOT NULL CHECK ("environment" IN ('DEV', 'TST', 'PRD')),
  "demo" BOOLEAN NOT NULL DEFAULT false,
  "relay" JSONB,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "member" (
  "subject" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "first_seen" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_seen" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "member_pkey" PRIMARY KEY ("subject")
);

CREATE TABLE "member_grant" (
  "subject" TEXT NOT NULL,
  "role" TEXT NOT NULL,
  "scope" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  CONSTRAINT "member_grant_pkey" PRIMARY KEY ("subject", "role", "scope", "source"),
  CONSTRAINT "member_grant_subject_fkey" FOREIGN KEY ("subject") REFERENCES "member" ("subject") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "session" (
  "id" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "token_hash" TEXT NOT NULL,
  "user_agent" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "last_seen" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "revoked_at" TIMESTAMPTZ(3),
  CONSTRAINT "session_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "session_subject_fkey" FOREIGN KEY ("subject") REFERENCES "member" ("subject") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "session_token_hash_key" ON "session" ("token_hash");
CREATE INDEX "session_subject_idx" ON "session" ("subject");
CREATE INDEX "session_expires_at_idx" ON "session" ("expires_at");

CREATE TABLE "api_token" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "prefix" TEXT NOT NULL,
  "secret_hash" TEXT NOT NULL,
  "grants" JSONB NOT NULL,
  "created_by" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3),
  "last_used" TIMESTAMPTZ(3),
  "revoked_at" TIMESTAMPTZ(3),
  CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "idempotency_key" (
  "actor" TEXT NOT NULL,
  "key" TEXT NOT NULL,
  "fingerprint" TEXT NOT NULL,
  "status" INTEGER,
  "response" JSONB,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("actor", "key")
);
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key" ("created_at");
