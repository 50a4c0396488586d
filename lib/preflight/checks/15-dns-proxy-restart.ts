// Threads: cilium/cilium #21059, #19041, #16364, #26411, #29508, #24353, #25877, #14333.
import { meetsAll } from '#lib/policy/selector.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { objectText } from '#lib/world/labels.ts';
import { own, part } from '#lib/world/object.ts';
import type { PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs } from '../inputs.ts';
import { threads } from '../links.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';
import { type PolicyView, policyView } from '../policy-view.ts';
import type { TrafficFacts } from '../traffic.ts';

/** Largest share of the nodes whose agents may restart at once. */
const MOST_AT_ONCE = 0.25;

export const dnsProxyRestart: PreflightCheck = {
  number: 15,
  id: 'dns-proxy-restart',
  title: 'What stops resolving while an agent restarts',
  severity: 'warning',
  subsystem: 'DNS',
  gates: [],
  acknowledge: [2, 3, 4],
  why: 'Queries of pods behind a DNS rule go through the agent of their node. While it restarts they are not answered, on as many nodes as may restart at once.',
  fix: 'Roll one node at a time (updateStrategy.rollingUpdate.maxUnavailable: 1), in a window, and compare DNS failures before and after.',
  links: threads('21059', '19041', '16364', '26411', '29508', '24353', '25877', '14333'),
  needs: ['policies', 'pods', 'nodes', 'values', 'flows'],
  decide(inputs) {
    const view = policyView(inputs);
    if (!view) return unknownWithout('policies');
    if (!view.lint.subjects.entries.some(isDns))
      return outcomeOf([note('policies', 'no DNS rule: no query goes through an agent')]);
    if (!view.lint.world) return unknownWithout('pods');
    return outcomeOf(
      [...behindProxies(inputs, view), ...atOnce(inputs), ...sample(inputs.flows)],
      [
        ...(inputs.settings.text('updateStrategy.type') === undefined ? (['values'] as const) : []),
        ...(inputs.objects.known('Node') ? [] : (['nodes'] as const)),
        ...(inputs.flows ? [] : (['flows'] as const)),
      ],
    );
  },
};

const isDns = ({ deny, direction, ports }: PolicyView['lint']['subjects']['entries'][number]): boolean =>
  !deny && direction === 'egress' && (ports?.some(({ l7 }) => l7?.kind === 'dns') ?? false);

/** How many pods of each node ask through its agent. */
function behindProxies({ objects }: PreflightInputs, { lint }: PolicyView): PreflightFinding[] {
  const world = lint.world;
  if (!world) return [];
  const rules = lint.subjects.entries.filter(isDns).filter(({ subject }) => !subject.node);
  const behind = new Map(
    world.pods.map((identity) => [
      identity,
      rules.some(({ subject }) => meetsAll(subject.requirements, identity.labels) === 'yes'),
    ]),
  );
  const nodeOf = new Map(
    objects
      .all('Pod')
      .map(({ namespace, name, json }) => [`${namespace}/${name}`, objectText(own(part(json, 'spec'), 'nodeName'))]),
  );
  const counts = new Map<string, number>();
  let all = 0;
  for (const endpoint of world.world.endpoints) {
    if (endpoint.cluster !== undefined || !behind.get(world.index.endpointPeer(endpoint).identity)) continue;
    all++;
    const node = nodeOf.get(endpoint.id) ?? '';
    if (node !== '') counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  const most = [...counts].toSorted(([, a], [, b]) => b - a)[0];
  return [
    note(
      'policies',
      `${counted(all, 'pod')} ${all === 1 ? 'asks' : 'ask'} through the agent of ${all === 1 ? 'its' : 'their'} node${most ? `, ${most[1].toLocaleString('en-US')} of them on ${most[0]}` : ''}`,
    ),
  ];
}

function atOnce({ settings, objects }: PreflightInputs): PreflightFinding[] {
  const nodes = objects.all('Node').length;
  const type = settings.text('updateStrategy.type');
  if (type === undefined || nodes === 0) return [];
  const name = settings.nameOf('updateStrategy.rollingUpdate.maxUnavailable');
  if (type === 'OnDelete') return [note(name, 'agents restart only when their pod is deleted')];
  const text = settings.text('updateStrategy.rollingUpdate.maxUnavailable') ?? '';
  const most = mostOf(text, nodes);
  if (most === undefined) return [unknown(name, `“${text.slice(0, 40)}” is no number of nodes`)];
  if (most > 1 && most / nodes > MOST_AT_ONCE)
    return [
      fail(name, `${most} of ${counted(nodes, 'agent')} may restart at once: pods of these nodes resolve nothing meanwhile`),
    ];
  return [note(name, `${most} of ${counted(nodes, 'agent')} may restart at once`)];
}

/** As Kubernetes rounds it: up. */
function mostOf(text: string, nodes: number): number | undefined {
  const match = /^(\d{1,6})(%?)$/.exec(text);
  if (!match) return undefined;
  return match[2] === '%' ? Math.ceil((nodes * Number(match[1])) / 100) : Number(match[1]);
}

/** What a later sample is compared with. */
function sample(flows: TrafficFacts | undefined): PreflightFinding[] {
  if (!flows) return [];
  const queries = flows.traffic.filter(({ port, l7 }) => port === 53 || l7 === 'dns');
  const all = queries.reduce((sum, each) => sum + each.flows, 0);
  if (all === 0) return [unknown('flows', 'no DNS query has been seen: there is nothing to compare with after a restart')];
  const failed = queries
    .filter(({ verdict }) => verdict === 'DROPPED' || verdict === 'ERROR')
    .reduce((sum, each) => sum + each.flows, 0);
  return [
    note('flows', `${failed.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} DNS flows were refused or failed before`),
  ];
}
