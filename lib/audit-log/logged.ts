import { z } from 'zod';
import type { AuditRow } from './chain.ts';

/** An event of the log as people and programs read it. */
export interface LoggedEvent {
  readonly seq: number;
  readonly at: number;
  readonly actor: { readonly kind: 'person' | 'token' | 'system' | 'anonymous'; readonly subject: string; readonly name: string };
  readonly action: string;
  readonly object: { readonly type: string; readonly id: string };
  readonly outcome: 'ok' | 'denied' | 'failed';
  readonly reason: string;
  readonly details: Record<string, string | number | boolean>;
  readonly cluster?: string;
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string;
  readonly prev: string;
  readonly hash: string;
}

const Body = z.object({
  actor: z.object({ kind: z.enum(['person', 'token', 'system', 'anonymous']), subject: z.string(), name: z.string() }),
  action: z.string(),
  object: z.object({ type: z.string(), id: z.string() }),
  outcome: z.enum(['ok', 'denied', 'failed']),
  reason: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  cluster: z.string().optional(),
  request: z.object({ id: z.string(), address: z.string(), agent: z.string() }).optional(),
});

/** Shown in the place of an event that somebody made unreadable: the log goes on around it, and its verification names the row. */
const UNREADABLE: z.infer<typeof Body> = {
  actor: { kind: 'anonymous', subject: '', name: '' },
  action: 'unreadable',
  object: { type: 'row', id: '' },
  outcome: 'failed',
  reason: 'this row was changed and cannot be read any more',
  details: {},
};

export function loggedEvent({ seq, at, prev, hash, body }: AuditRow): LoggedEvent {
  const { actor, action, object, outcome, reason, details, cluster, request } = eventIn(body);
  return {
    seq,
    at,
    actor,
    action,
    object,
    outcome,
    reason,
    details,
    ...(cluster !== undefined && { cluster }),
    requestId: request?.id ?? '',
    address: request?.address ?? '',
    userAgent: request?.agent ?? '',
    prev,
    hash,
  };
}

function eventIn(body: string): z.infer<typeof Body> {
  try {
    return Body.safeParse(JSON.parse(body)).data ?? UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}
