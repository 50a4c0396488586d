import 'server-only';
import { Prisma } from '../generated/client.ts';
import { withDatabase } from '../client.ts';

/** What an earlier request with the same key did. */
export type EarlierRequest =
  | { readonly state: 'none' }
  | { readonly state: 'other' }
  | { readonly state: 'running' }
  | { readonly state: 'done'; readonly status: number; readonly response: unknown };

const DAY_MS = 86_400_000;

/** Claims `key` for a request, or tells what the earlier one with it did. Of two requests at once exactly one gets `none`. */
export const claimKey = (actor: string, key: string, fingerprint: string, now: number): Promise<EarlierRequest> =>
  withDatabase(async (db) => {
    await db.idempotencyKey.deleteMany({ where: { createdAt: { lt: new Date(now - DAY_MS) } } });
    const { count } = await db.idempotencyKey.createMany({
      data: [{ actor, key, fingerprint, createdAt: new Date(now) }],
      skipDuplicates: true,
    });
    if (count === 1) return { state: 'none' };
    const row = await db.idempotencyKey.findUnique({ where: { actor_key: { actor, key } } });
    if (!row) return { state: 'running' };
    if (row.fingerprint !== fingerprint) return { state: 'other' };
    return row.status === null ? { state: 'running' } : { state: 'done', status: row.status, response: row.response };
  });

/** Keeps the answer; null for one that may not be stored. */
export const keepAnswer = (actor: string, key: string, status: number, response: unknown): Promise<void> =>
  withDatabase(async (db) => {
    await db.idempotencyKey.updateMany({
      where: { actor, key },
      data: { status, response: response === null ? Prisma.DbNull : (response as Prisma.InputJsonValue) },
    });
  });

/** Frees the key after a request that failed: the next try is a first one. */
export const releaseKey = (actor: string, key: string): Promise<void> =>
  withDatabase(async (db) => {
    await db.idempotencyKey.deleteMany({ where: { actor, key } });
  });
