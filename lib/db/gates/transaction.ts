import 'server-only';
import { setTimeout as sleep } from 'node:timers/promises';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';

const TRIES = 6;

/** Runs `work` in one transaction, once more where the database had to end it for the sake of another one (serialisation failure, deadlock). */
export async function inGateTransaction<T>(work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await withDatabase((db) => db.$transaction(work));
    } catch (error) {
      if (tries === TRIES || !isCollision(error)) throw error;
      await sleep(Math.random() * 20 * 2 ** tries);
    }
  }
}

/** Prisma P2034; Postgres 40001 serialization_failure, 40P01 deadlock_detected. */
function isCollision(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, meta } = at as { code?: unknown; meta?: unknown };
    if (/\b(P2034|40001|40P01)\b/.test(`${String(code)} ${JSON.stringify(meta ?? '')} ${at.message}`)) return true;
  }
  return false;
}
