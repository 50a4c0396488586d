import type { RelayTarget } from '#lib/api/clusters.ts';

/** Options that name a relay on the command line, as commander gives them. */
export interface RelayOptions {
  readonly relay?: string;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly clusterName?: string;
  readonly environment?: string;
}

/** The relay that options name; any TLS option turns TLS on. */
export function relayTarget(options: RelayOptions & { readonly relay: string }): RelayTarget {
  const { relay, tls, tlsCa, tlsCert, tlsKey, tlsServerName } = options;
  return {
    address: relay,
    tls: Boolean(tls || tlsCa || tlsCert || tlsServerName),
    ...(tlsCa ? { tlsCaFile: tlsCa } : {}),
    ...(tlsCert ? { tlsCertFile: tlsCert } : {}),
    ...(tlsKey ? { tlsKeyFile: tlsKey } : {}),
    ...(tlsServerName ? { tlsServerName } : {}),
  };
}
