import { RE2JS } from 're2js';
import type { Label } from './labels.ts';

/** Says which labels of a pod or node become labels of its identity. */
export type LabelFilter = (label: Label) => boolean;

interface Pattern {
  readonly ignore: boolean;
  /** Empty: of every source. */
  readonly source: string;
  /** Length of the match at the start of the key; -1 when it does not match. */
  readonly matchLength: (key: string) => number;
}

/**
 * Cilium's default (`pkg/labelsfilter`): what these prefixes name is kept or dropped, everything else is kept. The last one stands anywhere
 * in the key.
 */
const KEPT = [
  'io.kubernetes.pod.namespace',
  'io.cilium.k8s.namespace.labels',
  'io.cilium.k8s.policy.cluster',
  'io.cilium.k8s.policy.serviceaccount',
  'app.kubernetes.io',
];
const DROPPED = [
  'io.kubernetes',
  'kubernetes.io',
  'k8s.io',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/controller-uid',
  'topology.kubernetes.io',
  'pod-template-generation',
  'pod-template-hash',
  'controller-revision-hash',
  'controller-uid',
  'annotation',
  'etcd_node',
];
const DROPPED_ANYWHERE = 'beta.kubernetes.io';

const ownPatterns: readonly Pattern[] = [
  { ignore: false, source: 'reserved', matchLength: () => 1 },
  ...KEPT.map((prefix) => prefixPattern(prefix, false)),
  ...DROPPED.map((prefix) => prefixPattern(prefix, true)),
];

/** The filter of Cilium's option `labels`: patterns separated by blanks, `!` before those to drop; undefined is the default. Bad patterns are left out. */
export function labelFilter(option?: string): LabelFilter {
  const given = (option ?? '').split(/\s+/).flatMap((text) => (text === '' ? [] : (customPattern(text) ?? [])));
  if (given.length === 0) return isKeptByDefault;
  // One pattern that includes turns the filter round: what nothing includes is dropped.
  const onlyIncluded = given.some(({ ignore }) => !ignore);
  const patterns = [...ownPatterns, ...given];
  return (label) => {
    let included = 0;
    let ignored = label.key.includes(DROPPED_ANYWHERE) && !isAlwaysKept(label.key) ? 1 : 0;
    for (const { ignore, source, matchLength } of patterns) {
      if (source !== '' && source !== label.source) continue;
      const length = matchLength(label.key);
      if (ignore) ignored = Math.max(ignored, length);
      else included = Math.max(included, length);
    }
    return included > ignored || (!onlyIncluded && ignored === 0);
  };
}

const isKeptByDefault: LabelFilter = ({ source, key }) =>
  source === 'reserved' ||
  isAlwaysKept(key) ||
  !(key.includes(DROPPED_ANYWHERE) || DROPPED.some((prefix) => key.startsWith(prefix)));

const isAlwaysKept = (key: string): boolean => KEPT.some((prefix) => key.startsWith(prefix));

function prefixPattern(prefix: string, ignore: boolean): Pattern {
  return { ignore, source: '', matchLength: (key) => (key.startsWith(prefix) ? prefix.length : -1) };
}

/** `[!][source:]expression`; the expression is anchored at the start of the key (Cilium: `--labels`). */
function customPattern(text: string): Pattern | undefined {
  const ignore = text.startsWith('!');
  const rest = ignore ? text.slice(1) : text;
  const colon = rest.indexOf(':');
  const expression = rest.slice(colon + 1);
  try {
    const compiled = RE2JS.compile(expression);
    const matchLength = (key: string): number => {
      const matcher = compiled.matcher(key);
      return matcher.lookingAt() ? matcher.end() : -1;
    };
    return { ignore, source: colon < 0 ? '' : rest.slice(0, colon), matchLength };
  } catch {
    return undefined;
  }
}
