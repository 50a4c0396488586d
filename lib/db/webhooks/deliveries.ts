import 'server-only';
import { type WebhookDelivery, WebhookDelivery as Schema } from '#lib/api/webhooks.ts';
import { withDatabase } from '../client.ts';
import type { Prisma, WebhookDelivery as Row } from '../generated/client.ts';

const MOST_SHOWN = 200;

/** The newest deliveries of a webhook, newest first; undefined when there is no such webhook. */
export const readDeliveries = (webhook: string): Promise<WebhookDelivery[] | undefined> =>
  withDatabase(async (db) => {
    if (!(await db.webhook.findUnique({ where: { id: webhook }, select: { id: true } }))) return undefined;
    const rows = await db.webhookDelivery.findMany({
      where: { webhookId: webhook },
      orderBy: [{ createdAtMs: 'desc' }, { id: 'desc' }],
      take: MOST_SHOWN,
    });
    return rows.map(deliveryOf);
  });

/** Has a dead delivery sent again, from the first attempt on, under its old id. Whether there was a dead one. */
export const reviveDelivery = (
  webhook: string,
  id: string,
  now: number,
  beside: (tx: Prisma.TransactionClient) => Promise<void>,
): Promise<boolean> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const { count } = await tx.webhookDelivery.updateMany({
        where: { id, webhookId: webhook, state: 'dead' },
        data: { state: 'waiting', attempts: 0, nextAtMs: now, claimedUntilMs: 0, endedAtMs: null },
      });
      if (count > 0) await beside(tx);
      return count > 0;
    }),
  );

const deliveryOf = ({ id, event, createdAtMs, state, attempts, nextAtMs, status, problem, text }: Row): WebhookDelivery =>
  Schema.parse({
    id,
    event,
    at: createdAtMs,
    state,
    attempts,
    ...(state === 'waiting' && { nextAt: nextAtMs }),
    ...(status !== null && { status }),
    problem,
    text,
  });
