import { recordOf } from '#lib/flow/json-record.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import { own, part } from '#lib/world/object.ts';
import { isOfAgent, isOfCli } from './cilium-status.ts';
import { isOfCluster, nodesIn } from './encryption-status.ts';
import { readJsonObjects } from './json-text.ts';

/** How much of a text that is no JSON is looked at. */
const HEAD = 64 * 1024;

/**
 * What a file is by its content, and by its name where the content leaves two possibilities (a measurement before or after). Undefined where it is
 * nothing that is known. Nothing is said about whether it can be read.
 */
export function sniff(name: string, text: string): UploadKind | undefined {
  const head = text.replace(/^\ufeff/, '').slice(0, HEAD);
  if (/^\s*</.test(head)) return /<(testsuites|testsuite)[\s>]/.test(head) ? 'connectivity-junit' : undefined;
  if (/^\s*[{[]/.test(head)) return jsonKind(name, text);
  if (/^\s*agent\s*\{/m.test(head)) return 'agent-conf';
  const kind = /^kind:\s*["']?([A-Za-z]+)/m.exec(head)?.[1];
  if (kind !== undefined && /^apiVersion:/m.test(head)) return kindOfObject(kind, /^\s{2,}agent\.conf:/m.test(head));
  return isValues(name, /^([A-Za-z][\w.-]*):(\s|$)/gm, head) ? 'helm-values' : undefined;
}

function jsonKind(name: string, text: string): UploadKind | undefined {
  const file = readJsonObjects(text, 'the file');
  const first = file.ok ? file.value[0] : undefined;
  if (!first) return undefined;
  const kind = own(first, 'kind');
  if (typeof kind === 'string') return kindOfObject(kind, own(part(first, 'data'), 'agent.conf') !== undefined);
  if (Array.isArray(own(first, 'entries'))) return 'spire-entries';
  if (part(first, 'start') && part(first, 'end'))
    return /after|nachher|wireguard|wg/i.test(name) ? 'iperf3-after' : 'iperf3-before';
  if (isOfCli(first) || isOfAgent(first)) return 'cilium-status';
  if (isOfCluster(first) || nodesIn(first).length > 0) return 'encryption-status';
  if (recordOf(own(first, 'agent'))) return 'agent-conf';
  const keys = Object.keys(first)
    .map((key) => `${key}: `)
    .join('\n');
  return isValues(name, /^([A-Za-z][\w.-]*):(\s|$)/gm, keys) ? 'helm-values' : undefined;
}

function kindOfObject(kind: string, holdsConf: boolean): UploadKind {
  if (kind === 'Application') return 'argocd-application';
  return kind === 'ConfigMap' && holdsConf ? 'agent-conf' : 'objects';
}

/** Keys at the top that Cilium's chart has and few others do. */
const CHART_KEYS = new Set(
  'cni kubeProxyReplacement k8sServiceHost encryption hubble ipam eni routingMode authentication cilium operator bpf policyEnforcementMode enableIPv4Masquerade clustermesh'.split(
    ' ',
  ),
);

const isValues = (name: string, form: RegExp, text: string): boolean =>
  [...text.matchAll(form)].some(([, key]) => CHART_KEYS.has(key ?? '')) || /values[^/]*\.(ya?ml|json)$/i.test(name);
