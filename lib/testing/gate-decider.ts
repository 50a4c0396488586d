import { openDatabase } from '#lib/db/client.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Phase } from '#lib/migration/model.ts';
import { requestGate } from '#lib/usecases/gates/begin-request.ts';
import { giveCommand } from '#lib/usecases/gates/give-command.ts';
import { readGateRequest } from '#lib/usecases/gates/read-gate.ts';
import { aCall, hashOf, logEvidence, sql } from './gates.ts';
import { mulberry32 } from './random.ts';

/** What a process of a console does to one gate: many people at once, all by the use cases. */
export interface DeciderOrder {
  readonly url: string;
  readonly cluster: string;
  readonly phase: Phase;
  readonly request: string;
  readonly evidence: string;
  /** Everybody holds the roles operator and approver. */
  readonly people: readonly string[];
  /** `approve`: only that. `anything`: every command, new requests and changes of evidence. */
  readonly mix: 'approve' | 'anything';
  readonly attempts: number;
  readonly atOnce: number;
  readonly seed: number;
}

/** What became of one attempt. */
export interface DeciderOutcome {
  readonly person: string;
  readonly command: string;
  /** `done`, or the code of the problem. */
  readonly outcome: string;
}

/** Runs an order to its end, in this process. */
export async function decideMany(order: DeciderOrder): Promise<DeciderOutcome[]> {
  (globalThis as { causewayDatabase?: ReturnType<typeof openDatabase> }).causewayDatabase ??= openDatabase(order.url, 10);
  const random = mulberry32(order.seed);
  const outcomes: DeciderOutcome[] = [];
  let left = order.attempts;
  const one = async (): Promise<void> => {
    while (left-- > 0) outcomes.push(...(order.mix === 'approve' ? await approve(order, random) : await anything(order, random)));
  };
  await Promise.all(Array.from({ length: order.atOnce }, one));
  return outcomes;
}

/** Tries to approve until it is done or refused for good: whoever was too late looks again. */
async function approve({ cluster, request, evidence, people }: DeciderOrder, random: () => number): Promise<DeciderOutcome[]> {
  const person = pick(people, random);
  let expectedVersion = 1;
  for (;;) {
    try {
      await giveCommand(aCall(cluster, person, ['operator', 'approver']), request, {
        command: 'approve',
        expectedVersion,
        evidenceHash: evidence,
        comment: '',
      });
      return [{ person, command: 'approve', outcome: 'done' }];
    } catch (error) {
      if (!(error instanceof CausewayError)) throw error;
      const version = Number(error.place?.['version']);
      const open = ['requested', 'approving'].includes(String(error.place?.['state']));
      if (error.code === 'conflict' && open && version > expectedVersion) expectedVersion = version;
      else return [{ person, command: 'approve', outcome: error.code }];
    }
  }
}

const COMMANDS = [
  ...(['approve', 'approve', 'approve', 'approve'] as const),
  ...(['execute', 'execute', 'complete', 'complete'] as const),
  ...(['reject', 'withdraw', 'revoke', 'fail', 'roll-back', 'finish-roll-back'] as const),
];
const TEXTS = ['red', 'green', 'blue'] as const;

/** Does anything to whatever request it finds, as it finds it. */
async function anything({ cluster, phase, people }: DeciderOrder, random: () => number): Promise<DeciderOutcome[]> {
  const person = pick(people, random);
  const call = aCall(cluster, person, ['operator', 'approver']);
  const chance = random();
  const evidence = pick(TEXTS, random);
  const command = chance < 0.03 ? 'evidence' : chance < 0.3 ? 'request' : pick(COMMANDS, random);
  const done = async (work: () => Promise<unknown>): Promise<DeciderOutcome[]> => {
    try {
      await work();
      return [{ person, command, outcome: 'done' }];
    } catch (error) {
      if (!(error instanceof CausewayError)) throw error;
      return [{ person, command, outcome: error.code }];
    }
  };
  if (command === 'evidence') return done(() => logEvidence(cluster, phase, evidence));
  if (command === 'request') return done(() => requestGate(call, phase, { evidenceHash: hashOf(evidence), comment: '' }));
  const newest = await newestOf(cluster, phase);
  if (newest === undefined) return [];
  return done(async () => {
    const { version, evidenceHash, requestedBy } = await readGateRequest(cluster, newest);
    // Nobody else may withdraw.
    const who = command === 'withdraw' ? aCall(cluster, requestedBy.name, ['operator']) : call;
    await giveCommand(who, newest, { command, expectedVersion: version, evidenceHash, comment: 'because of the test' });
  });
}

async function newestOf(cluster: string, phase: Phase): Promise<string | undefined> {
  const [row] = await sql<{ id: string }>(
    'SELECT id FROM gate_request WHERE cluster_id = $1 AND phase = $2 ORDER BY number DESC LIMIT 1',
    cluster,
    phase,
  );
  return row?.id;
}

const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)] as T; // never empty

// Started as a process of its own: the order is its argument, the outcomes are its output.
if (process.argv[2]?.startsWith('{"url"')) {
  const outcomes = await decideMany(JSON.parse(process.argv[2]) as DeciderOrder);
  process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
}
