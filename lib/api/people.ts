import * as z from 'zod';
import { ENVIRONMENTS, Time, Title } from './common.ts';

/** Roles per environment (spec: sign-in, roles). `viewer < operator < approver`; the others are roles of their own. */
export const ROLES = ['viewer', 'operator', 'approver', 'admin', 'auditor', 'breakglass'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** A grant: a role in one environment, one cluster, or everywhere (`*`). */
export const Grant = z.object({
  role: Role,
  scope: z.union([z.literal('*'), z.enum(ENVIRONMENTS), z.string().startsWith('cluster:')]),
  /** Of an approver: whom they approve for, e.g. `security`. A gate may ask for approvals of several teams. */
  team: Title.optional(),
});
export type Grant = z.infer<typeof Grant>;

/** `GET /api/v1/me` */
export const Me = z.object({
  subject: z.string(),
  name: z.string(),
  email: z.string(),
  kind: z.enum(['person', 'token']),
  demo: z.boolean(),
  grants: z.array(Grant),
  sessionId: z.string().optional(),
  expiresAt: Time.optional(),
});
export type Me = z.infer<typeof Me>;

/** `GET /api/v1/members` (admin, auditor) */
export const Member = z.object({
  subject: z.string(),
  name: z.string(),
  email: z.string(),
  grants: z.array(Grant),
  firstSeen: Time,
  lastSeen: Time,
  sessions: z.number(),
});
export type Member = z.infer<typeof Member>;
export const MemberList = z.object({ members: z.array(Member) });

/** `GET /api/v1/sessions`: one's own; all of them for admin and auditor (`?all=true`). */
export const SessionInfo = z.object({
  id: z.string(),
  subject: z.string(),
  name: z.string(),
  userAgent: z.string(),
  createdAt: Time,
  lastSeen: Time,
  expiresAt: Time,
  current: z.boolean(),
});
export type SessionInfo = z.infer<typeof SessionInfo>;
export const SessionList = z.object({ sessions: z.array(SessionInfo) });

/** `GET /api/v1/tokens` (admin): the secret is shown once, at creation. */
export const TokenInfo = z.object({
  id: z.string(),
  name: z.string(),
  /** First characters of the secret, to recognise it by. */
  prefix: z.string(),
  grants: z.array(Grant),
  createdAt: Time,
  createdBy: z.string(),
  lastUsed: Time.optional(),
  expiresAt: Time.optional(),
  revokedAt: Time.optional(),
});
export type TokenInfo = z.infer<typeof TokenInfo>;
export const TokenList = z.object({ tokens: z.array(TokenInfo) });
export const TokenInput = z.object({
  name: Title,
  grants: z.array(Grant).min(1),
  expiresInDays: z.number().int().min(1).max(90).default(90),
});
export const TokenCreated = TokenInfo.extend({ secret: z.string() });
export type TokenCreated = z.infer<typeof TokenCreated>;
