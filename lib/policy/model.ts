/**
 * What policies are judged against and what a judgement says. The words are those of Cilium 1.19: an endpoint's labels make its identity, policy is
 * judged for identities, once at the source (egress) and once at the destination (ingress).
 *
 * Objects keyed by what workloads choose (`labels`) may hold a key `__proto__`: go through them with `Object.entries` and make them with
 * `Object.fromEntries`.
 */

/** `key` to value, as Kubernetes writes labels. */
export type Labels = Readonly<Record<string, string>>;

/** Protocols that a policy can name. */
export const POLICY_PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6'] as const;
export type PolicyProtocol = (typeof POLICY_PROTOCOLS)[number];

/** Settings of the agents that change a verdict. Absent is Cilium's default. */
export interface AgentConfig {
  /** `default`: an endpoint is closed by the policies that select it; `always`: without any; `never`: policies are ignored. */
  readonly policyEnforcement?: 'default' | 'always' | 'never';
  /** `always` (default): the local host may reach local endpoints; `policy`: it needs a rule. */
  readonly allowLocalhost?: 'always' | 'policy';
  readonly hostFirewall?: boolean;
  readonly nodeSelectorLabels?: boolean;
  readonly policyCIDRMatchMode?: readonly string[];
  readonly dualStack?: boolean;
  /** `default` when absent. */
  readonly clusterName?: string;
  readonly disableNonDefaultDenyPolicies?: boolean;
  readonly disablePolicyDefaultLocalCluster?: boolean;
  /** L3/L4 denials are reported and let through. */
  readonly policyAuditMode?: boolean;
  /** Cilium's option `labels`: the patterns that decide which labels make an identity. */
  readonly labels?: string;
}

export interface NamedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** A pod that Cilium manages. */
export interface WorldEndpoint {
  readonly id: string;
  readonly namespace: string;
  /** Its workload, named as in flows. No verdict rests on it. */
  readonly workload?: string;
  /** Of the pod, before the identity filter. */
  readonly labels: Labels;
  readonly serviceAccount?: string;
  readonly ip?: string;
  readonly namedPorts?: readonly NamedPort[];
  /** Set when it lives in another cluster. */
  readonly cluster?: string;
  /** Labels of its identity, sorted, `source:key=value`, where the cluster's own objects say them: then nothing is derived. */
  readonly identityLabels?: readonly string[];
}

export interface WorldNode {
  readonly id: string;
  /** The node whose endpoints are judged; it is their `host`. */
  readonly local?: boolean;
  readonly ip?: string;
  readonly labels?: Labels;
  readonly kubeApiServer?: boolean;
}

/** An address outside the cluster of which something is known. */
export interface WorldAddress {
  readonly ip: string;
  readonly kubeApiServer?: boolean;
}

export interface CidrGroup {
  readonly name: string;
  readonly labels?: Labels;
  readonly externalCIDRs: readonly string[];
}

export interface WorldService {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Labels;
  /** Absent for a service without a selector: then `backends` are its addresses. */
  readonly selector?: Labels;
  readonly backends?: readonly string[];
}

/** Kinds of facts that a source may lack. */
export const WORLD_PARTS = ['endpoints', 'namespaces', 'nodes', 'services', 'cidrGroups', 'names', 'config'] as const;
export type WorldPart = (typeof WORLD_PARTS)[number];

/** The facts of one cluster at one time. The form is that of the policy vectors, so a vector's world is a `World`. */
export interface World {
  readonly config: AgentConfig;
  readonly namespaces: Readonly<Record<string, { readonly labels?: Labels }>>;
  readonly endpoints: readonly WorldEndpoint[];
  readonly nodes: readonly WorldNode[];
  readonly ips: readonly WorldAddress[];
  /** DNS name (lower case, final dot or none) to the addresses learned for it. */
  readonly fqdnCache: Readonly<Record<string, readonly string[]>>;
  readonly cidrGroups: readonly CidrGroup[];
  readonly services: readonly WorldService[];
  /** Facts that are not known at all (a source that is not there, a right that is missing): what rests on them is `unknown`, never guessed. */
  readonly missing?: readonly WorldPart[];
}

/** Reserved entities that can be one side of a question. */
export const ENTITIES = ['health', 'init', 'ingress', 'unmanaged', 'world', 'host', 'remote-node', 'kube-apiserver'] as const;
export type Entity = (typeof ENTITIES)[number];

/** What is known of one side from a flow or a traffic tuple: less than the cluster knows. */
export interface SeenPeer {
  /** Labels of its identity, `source:key=value`; for nodes and the outside its `reserved:` labels. */
  readonly labels: readonly string[];
  /** Its own address; absent where it is not known. */
  readonly ip?: string;
  /** DNS names its address was learned for; absent where it is not known which. */
  readonly names?: readonly string[];
  /** Of a node's address: whether it is the node of the other side. Absent where it is not known. */
  readonly local?: boolean;
}

/** One side of a question: somebody of the world, an address (listed in `ips` or not), an entity, or what a flow says. */
export type Peer =
  | { readonly endpoint: string }
  | { readonly node: string }
  | { readonly ip: string }
  | { readonly entity: Entity }
  | { readonly seen: SeenPeer };

export interface HttpRequest {
  readonly method: string;
  /** `:path`, query string included. */
  readonly path: string;
  /** Authority with its port; absent: the request has none. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request; fields that a record does not hold (headers, usually) are in `notSeen`. */
export type L7Request =
  | { readonly http: HttpRequest; readonly notSeen?: readonly ('headers' | 'host' | 'path' | 'method')[] }
  | { readonly dns: string };

/** May the first packet of this connection, and then this request, pass? */
export interface Question {
  readonly src: Peer;
  readonly dst: Peer;
  readonly protocol: PolicyProtocol;
  /** Destination port, or the ICMP type. */
  readonly port: number;
  readonly l7?: L7Request;
}

/** `cnp:namespace/name`, `ccnp:name` or `knp:namespace/name`. */
export type PolicyRef = string;

/** One element of `ingress`, `egress`, `ingressDeny` or `egressDeny`, by its place in the object. */
export interface RuleRef {
  readonly policy: PolicyRef;
  /** e.g. `spec.ingress[0]`, `specs[1].egressDeny[2]`. */
  readonly path: string;
}

export const DECISION_REASONS = [
  'not-subject',
  'no-policy',
  'allow-rule',
  'deny-rule',
  'default-deny',
  'default-allow',
  'localhost',
  'resolve-error',
  'unknown',
] as const;
export type DecisionReason = (typeof DECISION_REASONS)[number];

/** Kinds of L7 redirects, as in Cilium's parser types. */
export type RedirectKind = 'http' | 'dns' | 'kafka' | 'l7proto' | 'tls' | 'crd';

/** Why a question cannot be answered: `code` is stable, `detail` is for people. */
export interface UnknownReason {
  readonly code: string;
  readonly detail: string;
  /** The rule whose answer it would change. */
  readonly rule?: RuleRef;
}

/** What one direction says. The fields are those of the policy vectors, where README.md there defines them. */
export interface DirectionDecision {
  readonly enforced: boolean;
  readonly defaultDeny: boolean;
  /** At L3/L4. */
  readonly verdict: 'allowed' | 'denied' | 'error' | 'unknown';
  readonly reason: DecisionReason;
  /** Every policy with an allow (deny) rule that covers the question at L3/L4: sorted, each once. */
  readonly matchAllow: readonly PolicyRef[];
  readonly matchDeny: readonly PolicyRef[];
  /** The rules behind them, in the order of the policies and of the rules in them. */
  readonly allowRules: readonly RuleRef[];
  readonly denyRules: readonly RuleRef[];
  readonly auth?: 'required' | 'test-always-fail';
  readonly redirect?: RedirectKind;
  /** Present when a request was asked about and the traffic is redirected to a proxy of its kind. */
  readonly l7?: 'allowed' | 'denied' | 'unknown';
  /** The denial is only reported. */
  readonly audit?: boolean;
  /** Not empty exactly where `verdict` or `l7` is `unknown`. */
  readonly unknown?: readonly UnknownReason[];
}

export interface PolicyDecision {
  /** Of both directions, L7 included. Unknown only when no direction denies and one cannot tell. */
  readonly verdict: 'allowed' | 'denied' | 'error' | 'unknown';
  readonly egress: DirectionDecision;
  readonly ingress: DirectionDecision;
}

/** Kinds of policy objects that are judged. */
export const POLICY_KINDS = ['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy', 'NetworkPolicy'] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** A policy object as the API server gives it: JSON, in which `null`, `[]`, `{}` and absence all mean different things. */
export interface PolicyObject {
  readonly apiVersion?: string;
  readonly kind: PolicyKind;
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
    readonly uid?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly specs?: unknown;
  readonly status?: unknown;
}

/** A place in a file, both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with an object, as Cilium would say: `schema` at the API server, `engine` in the agent (stored but not enforced), `lint` accepted but not meant. */
export interface PolicyProblem {
  readonly layer: 'schema' | 'engine' | 'lint';
  /** The classes of the validation rules, e.g. `combined-peers`, `bad-port`, `unknown-field`. */
  readonly class: string;
  readonly message: string;
  /** Path in the object, e.g. `spec.egress[0].toPorts[0].ports[0].port`. */
  readonly path: string;
  readonly place?: TextPlace;
}
