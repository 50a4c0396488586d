import { own, parts, part, type WorldObject } from '#lib/world/object.ts';
import { objectText } from '#lib/world/labels.ts';
import type { CiliumStatus, ObjectSet } from './inputs.ts';
import { parseVersion, versionOfImage, versionText } from './versions.ts';

/**
 * Cilium version of the running agents: by the image of their DaemonSet, of their pods, or as `cilium status` counts them. Of several versions (an
 * upgrade that goes on) the one that most agents run. Undefined where nothing says it; a digest without a tag says nothing.
 */
export function runningVersion(objects: ObjectSet, status: CiliumStatus | undefined): string | undefined {
  return (
    mostOf(objects.all('DaemonSet').filter(isAgent).flatMap(templateImages)) ??
    mostOf(objects.all('Pod').filter(isAgentPod).flatMap(podImages)) ??
    mostOf((status?.images ?? []).filter(({ component }) => component === 'cilium').map(({ image }) => image)) ??
    status?.agents.map(({ version }) => parseVersion(version)).flatMap((version) => (version ? [versionText(version)] : []))[0]
  );
}

/** The DaemonSet of the agents. */
export const isAgent = ({ kind, name }: WorldObject): boolean => kind === 'DaemonSet' && name === 'cilium';

/** A pod of the agents. */
export const isAgentPod = ({ kind, labels }: WorldObject): boolean =>
  kind === 'Pod' && Object.hasOwn(labels, 'k8s-app') && labels['k8s-app'] === 'cilium';

const templateImages = ({ json }: WorldObject): string[] => imagesOf(part(part(part(json, 'spec'), 'template'), 'spec'));
const podImages = ({ json }: WorldObject): string[] => imagesOf(part(json, 'spec'));
const imagesOf = (spec: Parameters<typeof parts>[0]): string[] =>
  parts(spec, 'containers')
    .filter((container) => own(container, 'name') === 'cilium-agent')
    .map((container) => objectText(own(container, 'image')));

/** Version of the image that is there most often. */
function mostOf(images: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const image of images) {
    const version = versionOfImage(image);
    if (version) counts.set(versionText(version), (counts.get(versionText(version)) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}
