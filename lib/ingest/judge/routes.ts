import 'server-only';
import { PoliciesQuery, type PolicyList, type PolicySource, type WouldDeny } from '#lib/api/policies.ts';
import { AuditQuery, JudgeInputQuery, ReachQuery, SuggestInput, WhatIfInput, WhyQuery } from '#lib/api/what-if.ts';
import type { RangeQuery } from '#lib/api/common.ts';
import { findSet, type StoredSet } from '#lib/db/policies/sets.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { DAY_MS, HOUR_MS } from '#lib/db/traffic/partitions.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { PolicyRef } from '#lib/policy/model.ts';
import type { ClusterPipeline } from '../cluster-pipeline.ts';
import { jsonBody, parsed } from '../input.ts';
import { EVER } from '../ring.ts';
import type { Answer, Call, Route } from '../server.ts';
import { rangeInCapture, rangeOf } from '../time-range.ts';
import type { Ask, Candidate, Traffic } from './asks.ts';
import type { Judge } from './judge.ts';
import { readWouldDenyView } from './read-would-deny.ts';
import type { FactsOf } from './source.ts';

export interface JudgeRoutes {
  readonly judge: Judge;
  readonly db: TrafficDb;
  readonly of: (call: Call) => ClusterPipeline;
  readonly factsOf: FactsOf;
  /** Where the objects of a cluster come from and how that stands. */
  readonly sourceOf: (cluster: string) => PolicySource;
}

/** Text of a candidate with the JSON around it. */
const MOST_BODY_BYTES = 6 * 1024 * 1024;

/** What is judged: inventory, one policy, lint, audit, why, reach, what-if, suggestions, and what watched sets would have denied. */
export function judgeRoutes({ judge, db, of, factsOf, sourceOf }: JudgeRoutes): Route[] {
  async function ask(call: Call, question: Ask): Promise<Answer> {
    const cluster = of(call).id;
    const facts = factsOf(cluster);
    if (!facts) throw new CausewayError('not-configured', sourceOf(cluster).detail);
    return { jsonBytes: await judge.ask(cluster, facts, question, call.signal) };
  }

  const candidateOf = async (call: Call, id: string): Promise<Candidate> => (await storedSet(call, id)).set;

  async function storedSet(call: Call, id: string): Promise<StoredSet> {
    const stored = await findSet(db, of(call).id, id);
    if (!stored) throw new CausewayError('not-found', 'there is no such policy set');
    return stored;
  }

  /** The candidate that a query chooses; none for the set in force. */
  const chosen = async (call: Call, set: string): Promise<{ readonly candidate?: Candidate }> =>
    set === 'in-force' ? {} : { candidate: await candidateOf(call, set) };

  return [
    {
      method: 'GET',
      path: '/clusters/:cluster/policies',
      async handle(call) {
        const traffic = trafficOf(parsed(PoliciesQuery, call.query), Date.now());
        const cluster = of(call).id;
        const source = sourceOf(cluster);
        return factsOf(cluster) ? ask(call, { kind: 'policies', source, traffic }) : { json: noPolicies(source, traffic) };
      },
    },
    { method: 'GET', path: '/clusters/:cluster/policies/lint', handle: (call) => ask(call, { kind: 'lint' }) },
    {
      method: 'GET',
      path: '/clusters/:cluster/policies/audit',
      handle: (call) => ask(call, { kind: 'audit', traffic: trafficOf(parsed(AuditQuery, call.query), Date.now()) }),
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/policies/why',
      async handle(call) {
        const query = parsed(WhyQuery, call.query);
        const traffic = trafficOf({ range: '24h' }, Date.now());
        return ask(call, { kind: 'why', query, traffic, ...(await chosen(call, query.set)) });
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/policies/reach',
      async handle(call) {
        const query = parsed(ReachQuery, call.query);
        return ask(call, { kind: 'reach', query, traffic: trafficOf(query, Date.now()), ...(await chosen(call, query.set)) });
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/policies/judge-input',
      handle: (call) => ask(call, { kind: 'judge-input', traffic: trafficOf(parsed(JudgeInputQuery, call.query), Date.now()) }),
    },
    {
      method: 'POST',
      path: '/clusters/:cluster/policies/what-if',
      async handle(call) {
        const { set, yaml, mode, removes, limit, ...window } = parsed(WhatIfInput, await jsonBody(call.body, MOST_BODY_BYTES));
        if ((set === undefined) === (yaml === undefined)) {
          throw new CausewayError('bad-request', 'give either `set` or `yaml`', { place: { parameter: 'set' } });
        }
        const candidate = set === undefined ? { yaml: yaml ?? '', mode, removes } : await candidateOf(call, set);
        return ask(call, { kind: 'what-if', candidate, limit, traffic: trafficOf(window, Date.now()) });
      },
    },
    {
      method: 'POST',
      path: '/clusters/:cluster/policies/suggest',
      async handle(call) {
        const input = parsed(SuggestInput, await jsonBody(call.body));
        return ask(call, { kind: 'suggest', input, traffic: trafficOf(input, Date.now()) });
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/policies/:kind/:namespace/:name',
      handle: (call) =>
        ask(call, { kind: 'policy', ref: refIn(call.params), traffic: trafficOf(parsed(PoliciesQuery, call.query), Date.now()) }),
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/policy-sets/:set/would-deny',
      async handle(call): Promise<{ readonly json: WouldDeny }> {
        const now = Date.now();
        const range = rangeOf(parsed(PoliciesQuery, call.query), now) ?? { from: now - DAY_MS, to: now };
        return { json: await readWouldDenyView(db, await storedSet(call, call.params['set'] ?? ''), range) };
      },
    },
  ];
}

/** The window or capture that a query is about: the last hour, or the whole capture, when it names none. */
function trafficOf(query: RangeQuery & { readonly capture?: string | undefined }, now: number): Traffic {
  const { capture } = query;
  if (capture !== undefined) return { capture, range: rangeInCapture(query, now) ?? EVER };
  return { range: rangeOf(query, now) ?? { from: now - HOUR_MS, to: now } };
}

/** The policy that a path names: kind `cnp`, `ccnp` or `knp`, namespace `-` for a clusterwide one. */
function refIn({ kind = '', namespace = '', name = '' }: Call['params']): PolicyRef {
  if (!/^c?cnp$|^knp$/.test(kind) || (kind === 'ccnp') !== (namespace === '-')) {
    throw new CausewayError('not-found', 'there is no such kind of policy');
  }
  return kind === 'ccnp' ? `ccnp:${name}` : `${kind}:${namespace}/${name}`;
}

/** The inventory of a cluster whose objects nobody reads, or that have not been read yet. */
const noPolicies = (source: PolicySource, { range }: Traffic): PolicyList => ({
  source,
  set: { hash: '', since: source.since, policies: 0 },
  ...range,
  policies: [],
  namespaces: [],
  incompleteMinutes: 0,
});
