import { mkdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import { openTrafficDb, type Statements, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { Notary } from '#lib/ingest/receipts/notary.ts';
import { openSigningKeys } from '#lib/keys/signing-keys.ts';
import { driverFlow, type DriverOptions } from './receipt-driver-flows.ts';

/**
 * A program that makes receipts with the console's own pipeline, from flows that follow from their number, until it is killed. What it acknowledges it
 * prints: `C id id ...` receipts that are committed, `H size root` a signed head, `P number` that all flows before this one are stored.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as DriverOptions;

// Minutes pass by in seconds, so that many of them end while it runs; whoever asks for the time is told so.
const realNow = Date.now.bind(Date);
Date.now = () => options.begin + (realNow() - options.begin - (options.idleMs ?? 0)) * options.pace;

const say = (...words: readonly (string | number)[]): void => void process.stdout.write(`${words.join(' ')}\n`);

const log = pino({ level: 'warn' }, pino.destination(2));
const db = options.dieAt === undefined ? openTrafficDb(options.url, 4) : mortal(openTrafficDb(options.url, 4), options.dieAt);
mkdirSync(options.keys, { recursive: true });
const keys = await openSigningKeys({ directory: options.keys, db, log, everyMs: 3_600_000 });
if (keys.problem !== '') throw new Error(keys.problem);
const notary = new Notary({
  settings: { organisation: 'local', witnesses: [], quorum: 0 },
  keys,
  db,
  log,
  policiesOf: () => undefined,
  engineOf: () => () => Promise.resolve({ setHash: '', says: [] }),
  signerFile: pathToFileURL(options.signerFile),
  checkpointEveryMs: options.checkpointEveryMs,
});

/** Number of the next flow: those before it were taken in. */
let at = 0;
const { tap, checkpointer } = notary.follow({
  cluster: options.cluster,
  originOf: () => ({ cluster: options.cluster, source: 'hubble-relay', ciliumVersion: '1.19.0' }),
  nodes: () => ({ nodesExpected: 4, nodesReporting: 4 }),
  isSettled: () => at >= numberAt(Date.now()) - 1,
});
tap.onCommitted(({ receipts }) => say('C', ...receipts.map(({ receipt_id }) => receipt_id)));
checkpointer.onSigned(({ size, note }) => say('H', size, note.split('\n')[2] ?? ''));

await db.rows('CREATE TABLE IF NOT EXISTS driver_place (cluster text PRIMARY KEY, place int NOT NULL)');
const [stored] = await db.rows<{ place: number }>('SELECT place FROM driver_place WHERE cluster = $1', [options.cluster]);
const place = stored?.place ?? 0;
const [end] = await db.rows<{ until: number }>('SELECT aggregated_until_ms AS until FROM receipt_log WHERE cluster = $1', [
  options.cluster,
]);
const until = end?.until ?? 0;
// As the console asks a relay: from where it was left, or from the first minute that is in no receipt yet.
at = until > 0 ? Math.min(place, numberAt(until)) : 0;
await tap.begin({ aggregatedUntil: until, since: options.begin });
checkpointer.start();
say('R', at);

// Whoever started it reads what it says: alone it has nothing to say to anybody.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGKILL'), 1_000);
setInterval(() => {
  for (const upTo = numberAt(Date.now()); at < upTo; at += 1) tap.observe(driverFlow(at, options), at < place);
}, 20);

for (let last = place; ;) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const [taken, { mark }] = [at, tap];
  try {
    await tap.durable();
    if (taken <= last) {
      tap.placed(mark);
      continue;
    }
    await db.rows(
      `INSERT INTO driver_place VALUES ($1, $2) ON CONFLICT (cluster) DO UPDATE SET place = greatest(driver_place.place, excluded.place)`,
      [options.cluster, taken],
    );
    last = taken;
    tap.placed(mark);
    say('P', taken);
  } catch (error) {
    log.warn({ error: String(error) }, 'the place is not stored');
  }
}

/** How many flows there are before a time. */
function numberAt(time: number): number {
  return Math.floor((time - options.begin) / options.everyMs);
}

/** A database whose client dies at a statement: before it, or with `committed` after a transaction is committed and before anybody hears of it. */
function mortal(real: TrafficDb, { statement, nth }: NonNullable<DriverOptions['dieAt']>): TrafficDb {
  let seen = 0;
  const maybeDie = (text: string): void => {
    if (text.includes(statement) && (seen += 1) >= nth) process.kill(process.pid, 'SIGKILL');
  };
  const watched = (statements: Statements): Statements => ({
    rows: async (text, values) => {
      maybeDie(text);
      return statements.rows(text, values);
    },
  });
  return {
    ...watched(real),
    transaction: async (work) => {
      const result = await real.transaction((tx) => work(watched(tx)));
      maybeDie('committed');
      return result;
    },
    close: () => real.close(),
  };
}
