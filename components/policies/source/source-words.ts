import type { PolicySource } from '#lib/api/policies.ts';
import type { MarkName } from '#components/ui/Mark.tsx';

/** How a source of objects and its parts are told. */

export const SOURCE_KINDS: Record<PolicySource['kind'], string> = {
  kubernetes: 'Kubernetes API',
  folder: 'Folder',
  upload: 'Upload',
  none: 'No source',
};

export const SOURCE_STATES: Record<PolicySource['state'], { readonly mark: MarkName; readonly text: string }> = {
  ready: { mark: 'pass', text: 'all read' },
  starting: { mark: 'stale', text: 'reading' },
  partial: { mark: 'gap', text: 'not all can be read' },
  failed: { mark: 'error', text: 'cannot be read' },
  none: { mark: 'unknown', text: 'nothing to read' },
};

export const KIND_STATES: Record<PolicySource['kinds'][number]['state'], { readonly mark: MarkName; readonly text: string }> = {
  ready: { mark: 'pass', text: 'read' },
  starting: { mark: 'stale', text: 'reading' },
  forbidden: { mark: 'fail', text: 'not allowed' },
  'not-installed': { mark: 'trace', text: 'not installed' },
  failed: { mark: 'error', text: 'failed' },
};

/** What is judged less well when a part of the facts is not there. */
export const MISSING_PARTS: Record<PolicySource['missing'][number], { readonly name: string; readonly effect: string }> = {
  endpoints: { name: 'pods and their labels', effect: 'what a policy selects and how much is closed by default is unknown' },
  namespaces: { name: 'labels of namespaces', effect: 'rules that select namespaces by label are judged unknown' },
  nodes: { name: 'nodes', effect: 'rules for nodes and the host are judged unknown' },
  services: { name: 'services', effect: 'rules with toServices are judged unknown' },
  cidrGroups: { name: 'CIDR groups', effect: 'rules with cidrGroupRef are judged unknown' },
  names: { name: 'DNS names of addresses', effect: 'rules with toFQDNs are judged unknown where a flow names no name' },
  config: { name: 'settings of the agents', effect: "Cilium's defaults are taken" },
};

/** All objects that were read, of whatever kind. */
export const objectsOf = (source: PolicySource): number => source.kinds.reduce((total, { objects }) => total + objects, 0);
