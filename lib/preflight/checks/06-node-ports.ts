// Threads: aws-ia/terraform-aws-eks-blueprints #1618, PR #1619; the Hubble set-up page.
import { counted } from '#lib/policy/lint/words.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { nodeCount } from '../node-count.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';

export const nodePorts: PreflightCheck = {
  number: 6,
  id: 'node-ports',
  title: 'Ports open between nodes',
  severity: 'error',
  subsystem: 'pods and nodes',
  gates: [1, 3],
  acknowledge: [],
  why: 'Nodes have to reach each other on TCP 4244 (Hubble), TCP 4240 (health), UDP 51871 (WireGuard) and, with an overlay, on its port. Security groups of nodes open few ports by themselves.',
  fix: 'Open TCP 4240 and 4244, UDP 51871, and with an overlay UDP 8472 (VXLAN) or 6081 (Geneve), from the nodes’ security group to itself.',
  links: [
    ...threads('aws-ia/terraform-aws-eks-blueprints#1618', 'PR aws-ia/terraform-aws-eks-blueprints#1619'),
    ciliumDocs('Firewall rules', 'operations/system_requirements/'),
    ciliumDocs('Setting up Hubble', 'observability/hubble/setup/'),
  ],
  needs: ['relay', 'cilium-status', 'encryption-status', 'nodes', 'values', 'cilium-config'],
  decide(inputs) {
    const nodes = nodeCount(inputs);
    const proofs = [hubble(inputs, nodes), health(inputs), wireGuard(inputs, nodes)];
    const findings = proofs.flatMap((proof) => proof ?? []);
    if (findings.length === 0)
      return unknownWithout('relay', 'cilium-status', ...(nodes === undefined ? (['nodes'] as const) : []));
    return outcomeOf([...findings, ...overlay(inputs)]);
  },
};

/** The relay reaches each agent on TCP 4244. */
function hubble({ relay }: PreflightInputs, nodes: number | undefined): PreflightFinding[] | undefined {
  if (!relay) return undefined;
  const expected = Math.max(nodes ?? 0, relay.expected);
  if (expected === 0) return undefined;
  if (relay.connected >= expected) return [note('Hubble Relay', `it reaches all ${counted(expected, 'node')} on TCP 4244`)];
  const names = relay.missing.slice(0, 20).join(', ');
  return [
    fail(
      'Hubble Relay',
      `it reaches ${relay.connected} of ${counted(expected, 'node')}: TCP 4244 is closed, or no agent runs there${names && `: ${names}`}`,
    ),
  ];
}

/** Agents reach each other's health endpoint on TCP 4240. */
function health({ status }: PreflightInputs): PreflightFinding[] | undefined {
  const agents = status?.agents ?? [];
  const unreachable = agents.flatMap(({ pod, unreachable: names }) => names.map((name) => ({ pod, name })));
  const counts = agents.flatMap((agent) => reachable(agent.health) ?? []);
  if (unreachable.length > 0)
    return unreachable.map(({ pod, name }) =>
      fail(`Node ${name}`, `agent ${pod || 'of this status'} does not reach it on TCP 4240`),
    );
  const low = counts.find(({ of, reached }) => reached < of);
  if (low) return [fail('cilium status', `an agent reaches ${low.reached} of ${counted(low.of, 'node')} on TCP 4240`)];
  const probing = agents.filter(({ probedNodes = 0, health: text }) => probedNodes > 0 || reachable(text)).length;
  // That the health daemon is `Ok` says that it runs, not whom it reaches.
  return probing === 0
    ? undefined
    : [note('cilium status', `${counted(probing, 'agent')} of ${agents.length} reach every node on TCP 4240`)];
}

/** `Ok: 5/6 reachable`. */
function reachable(text: string): { readonly reached: number; readonly of: number } | undefined {
  const [, reached, of] = /\b(\d{1,6})\/(\d{1,6})\b/.exec(text) ?? [];
  return reached !== undefined && of !== undefined ? { reached: Number(reached), of: Number(of) } : undefined;
}

/** Each agent has all other nodes as peers of WireGuard on UDP 51871. */
function wireGuard({ status, encryption }: PreflightInputs, nodes: number | undefined): PreflightFinding[] | undefined {
  const peers = [
    ...(status?.agents ?? []).map(({ pod, wireGuardPeers }) => ({ name: `Agent ${pod}`, peers: wireGuardPeers })),
    ...(encryption?.details ?? []).map((detail) => ({ name: `Node ${detail.node}`, peers: detail.peers })),
  ].filter((each): each is { name: string; peers: number } => each.peers !== undefined);
  if (peers.length === 0 || nodes === undefined) return undefined;
  const few = peers.filter(({ peers: count }) => count < nodes - 1);
  return few.length > 0
    ? few.map(({ name, peers: count }) =>
        fail(name, `it has ${counted(count, 'WireGuard peer')} where there are ${nodes - 1} other nodes`),
      )
    : [note('WireGuard', `every agent has the ${nodes - 1} other nodes as peers (UDP 51871)`)];
}

function overlay({ settings }: PreflightInputs): PreflightFinding[] {
  if (settings.text('routingMode') !== 'tunnel') return [];
  const isGeneve = settings.text('tunnelProtocol') === 'geneve';
  const port = settings.number('tunnelPort') || (isGeneve ? 6081 : 8472);
  return [
    note(settings.nameOf('routingMode'), `the overlay needs UDP ${port} between nodes as well: agents’ health goes through it`),
  ];
}
