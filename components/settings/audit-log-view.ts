import type { AuditEvent } from '#lib/api/audit-log.ts';
import type { MarkName } from '#components/ui/Mark.tsx';

/** What the page of the audit log asks for and shows. Pure. */

export const OUTCOMES = ['ok', 'denied', 'failed'] as const satisfies readonly AuditEvent['outcome'][];

export const OUTCOME_MARKS: Record<AuditEvent['outcome'], MarkName> = { ok: 'pass', denied: 'fail', failed: 'error' };

/** How far back, as the API takes it, with its words; `all` is no bound. */
export const SINCE = [
  { value: 'all', words: 'all time' },
  { value: '1h', words: 'last hour' },
  { value: '24h', words: 'last 24 hours' },
  { value: '7d', words: 'last 7 days' },
  { value: '30d', words: 'last 30 days' },
  { value: '365d', words: 'last year' },
] as const;
export type Since = (typeof SINCE)[number]['value'];
export const SINCE_VALUES = SINCE.map(({ value }) => value);

export interface AuditFilter {
  readonly q: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly cluster: string;
  readonly outcome: AuditEvent['outcome'] | 'all';
  readonly since: Since;
}
export const NO_FILTER: AuditFilter = {
  q: '',
  actor: '',
  action: '',
  object: '',
  cluster: '',
  outcome: 'all',
  since: 'all',
};

/** Parameters of the API for a filter; what asks for nothing is left out. */
export function auditQuery({ since, outcome, ...texts }: AuditFilter): URLSearchParams {
  const query = new URLSearchParams(Object.entries(texts).filter(([, text]) => text !== ''));
  if (outcome !== 'all') query.set('outcome', outcome);
  if (since !== 'all') query.set('range', since);
  return query;
}

export const isFiltered = (filter: AuditFilter): boolean => auditQuery(filter).size > 0;

/** `12345:41d7…`: what one notes elsewhere, so that a cut tail is found later. */
export const headText = ({ seq, hash }: { readonly seq: number; readonly hash: string }): string => `${seq}:${hash}`;

/** Who it was, in a word or two. */
export const actorWords = ({ kind, name, subject }: AuditEvent['actor']): string =>
  kind === 'anonymous' ? 'nobody signed in' : name === '' ? subject : name;
