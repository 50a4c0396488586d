import { Document } from 'yaml';
import { factsOfVersion } from '../version-facts.ts';
import type { Manifest, ValuesRequest } from './model.ts';

/** Objects that stand beside the chart: of phase 4, node by node. */
export function manifestsOf({ phase, choices, target, stage = 'begin' }: ValuesRequest): Manifest[] {
  if (phase !== 4 || choices.route !== 'per-node' || stage !== 'begin') return [];
  const [version = 'v2'] = (target && factsOfVersion(target)?.nodeConfig) ?? ['v2'];
  return [
    {
      name: 'CiliumNodeConfig kube-system/cilium-default',
      why: 'A node that carries the label becomes Cilium’s alone at its next start; the others stay as they are.',
      yaml: yaml({
        apiVersion: `cilium.io/${version}`,
        kind: 'CiliumNodeConfig',
        metadata: { name: 'cilium-default', namespace: 'kube-system' },
        spec: {
          nodeSelector: { matchLabels: { 'io.cilium.migration/cilium-default': 'true' } },
          defaults: {
            'write-cni-conf-when-ready': '/host/etc/cni/net.d/05-cilium.conflist',
            'custom-cni-conf': 'false',
            'cni-chaining-mode': 'none',
            'cni-exclusive': 'true',
          },
        },
      }),
    },
  ];
}

const yaml = (object: object): string => new Document(object).toString({ lineWidth: 0 });
