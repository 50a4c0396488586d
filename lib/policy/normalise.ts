import { DEFAULT_CLUSTER } from './labels.ts';
import type { AgentConfig, PolicyObject, PolicyRef, WorldService } from './model.ts';
import { networkPolicyEntries } from './normalise-knp.ts';
import { type PeerContext, type Peers, peersOf } from './peers.ts';
import { refOf } from './policy-ref.ts';
import { type PortSection, sectionsOf } from './sections.ts';
import { SelectorTable } from './selector-table.ts';
import { type Requirements, requirementsOf, subjectInNamespace } from './selector.ts';
import { isRecord, listOf, recordOf } from './schema/problems.ts';

export type Direction = 'ingress' | 'egress';
export type AuthMode = 'disabled' | 'required' | 'test-always-fail';

/** Whom a policy is for: endpoints, or the local host (`node`). */
export interface Subject {
  readonly node: boolean;
  readonly requirements: Requirements;
}

/** One element of `ingress`, `egress`, `ingressDeny` or `egressDeny`: what the engine judges by. */
export interface Entry {
  readonly policy: PolicyRef;
  /** `spec.ingress[0]`. A policy that closes a direction without a rule has an entry for it, which names nobody. */
  readonly path: string;
  readonly subject: Subject;
  readonly direction: Direction;
  readonly deny: boolean;
  readonly defaultDeny: boolean;
  readonly peers: Peers;
  /** Undefined: every port of every protocol. */
  readonly ports: readonly PortSection[] | undefined;
  readonly auth?: AuthMode;
}

/** The facts that the entries of a policy rest on, besides the policy. */
export interface NormaliseContext {
  readonly config: AgentConfig;
  readonly services: readonly WorldService[];
  readonly servicesMissing: boolean;
  /** Where equal selectors become one; absent: among the entries of this policy only. */
  readonly selectors?: SelectorTable;
}

const SECTIONS = ['ingress', 'ingressDeny', 'egress', 'egressDeny'] as const;
const AUTH_MODES: readonly unknown[] = ['disabled', 'required', 'test-always-fail'] satisfies AuthMode[];

/** The entries of a policy that Cilium accepts, in the order of its rules. */
export function entriesOf(object: PolicyObject, given: NormaliseContext): Entry[] {
  const context = { selectors: new SelectorTable(), ...given };
  const policy = refOf(object);
  if (object.kind === 'NetworkPolicy') return networkPolicyEntries(object, policy, context);
  const namespace = object.kind === 'CiliumNetworkPolicy' ? (object.metadata.namespace ?? 'default') : undefined;
  const specs = [
    ...(isRecord(object.spec) ? [{ spec: object.spec, path: 'spec' }] : []),
    ...listOf(object.specs).map((spec, index) => ({ spec: recordOf(spec), path: `specs[${index}]` })),
  ];
  return specs.flatMap(({ spec, path }) => specEntries(spec, path, policy, namespace, context));
}

function specEntries(
  spec: Readonly<Record<string, unknown>>,
  path: string,
  policy: PolicyRef,
  namespace: string | undefined,
  { config, services, servicesMissing, selectors }: Required<NormaliseContext>,
): Entry[] {
  const subject = subjectOf(spec, namespace);
  const context: PeerContext = {
    config,
    services,
    servicesMissing,
    namespace,
    cluster: config.disablePolicyDefaultLocalCluster ? undefined : (config.clusterName ?? DEFAULT_CLUSTER),
    subjectIsInit: !subject.node && subject.requirements.some(({ source, key }) => source === 'reserved' && key === 'init'),
  };
  return SECTIONS.flatMap((section) => {
    const direction = section.startsWith('ingress') ? 'ingress' : 'egress';
    const defaultDeny = closes(spec, direction, config);
    return listOf(spec[section]).map((element, index): Entry => {
      const rule = recordOf(element);
      const mode = recordOf(rule['authentication'])['mode'];
      const ports = sectionsOf(rule);
      const deny = section.endsWith('Deny');
      return {
        policy,
        path: `${path}.${section}[${index}]`,
        subject,
        direction,
        deny,
        defaultDeny,
        peers: selectors.peers(peersOf(rule, section, ports !== undefined, context)),
        ports: deny ? ports?.map(withoutL7) : ports,
        ...(!deny && AUTH_MODES.includes(mode) && { auth: mode as AuthMode }),
      };
    });
  });
}

/** A deny section has no L7: what is written there is dropped and the whole port is meant. */
function withoutL7(section: PortSection): PortSection {
  const { l7: _l7, ...rest } = section;
  return rest;
}

function subjectOf(spec: Readonly<Record<string, unknown>>, namespace: string | undefined): Subject {
  const node = isRecord(spec['nodeSelector']);
  const requirements = requirementsOf(node ? spec['nodeSelector'] : spec['endpointSelector']);
  return { node, requirements: namespace === undefined ? requirements : subjectInNamespace(requirements, namespace) };
}

/** Whether the entries of a direction close it: by `enableDefaultDeny`, else because there are any. */
function closes(spec: Readonly<Record<string, unknown>>, direction: Direction, config: AgentConfig): boolean {
  const given = recordOf(spec['enableDefaultDeny'])[direction];
  return config.disableNonDefaultDenyPolicies === true || given !== false;
}
