import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

/** The Kubernetes objects of the cluster that the recorded flows speak of. */
export const RECORDED_WORLD = resolve('../shared/flows/world');

const FILES = [
  'namespaces.json',
  'nodes.json',
  'pods.json',
  'services.json',
  'workloads.json',
  'identities.json',
  'endpoints.json',
  'ciliumnodes.json',
  'endpointslices.json',
  'policies.yaml',
  'cilium-config.yaml',
];

/** What `kubectl get` printed of them, a file an entry; without the files that are left out, and with their text changed as `edit` says. */
export function recordedObjects(leaveOut: readonly string[] = [], edit = (text: string): string => text): unknown[] {
  // A suite that is skipped is looked through all the same.
  if (!existsSync(RECORDED_WORLD)) return [];
  return FILES.filter((file) => !leaveOut.includes(file)).map((file) =>
    parse(edit(readFileSync(resolve(RECORDED_WORLD, file), 'utf8'))),
  );
}
