-- Step-ups (lib/usecases/step-up): a fresh sign-in for one decision, usable once, within ten minutes.

CREATE TABLE "step_up" (
  "id" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "session_id" TEXT NOT NULL,
  -- What it is for: another action, request, evidence or command cannot use it.
  "action" TEXT NOT NULL,
  "request" TEXT NOT NULL,
  "evidence_hash" TEXT,
  -- Method, path and body in the canonical form of RFC 8785.
  "command" TEXT NOT NULL,
  "return_to" TEXT NOT NULL,
  "purpose" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expires_at" TIMESTAMPTZ(3) NOT NULL,
  "verified_at" TIMESTAMPTZ(3),
  "used_at" TIMESTAMPTZ(3),
  "refused_at" TIMESTAMPTZ(3),
  "reason" TEXT NOT NULL DEFAULT '',
  -- How the person proved to be who they are (AuthContext, lib/api/migration.ts).
  "auth" JSONB,
  CONSTRAINT "step_up_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "step_up_order" CHECK (
    ("verified_at" IS NULL OR "auth" IS NOT NULL AND "refused_at" IS NULL) AND ("used_at" IS NULL OR "verified_at" IS NOT NULL)
  )
);
CREATE INDEX "step_up_subject_idx" ON "step_up" ("subject");
CREATE INDEX "step_up_expires_at_idx" ON "step_up" ("expires_at");

-- Teams of grants, e.g. of approvers: a gate may ask for approvals from several.
ALTER TABLE "member_grant" ADD COLUMN "team" TEXT NOT NULL DEFAULT '';
ALTER TABLE "member_grant" DROP CONSTRAINT "member_grant_pkey";
ALTER TABLE "member_grant" ADD CONSTRAINT "member_grant_pkey" PRIMARY KEY ("subject", "role", "scope", "source", "team");
