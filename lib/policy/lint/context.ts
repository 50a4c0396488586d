import { type Identity, selects } from '../identity.ts';
import type { AgentConfig, PolicyObject, PolicyProblem, PolicyRef, World } from '../model.ts';
import { type Entry, entriesOf } from '../normalise.ts';
import { refOf } from '../policy-ref.ts';
import type { Peers } from '../peers.ts';
import { isRecord, listOf, recordOf } from '../schema/problems.ts';
import { SelectorTable } from '../selector-table.ts';
import { isEnforced, problemsOf } from '../validate.ts';
import { WorldIndex } from '../world-index.ts';
import { Subjects } from './subjects.ts';

/** What is known about the cluster besides its objects. */
export interface ClusterSettings {
  /** Cilium runs chained behind the AWS VPC CNI. */
  readonly chaining?: boolean;
  /** Pods get AWS credentials from the EKS Pod Identity agent. */
  readonly podIdentity?: boolean;
  /** Entries of a policy map (`bpf.policyMapMax`); Cilium's default is 16,384. */
  readonly policyMapMax?: number;
}

export interface LintPolicy {
  readonly ref: PolicyRef;
  readonly object: PolicyObject;
  readonly problems: readonly PolicyProblem[];
  /** What the engine judges by; empty where the agent refuses the policy. */
  readonly entries: readonly Entry[];
}

/** What lint rules look at. */
export interface LintContext {
  /** All policies, in the order given. */
  readonly policies: readonly LintPolicy[];
  /** Entries of all policies, by whom they are for. */
  readonly subjects: Subjects;
  readonly config: AgentConfig;
  readonly facts: ClusterSettings;
  /** Absent where the cluster's objects are not known. */
  readonly world: LintWorld | undefined;
}

/** Identities of a world, each once. */
export interface LintWorld {
  readonly world: World;
  readonly index: WorldIndex;
  /** Of the pods of this and other clusters. */
  readonly pods: readonly Identity[];
  /** Of pods, nodes and reserved entities. */
  readonly all: readonly Identity[];
}

export function lintContext(objects: readonly PolicyObject[], world: World | undefined, facts: ClusterSettings): LintContext {
  const config = world?.config ?? {};
  const services = {
    config,
    services: world?.services ?? [],
    servicesMissing: !world || (world.missing ?? []).includes('services'),
    // One for all: identities remember what selects them by the selector's number in it.
    selectors: new SelectorTable(),
  };
  const policies = objects.map((object): LintPolicy => {
    const problems = problemsOf(object, config);
    return { ref: refOf(object), object, problems, entries: isEnforced(problems) ? entriesOf(object, services) : [] };
  });
  return {
    policies,
    subjects: new Subjects(policies.flatMap(({ entries }) => entries)),
    config,
    facts,
    world: world && !(world.missing ?? []).includes('endpoints') ? lintWorld(world) : undefined,
  };
}

function lintWorld(world: World): LintWorld {
  const index = new WorldIndex(world);
  const pods = new Set(world.endpoints.map((endpoint) => index.endpointPeer(endpoint).identity));
  const others = [
    ...world.nodes.map((node) => index.nodePeer(node).identity),
    ...(['host', 'remote-node', 'health', 'init', 'ingress', 'kube-apiserver', 'unmanaged', 'world'] as const).map(
      (entity) => index.entityPeer(entity).identity,
    ),
  ];
  return { world, index, pods: [...pods], all: [...new Set([...pods, ...others])] };
}

/** Identities of the world that an entry names, of those known. */
export function namedPeers(peers: Peers, { index, all }: LintWorld): readonly Identity[] {
  if (peers === 'everybody') return all;
  if (peers === 'nobody') return [];
  return all.filter((identity) => peers.some((selector) => selects(selector, identity, index) === 'yes'));
}

/** One element of a section as it is written. */
export interface WrittenEntry {
  readonly policy: LintPolicy;
  readonly section: 'ingress' | 'ingressDeny' | 'egress' | 'egressDeny';
  readonly direction: 'ingress' | 'egress';
  readonly isDeny: boolean;
  /** Of the element. */
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly spec: WrittenSpec;
}

export interface WrittenSpec {
  readonly policy: LintPolicy;
  /** `spec` or `specs[0]`. */
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const SECTIONS = ['ingress', 'ingressDeny', 'egress', 'egressDeny'] as const;

/** `spec` and `specs` of a Cilium policy that the agent does not refuse; nothing of a NetworkPolicy. */
export function specsOf(policy: LintPolicy): WrittenSpec[] {
  const { object, problems } = policy;
  if (object.kind === 'NetworkPolicy' || !isEnforced(problems)) return [];
  return [
    ...(isRecord(object.spec) ? [{ policy, path: 'spec', fields: object.spec }] : []),
    ...listOf(object.specs).map((fields, index) => ({ policy, path: `specs[${index}]`, fields: recordOf(fields) })),
  ];
}

/** All elements of the sections of Cilium policies that the agent does not refuse. */
export function* writtenEntries({ policies }: LintContext): Generator<WrittenEntry> {
  for (const policy of policies)
    for (const spec of specsOf(policy))
      for (const section of SECTIONS)
        for (const [index, item] of listOf(spec.fields[section]).entries()) {
          const direction = section.startsWith('ingress') ? 'ingress' : 'egress';
          const path = `${spec.path}.${section}[${index}]`;
          yield { policy, section, direction, isDeny: section.endsWith('Deny'), path, fields: recordOf(item), spec };
        }
}

/** All specs of Cilium policies that the agent does not refuse. */
export const writtenSpecs = ({ policies }: LintContext): WrittenSpec[] => policies.flatMap(specsOf);
