import { type KeyRows, readKeyRows } from '#lib/db/receipts/fsck.ts';
import type { Statements } from '#lib/db/traffic/connection.ts';
import { checkKeyEvent, type KnownKeys } from '#lib/receipts/key-event.ts';
import { keyOfJwkX, keyProblem, type PublicKey, thumbprint } from '#lib/receipts/public-key.ts';
import { KeyEvent } from '#lib/receipts/receipt.ts';
import type { Trust } from '#lib/receipts/trust.ts';
import type { LogCounts } from './check-log.ts';
import { namedKey } from './check-keys.ts';
import type { Findings } from './findings.ts';
import { verifyInPool } from './native.ts';
import { canonicalText, parsedJson } from './texts.ts';

/** Keys and witnesses as the console has written them down beside the logs, and as a trust bundle has them. */
export interface Known {
  readonly rows: KeyRows;
  readonly keys: KnownKeys;
  readonly witnesses: ReadonlyMap<string, PublicKey>;
}

export async function readKnown(db: Statements, trust: Trust | undefined): Promise<Known> {
  const rows = await readKeyRows(db);
  const stored = rows.keys.flatMap(({ kid, role, x }) => {
    const key = namedKey(kid, x);
    return key && (role === 'receipt' || role === 'checkpoint') ? [[kid, { role, key }] as const] : [];
  });
  const witnesses = rows.witnesses.flatMap(({ name, x }) => {
    const key = keyOfJwkX(x);
    return key ? [[name, key] as const] : [];
  });
  return {
    rows,
    keys: new Map([...stored, ...(trust?.keys ?? [])]),
    witnesses: new Map([...witnesses, ...(trust?.witnesses ?? [])]),
  };
}

/** Checks what is written down of keys against itself, and against what the logs carry. */
export async function checkKeyRows(known: Known, logs: readonly LogCounts[], findings: Findings): Promise<void> {
  const names = await checkEvents(known, findings);
  checkKeys(known, names, findings);
  for (const log of logs) checkEntries(log, known, names, findings);
}

function checkKeys({ rows: { keys } }: Known, names: ReadonlyMap<number, string>, findings: Findings): void {
  for (const { kid, x } of keys) {
    const key = keyOfJwkX(x);
    const problem = key ? keyProblem(key) : 'it is no key';
    if (!key || problem !== undefined) findings.add('signing_key', [kid], `x: ${problem}`);
    else if (thumbprint(key) !== kid) findings.add('signing_key', [kid], `its key is another one: ${thumbprint(key)}`);
  }
  const there = new Set(keys.map(({ kid }) => kid));
  const named = new Set([...names.values()].map((name) => name.slice(0, name.lastIndexOf('/'))));
  for (const kid of named) if (!there.has(kid)) findings.add('signing_key', [kid], 'it is missing: changes of it are there');
}

/** Checks each change of a key by itself; gives what it is, `kid/event`, by its id. */
async function checkEvents({ rows, keys }: Known, findings: Findings): Promise<Map<number, string>> {
  const roles = new Map(rows.keys.map(({ kid, role }) => [kid, role]));
  const names = new Map<number, string>();
  for (const row of rows.events) {
    const { data } = KeyEvent.safeParse(parsedJson(row.body));
    const isOne = data !== undefined && canonicalText(data) === row.body;
    const wrong = isOne ? (await checkKeyEvent(data, keys, verifyInPool))?.problem : 'its body is no change of a key';
    names.set(row.id, isOne && wrong === undefined ? `${data.kid}/${data.event}` : `${row.kid}/${row.event}`);
    const said = data && [data.kid, data.event, Date.parse(data.at)];
    const problem =
      wrong ??
      (said?.join(' ') === [row.kid, row.event, row.at_ms].join(' ')
        ? undefined
        : 'what stands beside its body is not what that says');
    if (problem !== undefined) findings.add('key_event', [row.id], problem);
    else if (data && roles.has(row.kid) && roles.get(row.kid) !== data.role)
      findings.add('signing_key', [row.kid], `its role is ${data.role}, by what brought it in`);
  }
  return names;
}

/** Whether the batches of a log carry what is written down of them. */
function checkEntries(
  { cluster, keyEvents, isWhole }: LogCounts,
  { rows }: Known,
  names: ReadonlyMap<number, string>,
  findings: Findings,
): void {
  if (!isWhole) return;
  const ids = new Map([...names].map(([id, name]) => [name, id]));
  const entries = rows.entries.filter((entry) => entry.cluster === cluster);
  const told = new Set(entries.map(({ event_id }) => names.get(event_id)));
  const untold = new Map([...keyEvents].filter(([name]) => !told.has(name)));
  for (const { event_id, seq, carried } of entries) {
    const name = names.get(event_id);
    if (name === undefined) {
      const meant = [...untold].find(([, at]) => at === seq)?.[0];
      if (meant !== undefined) untold.delete(meant);
      if (meant !== undefined && ids.has(meant))
        findings.add('key_event_entry', [cluster, event_id], `batch ${seq} carries another change`);
      else findings.add('key_event', [event_id], `it is missing: batch ${seq} of ${cluster} carries it`);
    } else if (carried ? keyEvents.get(name) !== seq : keyEvents.has(name))
      findings.add(
        'key_event_entry',
        [cluster, event_id],
        carried ? `batch ${seq} does not carry that change` : 'the log carries that change',
      );
  }
  for (const [name, seq] of untold)
    findings.add('key_event_entry', [cluster, ids.get(name) ?? name], `it is missing: batch ${seq} carries that change`);
}
