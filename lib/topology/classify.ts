import type { MapEdge, MapNodeKind } from './topology.ts';

/** What the rules below look at. */
export interface WorkloadFacts {
  readonly namespace: string;
  readonly name: string;
  readonly labels: readonly string[];
}

/** The first rule that holds names the kind of a workload; `workload` where none does. Names are whole dash-separated words. */
const KIND_RULES: readonly { readonly kind: MapNodeKind; readonly name: RegExp; readonly labels: ReadonlySet<string> }[] = [
  {
    kind: 'dns',
    name: /(^|-)(coredns|kube-dns|node-local-dns|nodelocaldns|unbound)(-|$)/,
    labels: new Set(['k8s:k8s-app=kube-dns', 'k8s:app.kubernetes.io/name=coredns', 'k8s:k8s-app=node-local-dns']),
  },
  {
    kind: 'gateway',
    name: /(^|-)(gateway|ingress|edge-proxy|envoy|nginx-ingress|traefik|haproxy|istio-ingressgateway|contour|kong|ambassador)(-|$)/,
    labels: new Set([
      'k8s:app.kubernetes.io/component=gateway',
      'k8s:app.kubernetes.io/component=ingress',
      'k8s:app.kubernetes.io/name=ingress-nginx',
      'k8s:app.kubernetes.io/name=traefik',
      'k8s:tier=edge',
    ]),
  },
];

/** The kind of a workload in the cluster. */
export function kindOfWorkload({ name, labels }: WorkloadFacts): MapNodeKind {
  const rule = KIND_RULES.find((candidate) => candidate.name.test(name) || labels.some((label) => candidate.labels.has(label)));
  return rule?.kind ?? 'workload';
}

/** The kind of a node outside the cluster, by its id. */
export function kindOfOutside(id: string): MapNodeKind {
  if (id === 'entity:host' || id === 'entity:remote-node') return 'host';
  return id.startsWith('entity:') ? 'entity' : 'external';
}

const SCRAPER =
  /(^|-)(prometheus|vmagent|victoria-metrics|grafana-agent|alloy|opentelemetry-collector|otel-collector|datadog-agent|adot-collector|metrics-server)(-|$)/;

/** Ports that serve nothing but metrics, as exporters and Cilium use them. */
const METRICS_PORTS: ReadonlySet<number> = new Set([
  2112, 8888, 9091, 9100, 9101, 9102, 9103, 9104, 9113, 9115, 9121, 9127, 9153, 9187, 9216, 9249, 9308, 9402, 9404, 9419, 9779,
  9962, 9963, 9964, 9965, 10249, 10250, 15020, 15090,
]);

const PROBERS: ReadonlySet<string> = new Set(['entity:host', 'entity:health']);
const IN_CLUSTER: ReadonlySet<MapNodeKind> = new Set(['workload', 'gateway', 'dns', 'namespace']);

/** Whether an edge is the platform's own: name lookups, metric scrapes, health probes. `metricsPath` tells that a `GET /metrics` was seen. */
export function platformOf(edge: {
  readonly sourceId: string;
  readonly sourceName: string;
  readonly destinationId: string;
  readonly destinationKind: MapNodeKind;
  readonly port: number;
  readonly metricsPath: boolean;
}): MapEdge['platform'] {
  if (edge.port === 53 || (edge.destinationKind === 'dns' && edge.port === 853)) return 'dns';
  if (edge.destinationId === 'entity:health' || (PROBERS.has(edge.sourceId) && IN_CLUSTER.has(edge.destinationKind)))
    return 'probe';
  if (SCRAPER.test(edge.sourceName) && (edge.metricsPath || METRICS_PORTS.has(edge.port))) return 'scrape';
  return '';
}
