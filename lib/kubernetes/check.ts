import 'server-only';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubernetesTarget } from '#lib/api/clusters.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { KubernetesConnection, KubernetesFailure, SERVICE_ACCOUNT_TOKEN } from './connection.ts';
import { listPath, resourceOf, WATCHED_KINDS, type WatchedKind } from './kinds.ts';

export interface KubernetesCheck {
  readonly server: string;
  readonly version: string;
  /** Resources that may be listed, that may not, and that the server does not have, as RBAC names them. */
  readonly readable: readonly string[];
  readonly forbidden: readonly string[];
  readonly absent: readonly string[];
}

/** Where a Kubernetes API would be looked for: KUBECONFIG, the pod's service account or `~/.kube/config`; undefined when there is none. */
export function kubernetesByDefault(environment: Readonly<Record<string, string | undefined>>): KubernetesTarget | undefined {
  const named = environment['KUBECONFIG']?.split(delimiter).find(Boolean);
  if (named !== undefined) return { kubeconfig: named };
  if (existsSync(SERVICE_ACCOUNT_TOKEN)) return {};
  const own = join(homedir(), '.kube/config');
  return existsSync(own) ? { kubeconfig: own } : undefined;
}

/**
 * Asks the API server who it is and whether each kind may be listed that the console reads. Throws `not-configured` with the reason when it does not
 * answer or does not take the credentials.
 */
export async function checkKubernetes(target: KubernetesTarget): Promise<KubernetesCheck> {
  const connection = new KubernetesConnection(target);
  const signal = AbortSignal.timeout(30_000);
  try {
    const { gitVersion = '' } = (await connection.json('/version', {}, signal)) as { gitVersion?: string };
    const found = await Promise.all(
      WATCHED_KINDS.map(async (kind) => ({
        resource: resourceOf(kind),
        status: await statusOf(connection, kind, target, signal),
      })),
    );
    const of = (...statuses: readonly number[]): string[] =>
      found.filter(({ status }) => statuses.includes(status)).map(({ resource }) => resource);
    return { server: connection.server, version: gitVersion, readable: of(200), forbidden: of(401, 403), absent: of(404) };
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw new CausewayError('not-configured', messageOf(error).split('\n')[0] ?? '', { cause: error });
  }
}

async function statusOf(
  connection: KubernetesConnection,
  kind: WatchedKind,
  { namespaces }: KubernetesTarget,
  signal: AbortSignal,
): Promise<number> {
  const { only, namespaced, versions } = kind;
  const namespace = only?.namespace ?? (namespaced ? namespaces?.[0] : undefined);
  const query = { limit: '1', ...(only?.name !== undefined && { fieldSelector: `metadata.name=${only.name}` }) };
  let status = 404;
  for (const version of versions) {
    try {
      await connection.json(listPath(kind, version, namespace), query, signal);
      return 200;
    } catch (error) {
      if (!(error instanceof KubernetesFailure) || error.status === 0) throw error;
      status = error.status;
      if (status !== 404) return status;
    }
  }
  return status;
}
