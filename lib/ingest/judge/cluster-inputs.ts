import 'server-only';
import { DAY_MS, MINUTE_MS } from '#lib/db/traffic/partitions.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import { preflightInputs } from '#lib/preflight/gather.ts';
import type { HelmValues, PreflightInputs } from '#lib/preflight/inputs.ts';
import type { ClusterNow } from './asks.ts';
import type { Desk } from './desk.ts';
import type { DeskFile } from './upload-desk.ts';

export type ClusterFiles = ReadonlyMap<UploadKind, DeskFile>;

export interface KnownCluster {
  readonly inputs: PreflightInputs;
  readonly files: ClusterFiles;
}

/** Everything that is known of a cluster: objects and policies, files that were uploaded, the last day's traffic, the relay. */
export async function knownCluster(
  desk: Desk,
  cluster: string,
  { now, relay, target: asked }: ClusterNow,
): Promise<KnownCluster> {
  const files = await desk.uploads.of(cluster);
  const to = now - (now % MINUTE_MS) + MINUTE_MS;
  const flows = await desk.trafficFacts(cluster, { from: to - DAY_MS, to }, relay?.lost ?? 0);
  const values = valuesIn(files);
  const status = contentOf(files, 'cilium-status')?.status;
  const encryption = contentOf(files, 'encryption-status')?.encryption;
  const agentConf = contentOf(files, 'agent-conf')?.conf;
  const entries = contentOf(files, 'spire-entries')?.entries;
  const target = asked ?? (contentOf(files, 'argocd-application')?.application.targetRevision || undefined);
  const facts = desk.knows(cluster) ? desk.facts(cluster) : undefined;
  const inputs = preflightInputs({
    now,
    ...(target !== undefined && { target }),
    ...(values && { values }),
    ...(status && { status }),
    ...(encryption && { encryption }),
    ...(agentConf && { agentConf }),
    ...(entries && { entries }),
    ...(flows.flows > 0 && { flows }),
    ...(relay && { relay }),
    ...(facts && { cluster: { objects: desk.objects.of(cluster), policies: facts.policies, world: facts.world } }),
  });
  return { inputs, files };
}

/** Helm values, or those of the Argo CD Application, whichever was uploaded last. */
function valuesIn(files: ClusterFiles): HelmValues | undefined {
  const values = files.get('helm-values');
  const application = files.get('argocd-application');
  if (application && (!values || application.at > values.at)) return contentOf(files, 'argocd-application')?.application.values;
  return contentOf(files, 'helm-values')?.values;
}

/** The content of a file of a kind. */
export function contentOf<K extends DeskFile['content']['kind']>(
  files: ClusterFiles,
  kind: K,
): Extract<DeskFile['content'], { readonly kind: K }> | undefined {
  const content = files.get(kind)?.content;
  return content?.kind === kind ? (content as Extract<DeskFile['content'], { readonly kind: K }>) : undefined;
}
