import 'server-only';
import { ApiextensionsV1Api, KubeConfig, VersionApi } from '@kubernetes/client-node';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';

export interface KubernetesCheck {
  readonly server: string;
  readonly version: string;
  /** Cilium's custom resource definitions that the server has, e.g. `ciliumnetworkpolicies`; undefined when we may not list them. */
  readonly ciliumCrds: readonly string[] | undefined;
}

/** Where a Kubernetes API would be looked for: KUBECONFIG, `~/.kube/config` or the pod's service account; undefined when there is none. */
export function kubernetesConfig(): KubeConfig | undefined {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch {
    return undefined;
  }
  const server = config.getCurrentCluster()?.server;
  // Without any configuration the library falls back to an address that nobody meant.
  return server && server !== 'http://localhost:8080' ? config : undefined;
}

/** Asks the API server who it is. Throws `not-configured` with the reason when it does not answer or does not let us in. */
export async function checkKubernetes(config: KubeConfig): Promise<KubernetesCheck> {
  const server = config.getCurrentCluster()?.server ?? '';
  try {
    const { gitVersion } = await config.makeApiClient(VersionApi).getCode();
    return { server, version: gitVersion, ciliumCrds: await ciliumCrds(config) };
  } catch (error) {
    throw new CausewayError('not-configured', `${server}: ${messageOf(error).split('\n')[0]}`, { cause: error });
  }
}

async function ciliumCrds(config: KubeConfig): Promise<string[] | undefined> {
  try {
    const { items } = await config.makeApiClient(ApiextensionsV1Api).listCustomResourceDefinition();
    return items.filter(({ spec }) => spec.group === 'cilium.io').map(({ spec }) => spec.names.plural);
  } catch {
    return undefined; // a reader's role need not include this
  }
}
