import 'server-only';
import { lapseOf } from '#lib/migration/gate/lapse.ts';
import type { GateFacts } from '#lib/migration/gate/record.ts';
import type { Prisma } from '../generated/client.ts';
import type { GateFile } from './records.ts';
import { CONSOLE, CONSOLE_AUDIT, tellMove } from './tell.ts';
import { moveRequest } from './write.ts';

/** Writes down what time or changed facts have made of a request that is locked; gives it as it is then. */
export async function settle(tx: Prisma.TransactionClient, file: GateFile, facts: GateFacts): Promise<GateFile> {
  const lapse = lapseOf(file, facts);
  if (!lapse) return file;
  const version = await moveRequest(tx, file, lapse, CONSOLE);
  await tellMove(tx, file, file.state, lapse, { person: CONSOLE, audit: CONSOLE_AUDIT });
  return { ...file, state: lapse.to, stateReason: lapse.reason, stateSince: facts.now, version };
}
