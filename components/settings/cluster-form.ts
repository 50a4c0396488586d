import { type Cluster, ClusterInput, type ObjectsTarget, type RelayTarget } from '#lib/api/clusters.ts';
import { ENVIRONMENTS, Environment } from '#lib/api/common.ts';

/** Where Kubernetes objects are read; `service-account` is that of the console's own pod. */
export const OBJECT_SOURCES = [
  { value: 'none', label: 'Uploads' },
  { value: 'service-account', label: 'This cluster' },
  { value: 'kubeconfig', label: 'Kubeconfig' },
  { value: 'folder', label: 'Folder' },
] as const;

/** Where flows come from. */
export const FLOW_SOURCES = [
  { value: 'relay', label: 'Hubble Relay' },
  { value: 'bus', label: 'NATS' },
] as const;

/** What is typed into the form of a cluster, and what the API takes. Pure. */
export interface ClusterForm {
  readonly id: string;
  readonly name: string;
  readonly environment: Environment;
  readonly flowsFrom: (typeof FLOW_SOURCES)[number]['value'];
  readonly address: string;
  readonly tls: boolean;
  readonly tlsCaFile: string;
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
  readonly tlsServerName: string;
  readonly objectsFrom: (typeof OBJECT_SOURCES)[number]['value'];
  readonly kubeconfig: string;
  readonly context: string;
  /** Separated by commas or blanks; empty: the whole cluster. */
  readonly namespaces: string;
  readonly path: string;
}

/** An empty form, or the form of a cluster that is there. */
export const formOf = (cluster: Cluster | undefined): ClusterForm => ({
  id: cluster?.id ?? '',
  name: cluster?.name ?? '',
  environment: cluster?.environment ?? ENVIRONMENTS[0],
  flowsFrom: cluster && !cluster.relay ? 'bus' : 'relay',
  address: cluster?.relay?.address ?? '',
  tls: cluster?.relay?.tls ?? false,
  tlsCaFile: cluster?.relay?.tlsCaFile ?? '',
  tlsCertFile: cluster?.relay?.tlsCertFile ?? '',
  tlsKeyFile: cluster?.relay?.tlsKeyFile ?? '',
  tlsServerName: cluster?.relay?.tlsServerName ?? '',
  ...objectsFormOf(cluster?.objects),
});

const NO_OBJECTS = { objectsFrom: 'none', kubeconfig: '', context: '', namespaces: '', path: '' } as const;

function objectsFormOf(
  objects: ObjectsTarget | undefined,
): Pick<ClusterForm, 'objectsFrom' | 'kubeconfig' | 'context' | 'namespaces' | 'path'> {
  if (!objects) return NO_OBJECTS;
  if (objects.from === 'folder') return { ...NO_OBJECTS, objectsFrom: 'folder', path: objects.path };
  const { kubeconfig, context = '', namespaces = [] } = objects;
  return {
    ...NO_OBJECTS,
    objectsFrom: kubeconfig === undefined ? 'service-account' : 'kubeconfig',
    kubeconfig: kubeconfig ?? '',
    context,
    namespaces: namespaces.join(', '),
  };
}

/** Problems by field; empty when the form may be sent. */
export type FormProblems = Readonly<Partial<Record<keyof ClusterForm, string>>>;

/** What is sent, or what is wrong with each field. */
export function inputOf(form: ClusterForm): { readonly input: ClusterInput } | { readonly problems: FormProblems } {
  const problems: Partial<Record<keyof ClusterForm, string>> = {};
  if (form.flowsFrom === 'relay' && form.tls && (form.tlsCertFile.trim() === '') !== (form.tlsKeyFile.trim() === '')) {
    problems[form.tlsCertFile.trim() === '' ? 'tlsCertFile' : 'tlsKeyFile'] =
      'A client certificate needs its key, and a key its certificate.';
  }
  const parsed = ClusterInput.safeParse({
    id: form.id.trim(),
    name: form.name.trim() || form.id.trim(),
    environment: form.environment,
    relay: form.flowsFrom === 'bus' ? null : relayOf(form),
    objects: objectsOf(form),
  });
  if (!parsed.success) {
    for (const { path } of parsed.error.issues) {
      const field = path.includes('namespaces') ? 'namespaces' : String(path.at(-1));
      if (isField(field)) problems[field] ??= EXPECTED[field] ?? 'This is not valid.';
    }
  }
  return parsed.success && Object.keys(problems).length === 0 ? { input: parsed.data } : { problems };
}

/** The relay as the API takes it: TLS fields only where TLS is on, and only those that are filled. */
export function relayOf(form: ClusterForm): RelayTarget {
  const files = {
    tlsCaFile: form.tlsCaFile,
    tlsCertFile: form.tlsCertFile,
    tlsKeyFile: form.tlsKeyFile,
    tlsServerName: form.tlsServerName,
  };
  const filled = Object.entries(files).flatMap(([name, value]) =>
    form.tls && value.trim() !== '' ? [[name, value.trim()]] : [],
  );
  return { address: form.address.trim(), tls: form.tls, ...Object.fromEntries(filled) };
}

/** Where objects are read as the API takes it; null: nowhere. */
export function objectsOf(form: ClusterForm): ObjectsTarget | null {
  const namespaces = form.namespaces.split(/[\s,]+/).filter(Boolean);
  const parts = { ...(namespaces.length > 0 && { namespaces }) };
  const context = form.context.trim();
  switch (form.objectsFrom) {
    case 'none':
      return null;
    case 'folder':
      return { from: 'folder', path: form.path.trim() };
    case 'service-account':
      return { from: 'kubernetes', ...parts };
    case 'kubeconfig':
      return { from: 'kubernetes', kubeconfig: form.kubeconfig.trim(), ...(context && { context }), ...parts };
  }
}

const isField = (name: string): name is keyof ClusterForm => name in formOf(undefined);

const EXPECTED: FormProblems = {
  id: 'Lower-case letters, digits and dashes, at most 63, beginning and ending with a letter or digit.',
  name: 'At most 100 characters.',
  address: 'HOST:PORT, for example hubble-relay.kube-system.svc:4245.',
  kubeconfig: 'The path of a file.',
  namespaces: 'Names of namespaces, at most 100, separated by commas.',
  path: 'The path of a folder.',
};
