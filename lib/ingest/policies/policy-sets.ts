import 'server-only';
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type PolicySet, PolicySetInput } from '#lib/api/policies.ts';
import { deleteSet, findSet, insertSet, listSets, type StoredSet, updateSet } from '#lib/db/policies/sets.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { readDocumentsAside } from '#lib/kubernetes/documents-aside.ts';
import { isPolicyObject } from '#lib/kubernetes/policy-objects.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { setHash, specHash } from '#lib/policy/spec-hash.ts';
import { jsonBody, parsed } from '../input.ts';
import type { Answer, Call, Route } from '../server.ts';
import { auditContextOf } from '../audit-context.ts';
import { actorOf } from './actor.ts';

/** A text of five million characters, each escaped at its worst. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Candidate sets: read, stored, changed by who saw them last, deleted. `changed` hears of a cluster whose sets did. */
export function policySetRoutes(db: TrafficDb, changed: (cluster: string) => void, now: () => number = Date.now): Route[] {
  const clusterOf = ({ params }: Call): string => params['cluster'] ?? '';
  const idOf = ({ params }: Call): string => params['set'] ?? '';
  return [
    {
      method: 'GET',
      path: '/clusters/:cluster/policy-sets',
      handle: async (call) => ({ json: { sets: (await listSets(db, clusterOf(call))).map(({ set }) => set) } }),
    },
    {
      method: 'POST',
      path: '/clusters/:cluster/policy-sets',
      async handle(call) {
        const time = now();
        const input = await inputOf(call);
        const set = { ...input, id: randomUUID(), createdBy: actorOf(call), createdAt: time, updatedAt: time };
        const stored = await insertSet(db, clusterOf(call), set, auditContextOf(call));
        changed(clusterOf(call));
        return tagged(stored, 201);
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/policy-sets/:set',
      handle: async (call) => tagged(await required(db, clusterOf(call), idOf(call))),
    },
    {
      method: 'PUT',
      path: '/clusters/:cluster/policy-sets/:set',
      async handle(call) {
        const version = versionOf(call.headers);
        const { set: before } = await required(db, clusterOf(call), idOf(call));
        const { id, createdBy, createdAt } = before;
        const set = { ...(await inputOf(call)), id, createdBy, createdAt, updatedAt: now() };
        const stored = await updateSet(db, clusterOf(call), version, set, auditContextOf(call));
        if (!stored) throw new CausewayError('precondition-failed', 'the set was changed in the meantime; read it again');
        changed(clusterOf(call));
        return tagged(stored);
      },
    },
    {
      method: 'DELETE',
      path: '/clusters/:cluster/policy-sets/:set',
      async handle(call) {
        if (!(await deleteSet(db, clusterOf(call), idOf(call), auditContextOf(call)))) throw noSuchSet();
        changed(clusterOf(call));
        return { status: 204 };
      },
    },
  ];
}

const noSuchSet = (): CausewayError => new CausewayError('not-found', 'there is no such policy set');

async function required(db: TrafficDb, cluster: string, id: string): Promise<StoredSet> {
  const stored = await findSet(db, cluster, id);
  if (!stored) throw noSuchSet();
  return stored;
}

const tagged = ({ set, version }: StoredSet, status = 200): Answer => ({
  json: set,
  status,
  headers: { etag: `"v${version}"` },
});

/** The version an edit was made from. */
function versionOf(headers: IncomingHttpHeaders): number {
  const version = /^"v(\d{1,9})"$/.exec(headers['if-match']?.trim() ?? '')?.[1];
  if (version === undefined) throw new CausewayError('precondition-failed', 'send the ETag of what you edit as If-Match');
  return Number(version);
}

/** What somebody wants stored, with the policies its text holds. Throws `bad-input` for a text that cannot be read whole. */
async function inputOf(call: Call): Promise<Omit<PolicySet, 'id' | 'createdBy' | 'createdAt' | 'updatedAt'>> {
  const { alertAt, ...input } = parsed(PolicySetInput, await jsonBody(call.body, MOST_BYTES));
  const policies = await policiesOf(input.yaml);
  return {
    ...input,
    ...(alertAt !== undefined && { alertAt }),
    hash: setHash(policies),
    policies: policies.map(({ ref }) => ref),
  };
}

async function policiesOf(yaml: string): Promise<{ readonly ref: string; readonly hash: string }[]> {
  const { objects, problems } = await readDocumentsAside(yaml);
  const [problem] = problems;
  if (problem) {
    const where = problem.line === undefined ? '' : `line ${problem.line}: `;
    throw new CausewayError('bad-input', `yaml: ${where}${problem.message}`, {
      place: { field: 'yaml', ...(problem.line !== undefined && { line: problem.line }) },
    });
  }
  const other = objects.find((object) => !isPolicyObject(object));
  if (other) throw badYaml(`a ${other.kind.slice(0, 60)} is no policy`);
  const policies = objects.filter(isPolicyObject).map((object) => ({ ref: refOf(object), hash: specHash(object) }));
  const twice = policies.find(({ ref }, place) => policies.findIndex((policy) => policy.ref === ref) !== place);
  if (twice) throw badYaml(`${twice.ref} is there twice`);
  return policies.toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
}

const badYaml = (message: string): CausewayError =>
  new CausewayError('bad-input', `yaml: ${message}`, { place: { field: 'yaml' } });
