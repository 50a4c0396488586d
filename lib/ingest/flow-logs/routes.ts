import 'server-only';
import { FlowLogsQuery } from '#lib/api/flow-logs.ts';
import { deleteImport, findImport, listImports } from '#lib/db/flow-logs/imports.ts';
import { readPairs } from '#lib/db/flow-logs/pairs.ts';
import { readPastWorlds } from '#lib/db/flow-logs/past-worlds.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { type AddressBook, addressBookOf } from '#lib/flow-logs/address-book.ts';
import { parseFormat } from '#lib/flow-logs/format.ts';
import { auditContextOf } from '../audit-context.ts';
import { parsed } from '../input.ts';
import type { ObjectsSet } from '../policies/objects-set.ts';
import type { Answer, Call, Route } from '../server.ts';
import { importFlowLogs } from './import-flow-logs.ts';

/** Each takes its share of the thread that takes live flows too. */
const MOST_AT_ONCE = 2;

/** Baselines from AWS VPC Flow Logs. `/addresses` is for the command line, which reads files by itself. */
export function flowLogRoutes(db: TrafficDb, objects: ObjectsSet): Route[] {
  const clusterOf = (call: Call): string => call.params['cluster'] ?? '';
  const idOf = (call: Call): string => call.params['import'] ?? '';
  const running = new Set<Call>();
  return [
    {
      method: 'GET',
      path: '/clusters/:cluster/flow-logs',
      handle: async (call) => ({ json: { imports: await listImports(db, clusterOf(call)) } }),
    },
    {
      method: 'POST',
      path: '/clusters/:cluster/flow-logs',
      handle: async (call) => {
        if (running.size >= MOST_AT_ONCE)
          throw new CausewayError('conflict', `${MOST_AT_ONCE} imports run already; try again when one of them has ended`);
        running.add(call);
        try {
          return await takeFile(db, objects, clusterOf(call), call);
        } finally {
          running.delete(call);
        }
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/flow-logs/:import',
      handle: async (call) => {
        const found = await findImport(db, clusterOf(call), idOf(call));
        if (!found) throw notThere();
        const pairs = found.state === 'done' ? await readPairs(db, found.id) : [];
        return { json: { import: found, pairs, pairsTotal: found.tuples } };
      },
    },
    {
      method: 'DELETE',
      path: '/clusters/:cluster/flow-logs/:import',
      handle: async (call) => {
        if (!(await deleteImport(db, clusterOf(call), idOf(call), auditContextOf(call)))) throw notThere();
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/addresses',
      handle: async (call) => ({ json: { rows: (await bookOf(db, objects, clusterOf(call))).toRows() } }),
    },
  ];
}

async function takeFile(db: TrafficDb, objects: ObjectsSet, cluster: string, call: Call): Promise<Answer> {
  const { name = 'flow logs', format: text = '' } = parsed(FlowLogsQuery, call.query);
  const format = text === '' ? undefined : parseFormat(text);
  if (format?.ok === false) throw new CausewayError('bad-request', format.reason, { place: { parameter: 'format' } });
  const book = await bookOf(db, objects, cluster);
  const { signal, body } = call;
  const done = await importFlowLogs([{ name: '', open: () => body }], {
    db,
    cluster,
    name,
    format: format?.format,
    book,
    context: auditContextOf(call),
    signal,
  });
  return { json: done, status: 201 };
}

/** Throws `conflict` while the objects of the cluster are still being read: a baseline made now would know hardly anybody. */
async function bookOf(db: TrafficDb, objects: ObjectsSet, cluster: string): Promise<AddressBook> {
  const present = objects.current(cluster);
  const source = objects.of(cluster);
  if (!present && source.state().state === 'starting')
    throw new CausewayError(
      'conflict',
      'the objects of the cluster are being read, by which addresses are known; try again in a moment',
    );
  return addressBookOf(present, await readPastWorlds(db, cluster, Date.now()));
}

const notThere = () => new CausewayError('not-found', 'there is no such import');
