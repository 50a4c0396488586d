import type { UploadKind } from '#lib/migration/model.ts';

/** What each kind of evidence file is called, and the command that makes one. */
export const UPLOAD_WORDS: Readonly<Record<UploadKind, { readonly name: string; readonly command: string }>> = {
  'helm-values': { name: 'Helm values', command: 'helm get values cilium -n kube-system -o yaml > values.yaml' },
  'argocd-application': {
    name: 'Argo CD Application',
    command: 'kubectl -n argocd get application cilium -o yaml > application.yaml',
  },
  'cilium-status': { name: 'Cilium status', command: 'cilium status -o json > cilium-status.json' },
  'encryption-status': { name: 'Encryption status', command: 'cilium encryption status -o json > encryption-status.json' },
  'agent-conf': {
    name: 'SPIRE agent.conf',
    command: "kubectl -n spire get configmap spire-agent -o jsonpath='{.data.agent\\.conf}' > agent.conf",
  },
  'spire-entries': {
    name: 'SPIRE entries',
    command: 'kubectl -n spire exec spire-server-0 -- /opt/spire/bin/spire-server entry show -output json > entries.json',
  },
  'connectivity-junit': {
    name: 'Connectivity test (JUnit)',
    command: 'cilium connectivity test --junit-file connectivity.xml',
  },
  'iperf3-before': { name: 'iperf3 before', command: 'iperf3 -c SERVER -t 30 -J > iperf3-before.json' },
  'iperf3-after': { name: 'iperf3 after', command: 'iperf3 -c SERVER -t 30 -J > iperf3-after.json' },
  objects: {
    name: 'Kubernetes objects',
    command: 'kubectl get nodes,pods,daemonsets,configmaps -A -o json > objects.json',
  },
};

const TYPES: readonly (readonly [RegExp, string])[] = [
  [/\.(gz|gzip)$/i, 'application/gzip'],
  [/\.ya?ml$/i, 'application/yaml'],
  [/\.json$/i, 'application/json'],
  [/\.xml$/i, 'application/xml'],
  [/\.(conf|txt|hcl|log)$/i, 'text/plain'],
];

/** The media type a file is sent as, by its name: browsers disagree on what they call these. */
export const mediaTypeOf = (fileName: string): string =>
  TYPES.find(([shape]) => shape.test(fileName))?.[1] ?? 'application/octet-stream';

/** Most a file may be, as the server bounds it. */
export const MOST_BYTES = 30 * 1024 * 1024;
