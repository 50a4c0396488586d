import 'server-only';
import { readVersion, readVersions } from '#lib/db/policies/versions.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { policyText } from '#lib/policy/nearest-yaml.ts';
import type { Call, Route } from '../server.ts';
import { auditContextOf } from '../audit-context.ts';
import { actorOf } from './actor.ts';
import type { ObjectsSet } from './objects-set.ts';
import { policySetRoutes } from './policy-sets.ts';
import { takeUpload } from './upload.ts';

/** Where objects come from, their upload, the versions of policies, and candidate sets. What is judged is asked of the judge. */
export function policyRoutes(db: TrafficDb, objects: ObjectsSet, setsChanged: (cluster: string) => void = () => {}): Route[] {
  const clusterOf = ({ params }: Call): string => params['cluster'] ?? '';
  return [
    {
      method: 'GET',
      path: '/clusters/:cluster/policies/source',
      handle: (call) => ({ json: objects.of(clusterOf(call)).state() }),
    },
    {
      method: 'PUT',
      path: '/clusters/:cluster/policies/source',
      async handle(call) {
        const cluster = clusterOf(call);
        const { kind, detail } = objects.of(cluster).state();
        if (kind === 'kubernetes' || kind === 'folder')
          throw new CausewayError('conflict', `the objects of this cluster are read elsewhere: ${detail}`);
        const report = await takeUpload(db, cluster, call.body, actorOf(call), Date.now(), auditContextOf(call));
        await objects.reload();
        return { json: report };
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/policies/:kind/:namespace/:name/versions/:hash',
      handle: async (call) => ({ json: await versionText(db, clusterOf(call), refOfParams(call), call.params['hash'] ?? '') }),
    },
    ...policySetRoutes(db, setsChanged),
  ];
}

/** The policy that a path names. Throws `not-found` for a kind that is none. */
export function refOfParams({ params }: Pick<Call, 'params'>): string {
  const { kind = '', namespace = '', name = '' } = params;
  if (kind === 'ccnp') return `ccnp:${name}`;
  if (kind === 'cnp' || kind === 'knp') return `${kind}:${namespace}/${name}`;
  throw new CausewayError('not-found', `there is no kind ${kind}: cnp, ccnp or knp`);
}

async function versionText(db: TrafficDb, cluster: string, ref: string, hash: string) {
  const [versions, object] = [await readVersions(db, cluster, ref), await readVersion(db, cluster, ref, hash)];
  const version = versions.find((candidate) => candidate.hash === hash);
  if (!version || !object)
    throw new CausewayError('not-found', 'this version of the policy was never seen here, or is forgotten');
  const { generation, ...rest } = version;
  return { ref, version: { ...rest, ...(generation !== undefined && { generation }) }, yaml: policyText(object) };
}
