import { Document } from 'yaml';
import type { JsonRecord } from '#lib/flow/json-record.ts';

const CERTIFICATES = ['hubble-server-certs', 'hubble-relay-client-certs', 'cilium-ca'];

/** An Argo CD Application with the values inside. A person syncs it, after the gate; nothing is pruned, so that resource definitions and what they hold stay. */
export function argoApplication(release: string, version: string, values: JsonRecord): string {
  const application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: release, namespace: 'argocd' },
    spec: {
      project: 'default',
      source: {
        repoURL: 'https://helm.cilium.io',
        chart: 'cilium',
        targetRevision: version,
        helm: { releaseName: release, valuesObject: values },
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'kube-system' },
      syncPolicy: { syncOptions: ['ServerSideApply=true', 'RespectIgnoreDifferences=true', 'Prune=false'] },
      ignoreDifferences: CERTIFICATES.map((name) => ({
        group: '',
        kind: 'Secret',
        name,
        namespace: 'kube-system',
        jsonPointers: ['/data'],
      })),
    },
  };
  const document = new Document(application, { aliasDuplicateObjects: false });
  document.commentBefore =
    ' Synced by a person once the gate is passed. Certificates are made in the cluster: they are no drift.';
  return document.toString({ lineWidth: 0 });
}
