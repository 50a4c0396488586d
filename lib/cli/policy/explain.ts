import { workloadNameOf } from '#lib/audit/isolated.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { visibleText } from '#lib/flow/text.ts';
import { compilePolicies } from '#lib/policy/compile.ts';
import { explain } from '#lib/policy/explain.ts';
import type { DirectionExplained, Explained, NearRule } from '#lib/policy/explain-model.ts';
import { findPeer, type FoundPeer } from '#lib/policy/explain-peer.ts';
import type { PolicyProtocol, Question, World } from '#lib/policy/model.ts';
import { typedRequest } from '#lib/policy/typed-request.ts';
import { nearestChanges, type NearestChange } from '#lib/policy/nearest.ts';
import { readJudgeInput, readPolicySet } from './judge-input.ts';

export interface ExplainCommandOptions {
  readonly policies?: string;
  readonly objects?: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: PolicyProtocol;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly dns?: string;
  readonly json?: boolean;
}

type Say = (line: string) => void;

/** `causeway policy explain`: why a question gets its answer. Gives the exit status: 0 when it is allowed, 1 when not. */
export async function explainQuestion(options: ExplainCommandOptions, say: Say): Promise<0 | 1> {
  const { world, policies: own } = await readJudgeInput(options);
  if (options.policies === undefined && options.objects === undefined)
    throw new CausewayError('bad-input', 'give --policies, --objects or both');
  const written = options.policies === undefined ? { policies: own } : readPolicySet(options.policies);
  const set = { compiled: compilePolicies(world, written.policies), ...written };
  const [from, to] = [whoIs('--from', options.from, world), whoIs('--to', options.to, world)];
  const l7 = typedRequest(options);
  const question: Question = { src: from.peer, dst: to.peer, protocol: options.protocol, port: options.port, ...(l7 && { l7 }) };
  const answer = explain(set, question, { from: from.name, to: to.name });
  const nearest = nearestChanges(set, question);
  if (options.json) say(JSON.stringify({ ...answer, nearest }, null, 2));
  else for (const line of [...textOf(answer), ...nearest.flatMap(changeText)]) say(visibleText(line));
  return answer.verdict === 'allowed' ? 0 : 1;
}

/** `namespace/app=ledger,tier=core` stands for a pod with these labels, for when the objects of the cluster are not at hand. */
const LABELLED = /^([a-z0-9-]+)\/([^=,]+=[^=,]*(?:,[^=,]+=[^=,]*)*)$/;

function whoIs(option: string, text: string, world: World): FoundPeer {
  const [, namespace, pairs] = LABELLED.exec(text) ?? [];
  if (namespace !== undefined && pairs !== undefined) {
    const cluster = world.config.clusterName ?? 'default';
    const labels = [
      ...pairs.split(',').map((pair) => `k8s:${pair}`),
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
      `k8s:io.cilium.k8s.policy.cluster=${cluster}`,
    ];
    return { peer: { seen: { labels } }, name: text };
  }
  const found = findPeer(text, world, workloadNameOf);
  if (found) return found;
  const hint =
    world.endpoints.length === 0
      ? 'give --objects, or labels like payments/app=ledger'
      : 'give namespace/workload, namespace/pod, an address, entity:host or fqdn:name';
  throw new CausewayError('bad-input', `${option} ${text}: nobody of that name; ${hint}`);
}

function textOf({ question, headline, egress, ingress }: Explained): string[] {
  const { from, to, protocol, port, l7 } = question;
  return [
    `${from} -> ${to} ${protocol}/${port}${l7 === '' ? '' : ` ${l7}`}`,
    headline,
    ...sideText('egress', egress),
    ...sideText('ingress', ingress),
  ];
}

const MARKS = { allowed: '+', denied: 'x', note: '-', unknown: '?' } as const;

function sideText(direction: 'egress' | 'ingress', { subject, steps, near }: DirectionExplained): string[] {
  return [
    '',
    `${direction} at ${subject}`,
    ...steps.map(({ tone, text, rule }) => `  ${MARKS[tone]} ${text}${rule ? ` [${rule.policy} ${rule.path}]` : ''}`),
    ...near.flatMap(nearText),
  ];
}

const nearText = ({ rule, text, failed }: NearRule): string[] => [
  `  ~ came near: ${rule.policy} ${rule.path}: ${text}`,
  ...failed.map(({ what, wanted, got }) => `      ${what}: wants ${wanted}, got ${got}`),
];

function changeText({ direction, text, yaml, lines }: NearestChange): string[] {
  const isNew = new Set(lines);
  return [
    '',
    `The smallest change that would allow it (${direction}): ${text}`,
    ...yaml
      .trimEnd()
      .split('\n')
      .map((line, index) => `${isNew.has(index + 1) ? '+' : ' '} ${line}`),
  ];
}
