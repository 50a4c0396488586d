// Threads: cilium/cilium #17505, #23978, #33277, PR #12289.
import { decide } from '#lib/policy/decide.ts';
import type { Question, World } from '#lib/policy/model.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknownWithout } from '../outcome.ts';
import { type PolicyView, policyView } from '../policy-view.ts';

/** What nodes cannot do without: who, to whom, on which port. */
const NEEDED = [
  {
    what: 'the API server reaching kubelets (TCP 10250)',
    ask: (node: string): Question => ({ src: { entity: 'kube-apiserver' }, dst: { node }, protocol: 'TCP', port: 10_250 }),
  },
  {
    what: 'nodes reaching the API server (TCP 443)',
    ask: (node: string): Question => ({ src: { node }, dst: { entity: 'kube-apiserver' }, protocol: 'TCP', port: 443 }),
  },
  {
    what: 'health checks between nodes (TCP 4240)',
    ask: (node: string): Question => ({ src: { entity: 'remote-node' }, dst: { node }, protocol: 'TCP', port: 4240 }),
  },
  {
    what: 'the relay reaching Hubble (TCP 4244)',
    ask: (node: string): Question => ({ src: { entity: 'remote-node' }, dst: { node }, protocol: 'TCP', port: 4244 }),
  },
  {
    what: 'the tunnel between nodes (UDP 8472)',
    ask: (node: string): Question => ({ src: { entity: 'remote-node' }, dst: { node }, protocol: 'UDP', port: 8472 }),
    only: 'tunnel',
  },
  {
    what: 'WireGuard between nodes (UDP 51871)',
    ask: (node: string): Question => ({ src: { entity: 'remote-node' }, dst: { node }, protocol: 'UDP', port: 51_871 }),
    only: 'wireguard',
  },
] as const;

export const hostPolicies: PreflightCheck = {
  number: 28,
  id: 'host-policies',
  title: 'Host policies leave the way in open',
  severity: 'error',
  subsystem: 'policies',
  gates: [],
  acknowledge: [2],
  why: 'A host policy that forgets the kubelet, the API server or Cilium’s own ports locks everybody out of the node, this console included. What replaces it has to come from the cloud’s serial console.',
  fix: 'Put host endpoints into audit mode first, look at their AUDIT flows, and allow what nodes need before it is enforced.',
  links: [...threads('17505', '23978', '33277', 'PR 12289'), ciliumDocs('Host firewall', 'security/host-firewall/')],
  needs: ['policies', 'nodes', 'values', 'cilium-config'],
  decide(inputs) {
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    const own = view.lint.subjects.entries.filter(({ subject }) => subject.node);
    if (own.length === 0) return outcomeOf([note('policies', 'no policy selects nodes')]);
    const firewall = inputs.settings.flag('hostFirewall.enabled');
    if (firewall === undefined) return unknownWithout('values', 'cilium-config');
    const refs = [...new Set(own.map(({ policy }) => policy))];
    if (!firewall)
      return outcomeOf([
        note(
          inputs.settings.nameOf('hostFirewall.enabled'),
          `the host firewall is off: ${refs.slice(0, 5).join(', ')} ${refs.length === 1 ? 'does' : 'do'} nothing`,
        ),
      ]);
    const world = view.lint.world?.world;
    if (!world || world.nodes.length === 0) return unknownWithout('nodes');
    const needed = NEEDED.filter(
      (each) =>
        !('only' in each) ||
        (each.only === 'tunnel'
          ? inputs.settings.text('routingMode') !== 'native'
          : inputs.settings.text('encryption.type') === 'wireguard' && inputs.settings.flag('encryption.enabled')),
    );
    return outcomeOf(lockedOut(view, world, needed));
  },
};

function lockedOut({ compiled }: PolicyView, { nodes }: World, needed: readonly (typeof NEEDED)[number][]): PreflightFinding[] {
  if (!compiled) return [];
  const findings = needed.flatMap(({ what, ask }) => {
    const denied = nodes.filter(({ id }) => {
      const { ingress, egress } = decide(compiled, ask(id));
      return ingress.verdict === 'denied' || egress.verdict === 'denied';
    });
    const [first] = denied;
    return first
      ? [
          fail(
            `Node ${first.id}`,
            `its policies deny ${what}${denied.length > 1 ? `, as those of ${denied.length - 1} more` : ''}`,
          ),
        ]
      : [];
  });
  return findings.length > 0
    ? findings
    : [note('policies', 'host policies allow what nodes need; rehearse them in audit mode all the same')];
}
