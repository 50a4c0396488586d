import 'server-only';
import { z } from 'zod';
import { type Webhook, WEBHOOK_EVENTS, WebhookEvent, type WebhookInput } from '#lib/api/webhooks.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { withDatabase } from '../client.ts';
import type { Prisma, Webhook as Row } from '../generated/client.ts';

/** How many webhooks a console has at most. */
export const MOST_WEBHOOKS = 100;

const DAY_MS = 86_400_000;

export interface NewWebhook {
  readonly id: string;
  readonly input: WebhookInput;
  /** As `lib/webhooks/seal.ts` makes it. */
  readonly sealed: Buffer;
  readonly createdBy: string;
  readonly now: number;
}

/** Runs in the transaction of a change: its audit row. */
export type Beside = (tx: Prisma.TransactionClient, webhook: Webhook) => Promise<void>;

/** All webhooks, by name, with what waits, was delivered in the last day and was given up. */
export const readWebhooks = (now: number): Promise<Webhook[]> =>
  withDatabase(async (db) => {
    const rows = await db.webhook.findMany({ orderBy: [{ name: 'asc' }, { id: 'asc' }] });
    const counts = await readCounts(db, now);
    return rows.map((row) => webhookOf(row, counts.get(row.id)));
  });

export const findWebhook = (id: string): Promise<Webhook | undefined> =>
  withDatabase(async (db) => {
    const row = await db.webhook.findUnique({ where: { id } });
    return row ? webhookOf(row) : undefined;
  });

/** Throws `conflict` when there are as many as there can be. */
export const insertWebhook = ({ id, input, sealed, createdBy, now }: NewWebhook, beside: Beside): Promise<Webhook> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      if ((await tx.webhook.count()) >= MOST_WEBHOOKS)
        throw new CausewayError('conflict', `there are ${MOST_WEBHOOKS} webhooks already; remove one first`);
      const data = { id, ...storedOf(input), secret: new Uint8Array(sealed), createdBy, createdAtMs: now };
      const webhook = webhookOf(await tx.webhook.create({ data }));
      await beside(tx, webhook);
      return webhook;
    }),
  );

/** Changes the webhook if it still has `version`; undefined when it has another one, or is gone. */
export const updateWebhook = (
  id: string,
  version: number,
  input: WebhookInput,
  now: number,
  beside: Beside,
): Promise<Webhook | undefined> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const [row] = await tx.webhook.updateManyAndReturn({
        where: { id, version },
        // What went wrong before it was changed says nothing of it any more.
        data: { ...storedOf(input), version: { increment: 1 }, lastProblem: '' },
      });
      if (!row) return undefined;
      const webhook = webhookOf(row, (await readCounts(tx, now)).get(id));
      await beside(tx, webhook);
      return webhook;
    }),
  );

/** Deletes the webhook with its deliveries; undefined when there was none. */
export const deleteWebhook = (id: string, beside: Beside): Promise<Webhook | undefined> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const row = await tx.webhook.findUnique({ where: { id } });
      if (!row) return undefined;
      await tx.webhook.deleteMany({ where: { id } });
      await beside(tx, webhookOf(row));
      return webhookOf(row);
    }),
  );

const storedOf = ({ name, url, events, clusters, active }: WebhookInput) => ({
  name,
  url,
  events: WEBHOOK_EVENTS.filter((event) => events.includes(event)),
  clusters: [...new Set(clusters)].toSorted(),
  active,
});

type Counts = Webhook['counts'];

async function readCounts(db: Prisma.TransactionClient, now: number): Promise<ReadonlyMap<string, Counts>> {
  const rows = await db.$queryRaw<{ id: string; waiting: number; delivered: number; dead: number }[]>`
    SELECT webhook_id AS id, (count(*) FILTER (WHERE state = 'waiting'))::int AS waiting,
      (count(*) FILTER (WHERE state = 'delivered' AND ended_at_ms >= ${now - DAY_MS}))::int AS delivered,
      (count(*) FILTER (WHERE state = 'dead'))::int AS dead
    FROM webhook_delivery GROUP BY webhook_id`;
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}

function webhookOf(row: Row, counts: Counts = { waiting: 0, delivered: 0, dead: 0 }): Webhook {
  const { id, name, url, clusters, active, createdBy, createdAtMs, lastProblem, version } = row;
  const events = z.array(WebhookEvent).catch([]).parse(row.events);
  return { id, name, url, events, clusters, active, createdAt: createdAtMs, createdBy, counts, lastProblem, version };
}
