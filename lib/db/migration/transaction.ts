import 'server-only';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';

/** Everything `work` does commits, or nothing. Keep it short: on the embedded database everybody else waits. */
export const inTransaction = <T>(work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> =>
  withDatabase((db) => db.$transaction(work));
