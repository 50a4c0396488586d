import { seededRandom } from '../random.ts';
import type { World } from '../world.ts';

const TRUST_DOMAIN = 'aegis.local';
/** When the platform's entries were made: seconds. */
const CREATED = 1_772_352_000;

/** The SPIRE agent's `agent.conf`, as its ConfigMap holds it. */
export const agentConf = ({ cluster }: World): string => `agent {
  data_dir = "/run/spire"
  log_level = "INFO"
  server_address = "spire-server.spire-server.svc"
  server_port = "8081"
  # Workloads ask here; the admin socket stands in a directory of its own.
  socket_path = "/run/spire/sockets/agent.sock"
  admin_socket_path = "/run/spire/admin-sockets/admin.sock"
  trust_bundle_path = "/run/spire/bundle/bundle.crt"
  trust_domain = "${TRUST_DOMAIN}"
  authorized_delegates = [
    "spiffe://${TRUST_DOMAIN}/cilium-agent",
  ]
}

plugins {
  NodeAttestor "k8s_psat" {
    plugin_data {
      cluster = "${cluster}"
    }
  }
  KeyManager "memory" {
    plugin_data {}
  }
  WorkloadAttestor "k8s" {
    plugin_data {
      skip_kubelet_verification = true
    }
  }
  WorkloadAttestor "unix" {
    plugin_data {}
  }
}

health_checks {
  listener_enabled = true
  bind_address = "0.0.0.0"
  bind_port = "9982"
}
`;

interface Entry {
  readonly path: string;
  readonly parent: string;
  readonly selectors: readonly { readonly type: string; readonly value: string }[];
  readonly admin?: boolean;
  readonly hint?: string;
}

/** `spire-server entry show -output json`: Cilium's own entries for the agent of each node, and one for each identity. */
export function spireEntries(world: World): string {
  const random = seededRandom(world.nodes.length + 57);
  const uuid = (): string => [8, 4, 4, 4, 12].map((length) => random.hex(length)).join('-');
  const agents = world.nodes.map(() => `/spire/agent/k8s_psat/${world.cluster}/${uuid()}`);
  const of = (account: string): Entry['selectors'] => [
    { type: 'k8s', value: 'ns:kube-system' },
    { type: 'k8s', value: `sa:${account}` },
  ];
  const identities = new Set([...world.workloads.values()].flatMap(({ pods }) => pods.map(({ endpoint }) => endpoint.identity)));
  const entries: Entry[] = [
    ...agents.flatMap((parent): Entry[] => [
      { path: '/cilium-agent', parent, selectors: of('cilium'), admin: true, hint: 'cilium delegated identity' },
      { path: '/cilium-operator', parent, selectors: of('cilium-operator'), admin: true },
    ]),
    ...[...identities]
      .toSorted((a, b) => a - b)
      .map((identity) => ({
        path: `/identity/${identity}`,
        parent: '/cilium-operator',
        selectors: [{ type: 'cilium', value: 'mutual-auth' }],
      })),
  ];
  const printed = entries.map(({ path, parent, selectors, admin = false, hint = '' }) => ({
    admin,
    created_at: String(CREATED),
    dns_names: [],
    downstream: false,
    expires_at: '0',
    federates_with: [],
    hint,
    id: uuid(),
    jwt_svid_ttl: 0,
    parent_id: { path: parent, trust_domain: TRUST_DOMAIN },
    revision_number: '0',
    selectors,
    spiffe_id: { path, trust_domain: TRUST_DOMAIN },
    store_svid: false,
    x509_svid_ttl: 0,
  }));
  return `${JSON.stringify({ entries: printed, next_page_token: '' }, null, 2)}\n`;
}
