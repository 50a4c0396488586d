import type { World } from '#lib/policy/model.ts';
import { strangerKey } from './confidence.ts';

/** The pods that the cluster has now, by `strangerKey`; undefined where not all of their identities are known. */
export function knownPods({ endpoints, missing }: World): ReadonlySet<string> | undefined {
  if (endpoints.length === 0 || missing?.includes('endpoints')) return undefined;
  const identities = endpoints.flatMap(({ identityLabels }) => (identityLabels ? [identityLabels] : []));
  return identities.length === endpoints.length ? new Set(identities.map(strangerKey)) : undefined;
}
