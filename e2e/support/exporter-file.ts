import { gzipSync } from 'node:zlib';

/** Lines as the Hubble exporter writes them: `flows` requests of a shop to its database, every third one dropped, and one line that is cut. */
export function exporterLines(flows: number, at = Date.UTC(2026, 2, 2, 14, 0)): string {
  const lines = Array.from({ length: flows }, (_, index) => JSON.stringify({ flow: flowOf(index, at + index * 1_000) }));
  lines.splice(Math.floor(flows / 2), 0, '{"flow":{"time":"2026-03-02T14:0');
  return `${lines.join('\n')}\n`;
}

/** As a file to choose in a browser. */
export const exporterFile = (flows: number) => ({
  name: 'exported.jsonl',
  mimeType: 'application/x-ndjson',
  buffer: Buffer.from(exporterLines(flows)),
});

export const exporterGzip = (flows: number) => ({
  name: 'exported.jsonl.gz',
  mimeType: 'application/gzip',
  buffer: gzipSync(exporterLines(flows)),
});

function flowOf(index: number, time: number) {
  const dropped = index % 3 === 0;
  return {
    time: new Date(time).toISOString(),
    uuid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    verdict: dropped ? 'DROPPED' : 'FORWARDED',
    ...(dropped && { drop_reason: 133, drop_reason_desc: 'POLICY_DENIED' }),
    IP: { source: '10.1.0.1', destination: '10.1.0.2', ipVersion: 'IPv4' },
    l4: { TCP: { source_port: 40_000 + index, destination_port: 5432, flags: { SYN: true } } },
    source: endpoint(1001, 'shop', 'cart'),
    destination: endpoint(1002, 'data', 'orders-db'),
    Type: 'L3_L4',
    node_name: 'imported-node',
    event_type: { type: dropped ? 1 : 4 },
    traffic_direction: 'INGRESS',
    is_reply: false,
    Summary: 'TCP Flags: SYN',
  };
}

const endpoint = (identity: number, namespace: string, name: string) => ({
  identity,
  namespace,
  labels: [`k8s:app=${name}`, `k8s:io.kubernetes.pod.namespace=${namespace}`],
  pod_name: `${name}-0`,
  workloads: [{ name, kind: 'StatefulSet' }],
});
