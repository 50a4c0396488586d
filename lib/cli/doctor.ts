import { join } from 'node:path';
import type { KubernetesTarget, RelayTarget } from '#lib/api/clusters.ts';
import { checkNats } from '#lib/bus/nats/check.ts';
import { natsConfigOf } from '#lib/config/nats.ts';
import { receiptSettingsOf } from '#lib/config/receipts.ts';
import { embeddedIsRunning } from '#lib/db/embedded.ts';
import { type ObjectsPlace, readObjectsPlaces } from '#lib/db/policies/targets.ts';
import { clustersToFollow, type FollowedCluster } from '#lib/db/traffic/clusters.ts';
import { openTrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { checkKubernetes, kubernetesByDefault } from '#lib/kubernetes/check.ts';
import { loadHeldKeys } from '#lib/keys/held-keys.ts';
import { KEY_ROLES, type KeyRole } from '#lib/keys/states.ts';
import { connectRelay } from '#lib/relay/client.ts';
import { openDataDir } from './data-dir.ts';
import { checkTables, type DatabaseOptions } from './database.ts';
import { type RelayOptions, relayTarget } from './relay-options.ts';

export interface DoctorOptions extends DatabaseOptions, RelayOptions {
  readonly kubeconfig?: string;
  readonly kubeContext?: string;
  readonly json?: boolean;
}

/** What one check found. `off` is not configured: nothing is wrong, and `detail` says how to turn it on. */
export interface Diagnosis {
  readonly check: string;
  readonly state: 'ok' | 'wrong' | 'off';
  readonly detail: string;
}

/** `causeway doctor`: checks one thing after another, prints a line each, and exits with 1 when anything configured is wrong. */
export async function doctor(options: DoctorOptions, root: string, say: (line: string) => void): Promise<void> {
  const found: Diagnosis[] = [];
  for await (const diagnosis of diagnose(options, root)) {
    found.push(diagnosis);
    if (!options.json) say(`${SIGN[diagnosis.state]}  ${diagnosis.check.padEnd(28)}  ${diagnosis.detail}`);
  }
  if (options.json) say(JSON.stringify(found, null, 2));
  process.exitCode = found.some(({ state }) => state === 'wrong') ? 1 : 0;
}

const SIGN = { ok: 'ok   ', wrong: 'WRONG', off: 'off  ' } as const;

async function* diagnose(options: DoctorOptions, root: string): AsyncGenerator<Diagnosis> {
  const { database, clusters, places } = await checkDatabase(options, root);
  yield database;
  const targets = options.relay ? [{ id: options.relay, relay: relayTarget({ ...options, relay: options.relay }) }] : clusters;
  if (targets.length === 0) yield off('relay', 'no cluster is configured; pass --relay HOST:PORT');
  for (const { id, relay } of targets) yield await checked(`relay of ${id}`, () => checkRelay(relay));
  yield process.env['CAUSEWAY_NATS_URL']
    ? await checked('NATS', checkBus)
    : off('NATS', 'CAUSEWAY_NATS_URL is not set: flows come from relays, and receipts are read from the console');
  for (const role of KEY_ROLES) yield checkKeys(role, options.data);
  const apiServers = apiServersOf(options, places);
  if (apiServers.length === 0)
    yield off('Kubernetes', 'no kubeconfig and not in a pod: objects are uploaded, or read with --objects DIR');
  for (const { check, target } of apiServers) yield await checked(check, () => checkApiServer(target));
  const issuer = process.env['OIDC_ISSUER'];
  yield issuer
    ? await checked('sign-in (OIDC)', () => checkIssuer(issuer))
    : off('sign-in (OIDC)', 'OIDC_ISSUER is not set: demo users, on loopback only');
}

/** The key files of a role as ingest reads them; of a private part nothing is said. */
function checkKeys(role: KeyRole, data: string): Diagnosis {
  const check = `${role} key`;
  try {
    const places = receiptSettingsOf(process.env)?.keys ?? { directory: join(openDataDir(data).path, 'keys') };
    const { byRole, problems } = loadHeldKeys(places);
    if (problems[role].length > 0) return { check, state: 'wrong', detail: problems[role].join('; ') };
    const kids = byRole[role].map(({ kid }) => kid);
    if (kids.length === 0) return off(check, 'none yet: causeway up makes one at its first start, a deployment names files');
    return { check, state: 'ok', detail: kids.join(', ') };
  } catch (error) {
    return { check, state: 'wrong', detail: messageOf(error) };
  }
}

/** Streams are looked at by ingest, which says what it would have otherwise. */
async function checkBus(): Promise<string> {
  const config = natsConfigOf(process.env);
  if (!config) return 'not used';
  const { version, streams } = await checkNats(config);
  return `${config.servers.join(', ')}, version ${version}, streams: ${streams.join(', ') || 'none'}`;
}

async function checkDatabase(
  options: DoctorOptions,
  root: string,
): Promise<{ database: Diagnosis; clusters: FollowedCluster[]; places: ObjectsPlace[] }> {
  const data = openDataDir(options.data);
  if (!options.databaseUrl && !(await embeddedIsRunning(data.path))) {
    return {
      database: off('database', `embedded in ${data.path}, not running: start it with causeway up`),
      clusters: [],
      places: [],
    };
  }
  const url = options.databaseUrl ?? data.embeddedUrl;
  let clusters: FollowedCluster[] = [];
  let places: ObjectsPlace[] = [];
  const db = openTrafficDb(url, 1);
  const database = await checked('database', async () => {
    await checkTables(url, root);
    clusters = await clustersToFollow(db);
    places = await readObjectsPlaces(db);
    return `${options.databaseUrl ? 'PostgreSQL' : 'embedded'}, ${clusters.length} ${clusters.length === 1 ? 'cluster' : 'clusters'} followed`;
  });
  await db.close();
  return { database, clusters, places };
}

/** The API servers to look at: the one that is named, or those of the clusters and the one this machine would use by itself. */
function apiServersOf(
  { kubeconfig, kubeContext: context }: DoctorOptions,
  places: readonly ObjectsPlace[],
): { readonly check: string; readonly target: KubernetesTarget }[] {
  if (kubeconfig !== undefined)
    return [{ check: 'Kubernetes', target: { kubeconfig, ...(context !== undefined && { context }) } }];
  const configured = places.flatMap(({ cluster, target }) =>
    target?.from === 'kubernetes' ? [{ check: `Kubernetes of ${cluster}`, target }] : [],
  );
  const own = configured.length === 0 ? kubernetesByDefault(process.env) : undefined;
  return own ? [{ check: 'Kubernetes', target: own }] : configured;
}

/** Rights that are missing are wrong: what rests on them is never told. Kinds that are not installed are not. */
async function checkApiServer(target: KubernetesTarget): Promise<string> {
  const { server, version, readable, forbidden, absent } = await checkKubernetes(target);
  const missing = absent.length > 0 ? `; not installed: ${absent.join(', ')}` : '';
  if (forbidden.length > 0)
    throw new CausewayError(
      'not-configured',
      `${server}, ${version}: may not list ${forbidden.join(', ')}; see deploy/rbac.yaml${missing}`,
    );
  return `${server}, ${version}, may read all ${readable.length} kinds${missing}`;
}

async function checkRelay(target: RelayTarget): Promise<string> {
  const relay = connectRelay(target);
  try {
    const [status, nodes] = [await relay.serverStatus(), await relay.nodes()];
    const away = nodes.filter(({ state }) => state !== 'NODE_CONNECTED').map(({ name }) => name);
    return `${target.address}, ${status.version}, ${status.connectedNodes} of ${nodes.length} nodes${away.length > 0 ? ` (away: ${away.join(', ')})` : ''}, ${status.flowsPerSecond.toFixed(0)} flows/s`;
  } finally {
    relay.close();
  }
}

/** OpenID Connect Discovery 1.0, section 4: the document must name the very issuer it was asked of. */
async function checkIssuer(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000), redirect: 'error' });
  if (!answer.ok) throw new CausewayError('not-configured', `${url} answers ${answer.status}`);
  const document = (await answer.json()) as { issuer?: string; authorization_endpoint?: string };
  if (document.issuer !== issuer)
    throw new CausewayError('not-configured', `${url} names the issuer ${document.issuer}, not ${issuer}`);
  const missing = ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_ROLE_MAP'].filter((name) => !process.env[name]);
  if (missing.length > 0) throw new CausewayError('not-configured', `${missing.join(', ')} not set`);
  return issuer;
}

async function checked(check: string, work: () => Promise<string>): Promise<Diagnosis> {
  try {
    return { check, state: 'ok', detail: await work() };
  } catch (error) {
    return { check, state: 'wrong', detail: messageOf(error) };
  }
}

const off = (check: string, detail: string): Diagnosis => ({ check, state: 'off', detail });
