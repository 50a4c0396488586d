import 'server-only';
import type { PreflightReport } from '#lib/api/preflight.ts';
import { INPUT_NAMES, type InputName } from '#lib/preflight/check.ts';
import { INPUT_HINTS } from '#lib/preflight/input-hints.ts';
import type { PreflightInputs } from '#lib/preflight/inputs.ts';
import { runPreflight } from '#lib/preflight/run.ts';
import type { WorldKind } from '#lib/world/object.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import type { AskOf } from '../asks.ts';
import { type ClusterFiles, knownCluster } from '../cluster-inputs.ts';
import type { Desk } from '../desk.ts';

const MOST_FINDINGS = 200;

/** All preflight checks on what is known of the cluster, with where each input came from. */
export async function answerPreflight(
  desk: Desk,
  cluster: string,
  { cluster: now, phase, objectsFrom }: AskOf<'preflight'>,
): Promise<PreflightReport> {
  const began = performance.now();
  const { inputs, files } = await knownCluster(desk, cluster, now);
  const results = runPreflight(inputs, { phase });
  return {
    checks: results.map(({ check, status, findings, missing }) => ({
      check: check.number,
      id: check.id,
      title: check.title,
      subsystem: check.subsystem,
      severity: check.severity,
      gates: [...check.gates],
      acknowledge: [...check.acknowledge],
      why: check.why,
      fix: check.fix,
      links: check.links.map((link) => ({ ...link })),
      needs: [...check.needs],
      status,
      findings: findings.slice(0, MOST_FINDINGS).map((finding) => ({ ...finding })),
      findingsTotal: findings.length,
      missing: [...missing],
    })),
    version: inputs.version ?? '',
    target: inputs.target ?? '',
    inputs: INPUT_NAMES.map((name) => {
      const { source, at } = sourceOf(name, inputs, files, objectsFrom);
      return { name, source, ...(at !== undefined && { at }), hint: INPUT_HINTS[name].command };
    }),
    evaluatedAt: now.now,
    tookMs: Math.round(performance.now() - began),
  };
}

const FILES: Readonly<Partial<Record<InputName, UploadKind>>> = {
  values: 'helm-values',
  'cilium-status': 'cilium-status',
  'encryption-status': 'encryption-status',
  'agent-conf': 'agent-conf',
  entries: 'spire-entries',
};

/** Kinds of objects, one of which has to be known. */
const KINDS: Readonly<Partial<Record<InputName, readonly WorldKind[]>>> = {
  'cilium-config': ['ConfigMap'],
  nodes: ['Node'],
  pods: ['Pod'],
  namespaces: ['Namespace'],
  services: ['Service'],
  endpoints: ['CiliumEndpoint', 'CiliumEndpointSlice'],
  identities: ['CiliumIdentity'],
  'cilium-nodes': ['CiliumNode'],
  'node-configs': ['CiliumNodeConfig'],
  daemonsets: ['DaemonSet'],
  'node-pools': ['NodePool'],
  webhooks: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
  'api-services': ['APIService'],
  'security-group-policies': ['SecurityGroupPolicy'],
  'policy-endpoints': ['PolicyEndpoint'],
  policies: ['NetworkPolicy', 'CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'],
};

interface Source {
  readonly source: string;
  readonly at?: number;
}
const NONE: Source = { source: '' };

function sourceOf(name: InputName, inputs: PreflightInputs, files: ClusterFiles, objectsFrom: string): Source {
  const file = files.get(FILES[name] ?? 'objects') ?? (name === 'values' ? files.get('argocd-application') : undefined);
  if (file) return { source: `upload ${file.fileName}`, at: file.at };
  const kinds = KINDS[name];
  if (kinds) return kinds.some((kind) => inputs.objects.known(kind)) ? { source: objectsFrom, at: inputs.now } : NONE;
  switch (name) {
    case 'flows':
      return inputs.flows ? { source: 'ledger, 24 h', at: inputs.flows.to } : NONE;
    case 'relay':
      return inputs.relay ? { source: 'Hubble Relay', at: inputs.now } : NONE;
    case 'version':
      return inputs.version === undefined ? NONE : { source: `Cilium ${inputs.version}`, at: inputs.now };
    case 'target-version':
      return inputs.target === undefined ? NONE : { source: 'as asked', at: inputs.now };
    default:
      return NONE;
  }
}
