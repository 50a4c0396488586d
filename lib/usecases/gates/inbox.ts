import 'server-only';
import type { ApprovalInbox } from '#lib/api/migration.ts';
import { withDatabase } from '#lib/db/client.ts';
import { asOf, readOpenElevations } from '#lib/db/gates/elevations.ts';
import { gateNow, readSight } from '#lib/db/gates/facts.ts';
import type { Prisma } from '#lib/db/generated/client.ts';
import { type GateFile, readGateFiles } from '#lib/db/gates/records.ts';
import { type MemberCluster, type MigrationRow, readMigrations } from '#lib/db/migration/migrations.ts';
import { approvalsLeft, decideGate } from '#lib/migration/gate/decide.ts';
import { isOpen } from '#lib/migration/gate/edges.ts';
import { decideElevation } from '#lib/migration/gate/elevation.ts';
import type { GateCaller } from '#lib/migration/gate/record.ts';
import { mayNotReview } from '#lib/migration/gate/review.ts';
import { tally } from '#lib/migration/gate/tally.ts';
import type { Phase } from '#lib/migration/model.ts';
import { planOf } from '#lib/migration/plan/plan.ts';
import { settleElevations } from './elevations.ts';
import { settleGate } from './settle-open.ts';
import { glassView } from './view.ts';

/** Who looks into their inbox: what they may do in a cluster, or undefined where they may not know of it. */
export interface InboxReader {
  readonly subject: string;
  readonly sessionId: string | undefined;
  readonly on: (cluster: MemberCluster) => GateCaller | undefined;
}

type Item = ApprovalInbox['items'][number];

/** What waits for the caller, and what they asked for and is still open, over all clusters they may see: what they may decide first, then oldest first. */
export async function readInbox(reader: InboxReader): Promise<ApprovalInbox> {
  const items: Item[] = [];
  for (const migration of await readMigrations()) {
    for (const cluster of migration.clusters) {
      const caller = reader.on(cluster);
      if (caller) items.push(...(await itemsOf(reader, migration, cluster, caller)));
    }
  }
  return { items: items.toSorted((a, b) => Number(b.mine) - Number(a.mine) || a.at - b.at) };
}

async function itemsOf(
  reader: InboxReader,
  migration: MigrationRow,
  cluster: MemberCluster,
  caller: GateCaller,
): Promise<Item[]> {
  const where = { migrationId: migration.id, clusterId: cluster.id };
  const found = await withDatabase((db) => readGateFiles(db, where));
  for (const { phase } of found.filter(({ state }) => isOpen(state))) await settleGate(cluster.id, phase);
  await settleElevations([cluster.id]);
  return withDatabase(async (db) => {
    const files = await readGateFiles(db, where);
    const items: Item[] = [];
    for (const file of files.filter(({ state }) => isOpen(state))) {
      const item = await requestItem(db, reader, caller, file);
      if (item) items.push({ ...placeOf(migration, cluster, file.phase), ...item });
    }
    for (const file of files) {
      const item = reviewItem(caller, file);
      if (item) items.push({ ...placeOf(migration, cluster, file.phase), ...item });
    }
    items.push(...(await elevationItems(db, migration, cluster, caller)));
    return items;
  });
}

type Place = Pick<Item, 'cluster' | 'environment' | 'phase' | 'phaseName'>;
type Matter = Omit<Item, keyof Place>;

const placeOf = ({ planVersion }: MigrationRow, { id, name, environment }: MemberCluster, phase: Phase): Place => ({
  cluster: { id, name },
  environment,
  phase,
  phaseName: planOf(planVersion)?.phases.find((each) => each.phase === phase)?.name ?? `Phase ${phase}`,
});

/** A request that waits for an approver, or the caller's own. */
async function requestItem(
  db: Prisma.TransactionClient,
  { subject, sessionId }: InboxReader,
  caller: GateCaller,
  file: GateFile,
): Promise<Matter | undefined> {
  const own = file.requestedBy.subject === subject;
  const waits = file.state === 'requested' || file.state === 'approving';
  if (!own && !(waits && caller.roles.has('approver'))) return undefined;
  const { approved, needed, missingTeams } = tally(file);
  const base = { by: { ...file.requestedBy }, request: file.id, at: file.requestedAt } as const;
  if (own) {
    const text = waits ? `${approved} of ${needed} approved` : `${file.state}${file.stateReason ? `: ${file.stateReason}` : ''}`;
    const reason = waits ? approvalsLeft(approved, needed, missingTeams) : '';
    return { ...base, kind: 'own', text, ...(isDecided(file) ? {} : { until: file.expiresAt }), mine: false, reason };
  }
  const { facts } = await readSight(db, file.cluster, file.phase, { subject, sessionId }, 'look');
  const order = { command: 'approve', expectedVersion: file.version, evidenceHash: file.evidenceHash, comment: '' } as const;
  const outcome = decideGate(file, order, caller, facts);
  return {
    ...base,
    kind: 'gate',
    text: `${approved} of ${needed} approved`,
    until: file.expiresAt,
    mine: outcome.ok,
    reason: outcome.ok ? '' : outcome.reason,
  };
}

/** Time does not run for it any more. */
const isDecided = ({ state }: GateFile) => state !== 'requested' && state !== 'approving' && state !== 'approved';

function reviewItem(caller: GateCaller, file: GateFile): Matter | undefined {
  const glass = glassView(file);
  if (!glass || glass.review.closedBy || !caller.roles.has('approver')) return undefined;
  const refusal = mayNotReview({ by: glass.by, closedBy: undefined }, caller);
  return {
    kind: 'review',
    text: `broken glass: ${glass.reason}`,
    by: glass.by,
    at: glass.at,
    request: file.id,
    mine: !refusal,
    reason: refusal?.reason ?? '',
  };
}

async function elevationItems(
  db: Prisma.TransactionClient,
  migration: MigrationRow,
  cluster: MemberCluster,
  caller: GateCaller,
): Promise<Item[]> {
  const now = await gateNow(db);
  const open = (await readOpenElevations(db, [cluster.id])).map((each) => asOf(each, now));
  return open.flatMap((record): Item[] => {
    const place = placeOf(migration, cluster, record.phase);
    const base = { by: { ...record.by }, at: record.askedAt, request: record.id } as const;
    if (record.by.subject === caller.subject && (record.state === 'asked' || record.state === 'running')) {
      const text = `elevation of ${record.minutes} minutes, ${record.state === 'running' ? 'running' : 'not granted yet'}`;
      const until = record.endsAt === undefined ? {} : { until: record.endsAt };
      return [{ ...place, ...base, kind: 'own', text, ...until, mine: false, reason: '' }];
    }
    const outcome = decideElevation(record, 'grant', caller);
    if (record.state !== 'asked' || !outcome.ok) return [];
    const text = `elevation of ${record.minutes} minutes: ${record.reason}`;
    return [{ ...place, ...base, kind: 'elevation', text, mine: true, reason: '' }];
  });
}
