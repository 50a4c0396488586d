import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { expect, test } from 'vitest';
import { resourceOf, WATCHED_KINDS } from '#lib/kubernetes/kinds.ts';
import { problemsOf } from '#lib/policy/validate.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
interface PodSpec {
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: object;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}
interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly securityContext: object;
  readonly resources: { readonly limits: { readonly memory?: string } };
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
}

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const manifests = readdirSync('deploy')
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parseAllDocuments(readFileSync(`deploy/${name}`, 'utf8'), { uniqueKeys: true }))
  .map((document) => {
    if (document.errors.length > 0) throw document.errors[0] ?? new Error('unreadable');
    return document.toJS() as Manifest;
  });
const pods = manifests.flatMap(({ metadata, spec }) =>
  spec?.template ? [{ name: metadata.name, pod: spec.template.spec }] : [],
);
const containers = pods.flatMap(({ pod }) => [...pod.containers, ...(pod.initContainers ?? [])]);

/** `resource` or `resource namespace/name`, as the rules grant it. */
function granted(): string[] {
  return manifests.flatMap(({ rules = [], metadata: { namespace } }) =>
    rules.flatMap(({ apiGroups, resources, resourceNames }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((plural) => {
          const resource = group ? `${plural}.${group}` : plural;
          if (resourceNames) return resourceNames.map((name) => `${resource} ${namespace}/${name}`);
          return [namespace === undefined ? resource : `${resource} ${namespace}/*`];
        }),
      ),
    ),
  );
}

test('ingest may list and watch what it reads, and no more', () => {
  const read = WATCHED_KINDS.map(
    (kind) => `${resourceOf(kind)}${kind.only ? ` ${kind.only.namespace}/${kind.only.name ?? '*'}` : ''}`,
  );
  expect(granted().toSorted()).toEqual(read.toSorted());
  for (const { verbs } of manifests.flatMap(({ rules = [] }) => rules)) expect(verbs).toEqual(['list', 'watch']);
});

test('every container runs as an ordinary user that can write nothing but its scratch', () => {
  expect(containers.map(({ name }) => name)).toEqual(['ingest', 'migrate', 'web']);
  for (const { securityContext } of containers) {
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  }
  for (const { pod } of pods)
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
});

test('only ingest has a token of the API server', () => {
  expect(pods.map(({ name, pod }) => [name, pod.automountServiceAccountToken])).toEqual([
    ['causeway-ingest', true],
    ['causeway-web', false],
  ]);
});

test('images carry the version of the console, and memory has a limit', () => {
  for (const { image, resources } of containers) {
    expect(image).toBe(`causeway:${version}`);
    expect(resources.limits.memory).toMatch(/^\d+[MG]i$/);
  }
});

test('what serves says whether it lives and whether it is ready', () => {
  for (const { readinessProbe, livenessProbe } of pods.flatMap(({ pod }) => pod.containers))
    expect([readinessProbe, livenessProbe]).toEqual([expect.anything(), expect.anything()]);
});

test('its own policy is one that Cilium takes', () => {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  expect(policies.map((policy) => problemsOf(policy))).toEqual([[]]);
});
