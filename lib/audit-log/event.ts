import canonicalize from 'canonicalize';
import { boundText } from '#lib/flow/text.ts';
import type { AuditAction } from './actions.ts';

/** Who did it. `subject` is `issuer|sub` of a person, `token:ID` of a token, the name of a part for `system`, empty for `anonymous`. */
export interface AuditActor {
  readonly kind: 'person' | 'token' | 'system' | 'anonymous';
  readonly subject: string;
  readonly name: string;
  /** Id of the session's row; never the secret of its cookie. */
  readonly sessionId?: string;
}

/** Where the request came from. */
export interface AuditRequest {
  readonly id: string;
  readonly address: string;
  readonly userAgent: string;
}

/** Who asks and from where: what a use case is given, so that what it does can be written down. */
export interface AuditContext {
  readonly actor: AuditActor;
  readonly request?: AuditRequest;
}

/** What happened, to be added to the log. The database gives it its number, time and hash. */
export interface NewAuditEvent extends AuditContext {
  readonly action: AuditAction;
  readonly object: { readonly type: string; readonly id: string };
  /** `denied`: it was not allowed. `failed`: it was tried and did not work. */
  readonly outcome: 'ok' | 'denied' | 'failed';
  readonly reason?: string;
  /** Names and values that belong to the action: hashes of before and after, counts, scopes. Never a secret, never traffic. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cluster?: string;
}

/** What a part of the console does by itself, e.g. `ingest`. */
export const systemActor = (part: string): AuditActor => ({ kind: 'system', subject: part, name: part });

/** What is done on the command line, on the host of the console: whoever may read its data directory needs no sign-in. */
export const BY_CONSOLE: AuditContext = { actor: systemActor('console') };

const MOST_DETAILS = 64;

/**
 * The event as the text that is stored and hashed: RFC 8785, so that whoever has the event can make the same bytes. Text is bounded, and what
 * Postgres or UTF-8 cannot hold is replaced; a number that JSON cannot hold is written as text.
 */
export function canonicalText({ actor, action, object, outcome, reason, details, cluster, request }: NewAuditEvent): string {
  const text = canonicalize({
    actor: {
      kind: actor.kind,
      subject: boundText(actor.subject, 1000),
      name: boundText(actor.name, 200),
      ...(actor.sessionId !== undefined && { session: boundText(actor.sessionId, 100) }),
    },
    action,
    object: { type: boundText(object.type, 100), id: boundText(object.id, 1000) },
    outcome,
    reason: boundText(reason ?? '', 2000),
    // Names are ours, yet one may be `__proto__` where they come from outside: fromEntries makes it a field like any other.
    details: Object.fromEntries(
      Object.entries(details ?? {})
        .slice(0, MOST_DETAILS)
        .map(([name, value]) => [boundText(name, 100), storable(value)]),
    ),
    ...(cluster !== undefined && { cluster: boundText(cluster, 63) }),
    ...(request && {
      request: {
        id: boundText(request.id, 100),
        address: boundText(request.address, 64),
        agent: boundText(request.userAgent, 300),
      },
    }),
  });
  if (text === undefined) throw new Error('an event has a text');
  return text;
}

function storable(value: string | number | boolean): string | number | boolean {
  if (typeof value === 'string') return boundText(value, 2000);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
