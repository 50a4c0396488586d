import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { JudgeInput, ReplayPeer, ReplayTuple } from '#lib/audit/judge-input.ts';
import { replayFlows } from '#lib/audit/replay-tuples.ts';
import { labelSetOf } from '#lib/ledger/label-set.ts';
import type { World } from '#lib/policy/model.ts';
import { factsOf } from '#lib/world/world-builder.ts';
import { recordedFlows, recordingMissing } from './recording.ts';

const OBJECTS = resolve('../shared/flows/world');

export const EMPTY_WORLD: World = {
  config: {},
  namespaces: {},
  endpoints: [],
  nodes: [],
  ips: [],
  fqdnCache: {},
  cidrGroups: [],
  services: [],
};

/** The recorded world with its policies and all of the recording. */
export function recordedInput(): JudgeInput {
  // A suite that is skipped is looked through all the same.
  if (!existsSync(OBJECTS)) return new TrafficBuilder().input();
  const objects = readdirSync(OBJECTS).flatMap((file): unknown[] =>
    parseAllDocuments(readFileSync(join(OBJECTS, file), 'utf8')).map((document) => document.toJS() as unknown),
  );
  const { world, policies } = factsOf(objects);
  const flows = recordedFlows();
  const times = flows.map(({ time }) => time);
  const traffic = replayFlows(flows);
  return { world, policies, setHash: '', ...traffic, from: Math.min(...times), to: Math.max(...times), incompleteMinutes: 0 };
}

/** Why the recorded input cannot be made here; undefined when it can. */
export const recordedInputMissing = (): string | undefined =>
  recordingMissing() ?? (existsSync(OBJECTS) ? undefined : 'the folder ../shared/flows/world is not here');

/** Traffic written by hand: tuples between peers, made into an input. */
export class TrafficBuilder {
  readonly #labelSets = new Map<string, readonly string[]>();
  readonly #tuples: ReplayTuple[] = [];

  /** A pod of `namespace/workload` with labels of its own, e.g. `app=ledger`. */
  pod(name: string, labels: readonly string[] = [`app=${name.split('/')[1] ?? ''}`], identity = 0): ReplayPeer {
    const [namespace = '', workload = ''] = name.split('/');
    const set = labelSetOf([
      ...labels.map((label) => `k8s:${label}`),
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
      'k8s:io.cilium.k8s.policy.cluster=default',
    ]);
    this.#labelSets.set(set.hash, set.labels);
    return { ...NOBODY, name, namespace, workload, labels: set.hash, identity: identity || 1000 + this.#labelSets.size };
  }

  tuple(
    source: ReplayPeer,
    destination: ReplayPeer,
    more: Partial<ReplayTuple> & { readonly verdict?: string; readonly dropReason?: string } = {},
  ): this {
    const { verdict = 'FORWARDED', dropReason = verdict === 'DROPPED' ? 'POLICY_DENIED' : '', ...rest } = more;
    const flows = rest.flows ?? 1000;
    this.#tuples.push({
      id: String(this.#tuples.length).padStart(4, '0'),
      source,
      destination,
      protocol: 'TCP',
      port: 8080,
      icmpTypes: [],
      l7: null,
      paths: [],
      other: false,
      oriented: true,
      flows,
      firstSeen: 0,
      lastSeen: 7 * 86_400_000,
      seen: [{ verdict, dropReason, flows }],
      ...rest,
    });
    return this;
  }

  input(more: Partial<JudgeInput> = {}): JudgeInput {
    const window = { from: 0, to: 7 * 86_400_000, incompleteMinutes: 0 };
    return {
      world: EMPTY_WORLD,
      policies: [],
      setHash: '',
      tuples: this.#tuples,
      labelSets: this.#labelSets,
      ...window,
      ...more,
    };
  }
}

const NOBODY = { name: '', namespace: '', workload: '', identity: 0, labels: '', addresses: [], moreAddresses: false, names: [] };

export const entity = (name: string): ReplayPeer => ({ ...NOBODY, name: `entity:${name}` });
export const address = (ip: string): ReplayPeer => ({ ...NOBODY, name: `cidr:${ip}/32`, addresses: [ip] });
export const named = (name: string, ip: string): ReplayPeer => ({
  ...NOBODY,
  name: `fqdn:${name}`,
  addresses: [ip],
  names: [name],
});
