import { APP_LABELS, bareKey } from './describe-selector.ts';
import { jsonsAt, jsonAt, listAt } from './describe-json.ts';
import type { PolicyObject } from './model.ts';

/** A label of a pod, its key without a source. */
export interface PodLabel {
  readonly key: string;
  readonly value: string;
}

/** Which pods of a namespace: all that carry `labels` and none of the keys in `absent`. */
export interface PodChoice {
  readonly labels: readonly PodLabel[];
  readonly absent: readonly string[];
  /** Selects nobody of those it was to avoid. False when their labels do not tell them apart. */
  readonly exact: boolean;
}

export const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
export const CLUSTER_KEY = 'io.cilium.k8s.policy.cluster';
const SERVICE_ACCOUNT_KEY = 'io.cilium.k8s.policy.serviceaccount';

/** Keys whose values change from one rollout or one pod to the next: never a reason to let somebody in. */
const PASSING =
  /(^|\/)(pod-template-hash|controller-revision-hash|pod-template-generation|rollouts-pod-template-hash|controller-uid|job-name|pod-name|pod-index|job-completion-index|revision|version|chart|managed-by)$|(^|[./])(hash|uid|checksum)$/;
const KEY = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** The value of a pod's own label or fact, e.g. its namespace; undefined where it has none. */
export function labelOf(labels: readonly string[], key: string): string | undefined {
  const prefix = `k8s:${key}=`;
  return labels.find((label) => label.startsWith(prefix))?.slice(prefix.length);
}

/** The namespace an identity's labels name; undefined for what is no pod. */
export const namespaceOf = (labels: readonly string[]): string | undefined => labelOf(labels, NAMESPACE_KEY);

/**
 * The fewest labels, the most telling first, that all of `wanted` carry (identities of one workload as `source:key=value`) and that tell them
 * from all of `avoid`. `preferred` keys go first: those that the cluster's policies use. Undefined when nothing that lasts names them.
 */
export function choosePods(
  wanted: readonly (readonly string[])[],
  avoid: readonly (readonly string[])[],
  preferred: readonly string[] = [],
): PodChoice | undefined {
  const candidates = commonLabels(wanted).toSorted(
    (a, b) => rank(a.key, preferred) - rank(b.key, preferred) || (a.key < b.key ? -1 : 1),
  );
  const [first] = candidates;
  if (!first) return undefined;
  const labels = [first];
  let left: readonly (readonly string[])[] = avoid.filter((other) => hasLabel(other, first));
  while (left.length > 0) {
    const [best, after] = narrowest(candidates, left);
    if (!best || after.length === left.length) break;
    labels.push(best);
    left = after;
  }
  const absent: string[] = [];
  while (left.length > 0) {
    const key = keyOnlyOf(left, wanted);
    if (key === undefined) break;
    absent.push(key);
    left = left.filter((other) => !hasKey(other, key));
  }
  return { labels, absent, exact: left.length === 0 };
}

/** Whether a choice selects an identity, its namespace aside. */
export const choosesLabels = (choice: PodChoice, labels: readonly string[]): boolean =>
  choice.labels.every((label) => hasLabel(labels, label)) && choice.absent.every((key) => !hasKey(labels, key));

/** Keys that name pods in the policies of a cluster, the most used first: a new rule should speak as its neighbours do. */
export function labelKeysInUse(policies: readonly PolicyObject[]): string[] {
  const uses = new Map<string, number>();
  for (const { spec, specs } of policies)
    for (const part of [spec, ...(Array.isArray(specs) ? (specs as unknown[]) : [])])
      for (const selector of selectorsOf(part))
        for (const key of Object.keys(jsonAt(selector, 'matchLabels')).map(bareKey))
          if ((APP_LABELS as readonly string[]).includes(key)) uses.set(key, (uses.get(key) ?? 0) + 1);
  return [...uses].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([key]) => key);
}

function* selectorsOf(spec: unknown): Generator {
  yield jsonAt(spec, 'endpointSelector');
  yield jsonAt(spec, 'podSelector');
  for (const rule of [...jsonsAt(spec, 'ingress'), ...jsonsAt(spec, 'egress')]) {
    yield* listAt(rule, 'fromEndpoints') ?? [];
    yield* listAt(rule, 'toEndpoints') ?? [];
    for (const peer of [...jsonsAt(rule, 'from'), ...jsonsAt(rule, 'to')]) yield jsonAt(peer, 'podSelector');
  }
}

function commonLabels(wanted: readonly (readonly string[])[]): PodLabel[] {
  const [first = [], ...others] = wanted;
  return first.flatMap((label) => {
    const parsed = podLabel(label);
    return parsed && others.every((labels) => hasLabel(labels, parsed)) ? [parsed] : [];
  });
}

/** A label as a selector may name it; undefined for facts of the cluster, for labels that pass, and for what no object can hold. */
function podLabel(label: string): PodLabel | undefined {
  if (!label.startsWith('k8s:')) return undefined;
  const equals = label.indexOf('=');
  const key = label.slice(4, equals < 0 ? undefined : equals);
  const value = equals < 0 ? '' : label.slice(equals + 1);
  if (key.startsWith('io.cilium.') && key !== SERVICE_ACCOUNT_KEY) return undefined;
  if (key.startsWith('io.kubernetes.') || PASSING.test(key) || !KEY.test(key) || !VALUE.test(value)) return undefined;
  return { key, value };
}

function rank(key: string, preferred: readonly string[]): number {
  const app = (APP_LABELS as readonly string[]).indexOf(key);
  const used = app < 0 ? -1 : preferred.indexOf(key);
  if (used >= 0) return used;
  if (app >= 0) return 100 + app;
  if (key.startsWith('app.kubernetes.io/')) return 200;
  return key === SERVICE_ACCOUNT_KEY ? 400 : 300;
}

/** The label that leaves the fewest of `left`, and those. */
function narrowest(
  candidates: readonly PodLabel[],
  left: readonly (readonly string[])[],
): [PodLabel | undefined, readonly (readonly string[])[]] {
  let best: PodLabel | undefined;
  let after = left;
  for (const label of candidates) {
    const remaining = left.filter((other) => hasLabel(other, label));
    if (remaining.length < after.length) [best, after] = [label, remaining];
  }
  return [best, after];
}

/** A key that one of `left` has and none of `wanted`. */
function keyOnlyOf(left: readonly (readonly string[])[], wanted: readonly (readonly string[])[]): string | undefined {
  const keys = new Set(left.flat().flatMap((label) => podLabel(label)?.key ?? []));
  return [...keys].toSorted().find((key) => wanted.every((labels) => !hasKey(labels, key)));
}

const hasLabel = (labels: readonly string[], { key, value }: PodLabel): boolean => labels.includes(`k8s:${key}=${value}`);
const hasKey = (labels: readonly string[], key: string): boolean => labels.some((label) => label.startsWith(`k8s:${key}=`));
