import { resolve } from 'node:path';
import type { KubernetesTarget, ObjectsTarget } from '#lib/api/clusters.ts';
import { ObjectsTarget as ObjectsTargetSchema } from '#lib/api/clusters.ts';
import { CausewayError } from '#lib/errors/errors.ts';

/** Options that say where a cluster's Kubernetes objects are read, as commander gives them. */
export interface ObjectsOptions {
  readonly kubeconfig?: string;
  readonly kubeContext?: string;
  readonly kubeNamespace?: readonly string[];
  readonly objects?: string;
}

/** What the options name; undefined when they name nothing. Throws `bad-input` for options that do not go together. */
export function objectsTarget(options: ObjectsOptions): ObjectsTarget | undefined {
  const { kubeconfig, kubeContext, kubeNamespace, objects } = options;
  if (kubeconfig !== undefined && objects !== undefined)
    throw new CausewayError('bad-input', '--kubeconfig and --objects are two places for the same: give one of them');
  if (objects !== undefined) return { from: 'folder', path: resolve(objects) };
  if (kubeconfig === undefined) {
    if (kubeContext !== undefined || kubeNamespace !== undefined)
      throw new CausewayError('bad-input', '--kube-context and --kube-namespace go with --kubeconfig FILE');
    return undefined;
  }
  const target = ObjectsTargetSchema.safeParse({
    from: 'kubernetes',
    kubeconfig: resolve(kubeconfig),
    ...(kubeContext !== undefined && { context: kubeContext }),
    ...(kubeNamespace !== undefined && { namespaces: kubeNamespace }),
  });
  if (target.success) return target.data;
  const [issue] = target.error.issues;
  throw new CausewayError(
    'bad-input',
    `--kube-${issue?.path[0] === 'namespaces' ? 'namespace' : 'context'}: expected ${issue?.message}`,
  );
}

/**
 * The cluster that an ingest of a deployment runs in: `CAUSEWAY_KUBERNETES_CLUSTER` is its id. Its API server is that of KUBECONFIG (with
 * `CAUSEWAY_KUBE_CONTEXT`), or of the pod's own service account; `CAUSEWAY_KUBE_NAMESPACES` (comma separated) where the rights do not reach further.
 */
export function clusterHere(
  environment: Readonly<Record<string, string | undefined>>,
): { readonly cluster: string; readonly target: KubernetesTarget } | undefined {
  const cluster = environment['CAUSEWAY_KUBERNETES_CLUSTER'];
  if (!cluster) return undefined;
  const { KUBECONFIG: kubeconfig, CAUSEWAY_KUBE_CONTEXT: context, CAUSEWAY_KUBE_NAMESPACES: namespaces } = environment;
  return {
    cluster,
    target: {
      ...(kubeconfig && { kubeconfig }),
      ...(context && { context }),
      ...(namespaces && { namespaces: namespaces.split(/[\s,]+/).filter(Boolean) }),
    },
  };
}
