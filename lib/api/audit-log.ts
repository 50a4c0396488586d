import * as z from 'zod';
import { RangeQuery, Time } from './common.ts';

/** One row of the audit log. `hash` is over `prev`, `seq` and the canonical text of the rest. */
export const AuditEvent = z.object({
  seq: z.number(),
  at: Time,
  actor: z.object({ kind: z.enum(['person', 'token', 'system', 'anonymous']), subject: z.string(), name: z.string() }),
  action: z.string(),
  object: z.object({ type: z.string(), id: z.string() }),
  outcome: z.enum(['ok', 'denied', 'failed']),
  reason: z.string(),
  /** Names and values that belong to the action; never secrets. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  cluster: z.string().optional(),
  requestId: z.string(),
  address: z.string(),
  userAgent: z.string(),
  prev: z.string(),
  hash: z.string(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

/** `GET /api/v1/audit-log`: newest first. `q` matches actor, action, object and reason. */
export const AuditLogQuery = RangeQuery.extend({
  q: z.string().max(200).optional(),
  actor: z.string().max(500).optional(),
  action: z.string().max(100).optional(),
  object: z.string().max(300).optional(),
  cluster: z.string().max(63).optional(),
  outcome: z.enum(['ok', 'denied', 'failed']).optional(),
  /** Number of the last event of the page before: what follows is older. */
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type AuditLogQuery = z.infer<typeof AuditLogQuery>;
export const AuditLogPage = z.object({
  events: z.array(AuditEvent),
  nextCursor: z.string().optional(),
  /** Actions that occur, for the filter. */
  actions: z.array(z.string()),
  head: z.object({ seq: z.number(), hash: z.string(), at: Time }).optional(),
});
export type AuditLogPage = z.infer<typeof AuditLogPage>;

/** `GET /api/v1/audit-log/verification`: walks the whole chain. */
export const AuditVerification = z.object({
  ok: z.boolean(),
  events: z.number(),
  head: z.object({ seq: z.number(), hash: z.string(), at: Time }).optional(),
  /** Rows whose hash, predecessor or place is wrong, first first, at most 100. */
  broken: z.array(z.object({ seq: z.number(), problem: z.string() })),
  tookMs: z.number(),
});
export type AuditVerification = z.infer<typeof AuditVerification>;

/** `GET /api/v1/audit-log/export?format=...` with the filters of the page. */
export const AuditExportQuery = AuditLogQuery.omit({ cursor: true, limit: true }).extend({
  format: z.enum(['jsonl', 'csv']).default('jsonl'),
});

/** A step-up: a fresh sign-in for one decision. `GET /api/v1/step-ups/{stepUp}` (one's own). */
export const StepUp = z.object({
  id: z.string(),
  /** What it is for, as a sentence: `Approve phase 3 in PRD of Platform`. */
  purpose: z.string(),
  state: z.enum(['asked', 'verified', 'used', 'expired', 'refused']),
  /** Why it was refused. */
  reason: z.string(),
  askedAt: Time,
  expiresAt: Time,
  /** Provider of the sign-in (`oidc` or `demo`) and parameters that ask for a fresh one with a second factor. */
  provider: z.string(),
  parameters: z.record(z.string(), z.string()),
  /** The command that waits, so that it can be sent again with the id of the step-up. */
  command: z.object({ method: z.string(), path: z.string(), body: z.unknown() }),
  /** Where the person came from. */
  returnTo: z.string(),
});
export type StepUp = z.infer<typeof StepUp>;
