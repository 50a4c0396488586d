import 'server-only';
import type { Environment } from '#lib/api/common.ts';
import type { WebhookEvent } from '#lib/api/webhooks.ts';
import { boundText, visibleText } from '#lib/flow/text.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { Prisma } from '../generated/client.ts';

/** Something that happened, as webhooks are told of it. */
export interface EventForWebhooks {
  readonly event: WebhookEvent;
  readonly cluster: string;
  readonly environment: Environment;
  readonly phase?: Phase;
  /** One sentence for people: what chat programs show. */
  readonly text: string;
  /** Facts for programs. It leaves the console: no secrets, no evidence, ids rather than bodies. */
  readonly data: Readonly<Record<string, string | number | boolean>>;
}

const MOST_TEXT = 1000;

/** Makes a delivery for each webhook that wants this event, in the transaction of what it tells of: both are there, or neither. */
export async function enqueueEvent(tx: Prisma.TransactionClient, event: EventForWebhooks, now = Date.now()): Promise<void> {
  const text = boundText(visibleText(boundText(event.text, MOST_TEXT)), MOST_TEXT);
  await tx.$executeRaw`
    INSERT INTO webhook_delivery (id, webhook_id, event, cluster, text, body, created_at_ms, next_at_ms)
    SELECT 'msg_' || replace(gen_random_uuid()::text, '-', ''), id, ${event.event}, ${event.cluster}, ${text}, ${bodyOf(event, text, now)},
      ${now}::float8, ${now}::float8
    FROM webhook
    WHERE active AND ${event.event} = ANY (events) AND (cardinality(clusters) = 0 OR ${event.cluster} = ANY (clusters))`;
}

/** Standard Webhooks: `type`, `timestamp`, `data`; `text` beside them is what Slack, Mattermost and others take as the message. */
function bodyOf({ event, cluster, environment, phase, data }: EventForWebhooks, text: string, now: number): string {
  const facts = { ...data, cluster, environment, ...(phase !== undefined && { phase }) };
  return JSON.stringify({ type: event, timestamp: new Date(now).toISOString(), text, data: facts });
}
