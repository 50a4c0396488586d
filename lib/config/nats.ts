import 'server-only';
import { readFileSync } from 'node:fs';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';

/** How ingest uses NATS JetStream. */
export interface NatsConfig {
  /** `nats://host:port` or `tls://host:port`. */
  readonly servers: readonly string[];
  /** What the server lets us in by: a `.creds` file's text, an nkey seed, `user:password`, or a token. */
  readonly credentials: string | undefined;
  /** Paths of PEM files. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  /** Flows are read from the bus, written to it (by the console that reads the relay), or neither. */
  readonly flows: 'consume' | 'publish' | 'off';
  /** Console's cluster by the name that a message gives; `*` is for messages that give none. */
  readonly clusters: ReadonlyMap<string, string>;
  /** Name of the durable consumer. Consoles that share a server have different ones. */
  readonly consumer: string;
  /** Copies of the streams that are made; as many as the cluster has servers, at most three, when absent. */
  readonly replicas: number | undefined;
}

const USES = ['consume', 'publish', 'off'] as const;
const CLUSTER = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** `CAUSEWAY_NATS_*`; undefined without `CAUSEWAY_NATS_URL`. Throws `not-configured` naming each variable that is wrong; no value of a credential is repeated. */
export function natsConfigOf(environment: Readonly<Record<string, string | undefined>>): NatsConfig | undefined {
  const given = (name: string): string | undefined => environment[`CAUSEWAY_NATS_${name}`]?.trim() || undefined;
  const url = given('URL');
  if (url === undefined) return undefined;
  const problems: string[] = [];
  const wrong = (name: string, why: string): void => void problems.push(`CAUSEWAY_NATS_${name} ${why}`);

  const servers = url.split(',').map((server) => server.trim());
  for (const server of servers)
    if (!isServer(server)) wrong('URL', 'is nats://HOST:PORT or tls://HOST:PORT, several separated by commas');
  const use = USES.find((name) => name === (given('FLOWS') ?? 'consume'));
  if (!use) wrong('FLOWS', `is one of ${USES.join(', ')}`);
  const consumer = given('CONSUMER') ?? 'causeway';
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(consumer)) wrong('CONSUMER', 'is up to 64 letters, digits, - and _');
  const replicas = given('REPLICAS');
  if (replicas !== undefined && !/^[135]$/.test(replicas)) wrong('REPLICAS', 'is 1, 3 or 5');
  const [ca, cert, key] = [given('CA_FILE'), given('CERT_FILE'), given('KEY_FILE')];
  if ((cert === undefined) !== (key === undefined)) wrong('CERT_FILE', 'and CAUSEWAY_NATS_KEY_FILE are set together');
  const clusters = clustersOf(given('CLUSTERS') ?? '', (why) => wrong('CLUSTERS', why));
  const file = given('CREDENTIALS_FILE');
  const credentials = file === undefined ? undefined : readFile(file, (why) => wrong('CREDENTIALS_FILE', why));
  if (problems.length > 0 || !use) throw new CausewayError('not-configured', [...new Set(problems)].join('\n'));
  return {
    servers,
    credentials,
    tls: ca || cert ? { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } : undefined,
    flows: use,
    clusters,
    consumer,
    replicas: replicas === undefined ? undefined : Number(replicas),
  };
}

/** A password in the URL would end up in logs: it belongs into the credentials file. */
function isServer(text: string): boolean {
  if (!/^(nats|tls):\/\/[^/]+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password } = new URL(text);
  return hostname !== '' && username === '' && password === '';
}

/** `NAME=CLUSTER`, several separated by commas; a cluster alone is for messages that name none. */
function clustersOf(text: string, wrong: (why: string) => void): Map<string, string> {
  const clusters = new Map<string, string>();
  for (const entry of text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)) {
    const at = entry.lastIndexOf('=');
    const [name, cluster] = at < 0 ? ['*', entry] : [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
    if (name === '' || !CLUSTER.test(cluster)) wrong('is NAME=CLUSTER, several separated by commas, or one cluster');
    else clusters.set(name, cluster);
  }
  return clusters;
}

function readFile(path: string, wrong: (why: string) => void): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    wrong(`cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}
