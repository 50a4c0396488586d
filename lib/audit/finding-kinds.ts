/** Kinds of findings, worst first where a person decides; reports list them in this order. */
export const FINDING_KINDS = [
  'enforcement-gap',
  'unknown-identity',
  'l7-outside-policy',
  'plaintext-cross-node',
  'port-scan',
  'random-names',
  'hostile-text',
  'deny-rule-drop',
  'default-deny-drop',
  'auth-required-drop',
  'audit-verdict',
  'l7-denied',
  'proxy-error',
  'drop-not-policy',
  'unexplained',
  'rare-edge',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** A kind in words. */
export interface FindingWords {
  readonly title: string;
  /** `error`: policy is not what happens, or somebody attacks; `warning`: to be looked at; `note`: policy does what it says. */
  readonly severity: 'error' | 'warning' | 'note';
  /** What it is, and what it rests on. */
  readonly explanation: string;
  /** The first thing to look at. */
  readonly look: string;
}

export const FINDING_WORDS: Readonly<Record<FindingKind, FindingWords>> = {
  'enforcement-gap': {
    title: 'Let through what policy denies',
    severity: 'error',
    explanation: 'A node’s policy verdict let a connection pass that no policy in the cluster allows.',
    look: 'Compare the policy revision of the node with that of the others, and the policy it names with those the cluster has: an agent that is behind keeps an old policy in force (`cilium-dbg policy get` on that node).',
  },
  'unknown-identity': {
    title: 'An identity the cluster does not have',
    severity: 'error',
    explanation:
      'A numeric identity of the cluster’s range took part that no CiliumIdentity has, so nothing can be judged for it.',
    look: 'Find the pod by its address on the node that saw it (`cilium-dbg endpoint list`, `cilium-dbg ip list`); an identity that was deleted while in use, or forged, has no object.',
  },
  'l7-outside-policy': {
    title: 'Requests that no rule names went through',
    severity: 'error',
    explanation: 'A proxy forwarded a request that no HTTP or DNS rule of the policies on that port matches.',
    look: 'Read the rules named here beside the request: a path rule has to match the whole path; then see whether the node’s proxy has the newest policy.',
  },
  'plaintext-cross-node': {
    title: 'Unencrypted between nodes',
    severity: 'error',
    explanation:
      'A packet between pods of two nodes was at the network device with the pods’ addresses readable, although WireGuard is on, and its connection was never seen on its way into the tunnel.',
    look: 'See whether both nodes know each other’s WireGuard key (`cilium-dbg encrypt status`), and whether the pod’s address was known as a pod’s when the connection began.',
  },
  'port-scan': {
    title: 'Many ports tried',
    severity: 'error',
    explanation: 'One source was denied at 20 or more ports of one destination.',
    look: 'Look at what runs in the source: nothing that belongs there tries ports one by one.',
  },
  'random-names': {
    title: 'Many names that do not exist',
    severity: 'error',
    explanation:
      'One source looked up 20 or more names under one parent that do not exist, as malware does that looks for its server or carries data out in names.',
    look: 'Look at what runs in the source, and whether its DNS rules should name the domains it needs.',
  },
  'hostile-text': {
    title: 'Text made to hurt',
    severity: 'warning',
    explanation:
      'A workload sent text with markup, control or bidirectional characters, a spreadsheet formula, or a key that confuses JavaScript programs. The console shows it harmlessly; other tools that read the same flows may not.',
    look: 'Look at who sent it and through which door it came in, and at the tools that show these flows to people.',
  },
  'deny-rule-drop': {
    title: 'Denied by a rule',
    severity: 'note',
    explanation: 'A deny rule stopped it, as the policies say.',
    look: 'If it should pass, change the deny rule named here: no allow rule can outweigh it.',
  },
  'default-deny-drop': {
    title: 'Denied by default',
    severity: 'warning',
    explanation: 'A policy closes the endpoint and no rule allows this connection, as the policies say.',
    look: 'If it should pass, it needs a rule: ask “why?” for the nearest one. If not, look at who tries.',
  },
  'auth-required-drop': {
    title: 'Waiting for authentication',
    severity: 'warning',
    explanation: 'Policy allows it once both ends are authenticated, and they were not yet.',
    look: 'A few at the start of a connection are normal; many mean that the ends cannot get their SPIFFE identities: look at the SPIRE agent on the node.',
  },
  'audit-verdict': {
    title: 'Would be denied, only reported',
    severity: 'warning',
    explanation: 'Policy denies it, but the endpoint or the agent is in audit mode and lets it through.',
    look: 'Allow it by a rule or accept its loss before audit mode is switched off.',
  },
  'l7-denied': {
    title: 'Requests denied by a proxy',
    severity: 'note',
    explanation: 'The connection is allowed, the request is not: no rule of the policies on that port matches it.',
    look: 'Compare method, path or name with the rules of the policies named here.',
  },
  'proxy-error': {
    title: 'The proxy failed',
    severity: 'warning',
    explanation: 'A proxy could not serve a request; that is no verdict of policy.',
    look: 'Look at the proxy’s log on that node, and whether the destination answered.',
  },
  'drop-not-policy': {
    title: 'Dropped, and not by policy',
    severity: 'warning',
    explanation: 'The datapath dropped packets for a reason that no policy can change.',
    look: 'Look at the reason: its meaning and where to look are in the glossary of drop reasons.',
  },
  unexplained: {
    title: 'Not what policy says',
    severity: 'error',
    explanation: 'What was seen does not follow from the policies of the cluster, and none of the other kinds explains it.',
    look: 'See whether the policies changed during the recording, and whether all nodes have the newest revision.',
  },
  'rare-edge': {
    title: 'Allowed and rare',
    severity: 'note',
    explanation:
      'At most two connections in the whole recording, and allowed: whoever makes policies from traffic easily loses it.',
    look: 'Keep the rule that allows it, unless you know that it is not needed.',
  },
};
