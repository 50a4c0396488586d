import { readFileSync } from 'node:fs';

interface Pod {
  readonly kind: string;
  readonly spec?: { readonly hostNetwork?: boolean };
  readonly status?: { readonly podIP?: string };
}

/** A day and a bit of VPC Flow Logs in the default format, between the pods of a cluster's objects: one line for each minute and pair. */
export function flowLogsOf(objectsFile: string, now: number): string {
  const { items } = JSON.parse(readFileSync(objectsFile, 'utf8')) as { items: readonly Pod[] };
  const addresses = items
    .filter(({ kind, spec, status }) => kind === 'Pod' && spec?.hostNetwork !== true && status?.podIP !== undefined)
    .map(({ status }) => status?.podIP ?? '')
    .filter((address) => address.includes('.'))
    .slice(0, 6);
  const [server = '', ...clients] = addresses;
  const lines = [
    'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status',
  ];
  const from = Math.floor(now / 60_000) * 60 - 25 * 3600;
  for (let minute = 0; minute < 25 * 60; minute += 1)
    for (const [index, client] of clients.entries()) {
      const start = from + minute * 60;
      lines.push(
        `2 123456789012 eni-0a1b2c3d ${client} ${server} ${40_000 + index} 8080 6 12 9000 ${start} ${start + 59} ACCEPT OK`,
      );
    }
  return `${lines.join('\n')}\n`;
}
