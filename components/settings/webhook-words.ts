import { WEBHOOK_EVENTS, type Webhook, type WebhookDelivery, type WebhookEvent } from '#lib/api/webhooks.ts';
import type { MarkName } from '#components/ui/Mark.tsx';

/** How webhooks are spoken of. Pure. */

export const EVENT_WORDS: Record<WebhookEvent, string> = {
  'gate.requested': 'somebody asks that a gate opens',
  'gate.approved': 'a request has all approvals it needs',
  'gate.rejected': 'a request is rejected',
  'gate.stale': 'evidence changed and a request is void',
  'gate.executed': 'a gate is passed',
  'gate.completed': 'a phase is completed',
  'gate.rolled-back': 'a phase was rolled back',
  'gate.broken-glass': 'glass is broken',
  'elevation.asked': 'somebody asks for an elevation',
  'check.failed': 'a check turns to fail',
  'check.passed': 'a check turns to pass',
};

/** Events in groups, as the form shows them. */
export const EVENT_GROUPS: readonly { readonly name: string; readonly events: readonly WebhookEvent[] }[] = [
  { name: 'Gates', events: WEBHOOK_EVENTS.filter((event) => event.startsWith('gate.')) },
  { name: 'Elevations', events: WEBHOOK_EVENTS.filter((event) => event.startsWith('elevation.')) },
  { name: 'Checks', events: WEBHOOK_EVENTS.filter((event) => event.startsWith('check.')) },
];

/** `all events`, `gate.stale`, `5 of 11 events`. */
export function eventsInWords(events: readonly WebhookEvent[]): string {
  if (events.length === WEBHOOK_EVENTS.length) return 'all events';
  return events.length <= 2 ? events.join(', ') : `${events.length} of ${WEBHOOK_EVENTS.length} events`;
}

/** How a webhook does: the weightiest of what is to be said. */
export function stateOf({ active, counts }: Pick<Webhook, 'active' | 'counts'>): {
  readonly mark: MarkName;
  readonly words: string;
} {
  if (!active) return { mark: 'trace', words: 'off' };
  if (counts.dead > 0) return { mark: 'fail', words: `${counts.dead} given up` };
  if (counts.waiting > 0) return { mark: 'stale', words: `${counts.waiting} waiting` };
  return { mark: 'pass', words: counts.delivered === 0 ? 'nothing to send yet' : 'all delivered' };
}

export const DELIVERY_MARKS: Record<WebhookDelivery['state'], MarkName> = { waiting: 'stale', delivered: 'pass', dead: 'fail' };
export const DELIVERY_WORDS: Record<WebhookDelivery['state'], string> = {
  waiting: 'waiting',
  delivered: 'delivered',
  dead: 'given up',
};

/** What is wrong with a target, before it is asked for; undefined when it may be used. */
export function targetProblem(url: string, allowed: readonly string[]): string | undefined {
  if (!URL.canParse(url)) return 'An address that begins with https://';
  const { origin, username, password } = new URL(url);
  if (username !== '' || password !== '') return 'An address without a name and password in it.';
  return allowed.includes(origin) ? undefined : `${origin} is not on the list of allowed targets.`;
}
