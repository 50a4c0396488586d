/** One label of an identity. */
export interface Label {
  readonly source: string;
  readonly key: string;
  readonly value: string;
}

/** The labels of an identity. A key may be there from several sources (`k8s`, `node`, `reserved`, ...). */
export interface LabelSet {
  /** Sorted, `source:key=value`, without `=` where the value is empty and the source is `reserved`. */
  readonly texts: readonly string[];
  readonly byKey: ReadonlyMap<string, readonly Label[]>;
  /** Nobody could tell the labels of its namespace: those that are not listed may be there. */
  readonly namespaceUnknown: boolean;
}

export const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
export const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels';
export const POLICY_CLUSTER = 'io.cilium.k8s.policy.cluster';
export const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';
/** Labels below this are Cilium's own: those of a pod's author are not taken. */
export const CILIUM_LABELS = 'io.cilium.k8s';

/** Cilium's default cluster name. */
export const DEFAULT_CLUSTER = 'default';

export const reserved = (name: string): Label => ({ source: 'reserved', key: name, value: '' });
export const k8sLabel = (key: string, value: string): Label => ({ source: 'k8s', key, value });

/** The set of these labels; of one source and key the last counts. */
export function labelSet(labels: Iterable<Label>, namespaceUnknown = false): LabelSet {
  const byText = new Map<string, Label>();
  for (const label of labels) byText.set(`${label.source}:${label.key}`, label);
  const byKey = new Map<string, Label[]>();
  for (const label of byText.values()) {
    const others = byKey.get(label.key);
    if (others) others.push(label);
    else byKey.set(label.key, [label]);
  }
  return { texts: Array.from(byText.values(), labelText).toSorted(), byKey, namespaceUnknown };
}

/** As identities write a label: `k8s:app=web`, `reserved:host`, `cidr:10.0.0.0/8`. */
export const labelText = ({ source, key, value }: Label): string =>
  value === '' && source !== 'k8s' && source !== 'node' ? `${source}:${key}` : `${source}:${key}=${value}`;

/** Reads `source:key=value`; without a source it is `unspec`, without `=` the value is empty. */
export function parseLabel(text: string): Label {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const value = equals < 0 ? '' : text.slice(equals + 1);
  const colon = name.indexOf(':');
  return colon < 0 ? { source: 'unspec', key: name, value } : { source: name.slice(0, colon), key: name.slice(colon + 1), value };
}

/** Whether an identity carries `reserved:NAME`. */
export const hasReserved = (labels: LabelSet, name: string): boolean =>
  labels.byKey.get(name)?.some(({ source }) => source === 'reserved') ?? false;

/** The value of a `k8s:` label; undefined where there is none. */
export const k8sValue = (labels: LabelSet, key: string): string | undefined =>
  labels.byKey.get(key)?.find(({ source }) => source === 'k8s')?.value;
