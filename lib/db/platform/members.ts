import 'server-only';
import { Grant, type Member } from '#lib/api/people.ts';
import type { AuditContext, NewAuditEvent } from '#lib/audit-log/event.ts';
import { appendAudit } from '../audit-log/append.ts';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';

/** A grant with where it came from: `group:ID` of the provider, or `demo`. */
export interface SourcedGrant {
  readonly grant: Grant;
  readonly source: string;
}

export interface SignedIn {
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  readonly grants: readonly SourcedGrant[];
}

/** Notes who signed in, and replaces what an earlier sign-in granted; what that changed is written to the audit log where `context` is given. */
export const recordSignIn = (member: SignedIn, context?: AuditContext): Promise<void> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const change = await recordSignInBy(tx, member);
      if (change && context) await appendAudit(tx, { ...context, ...change });
    }),
  );

/** As `recordSignIn`, within a transaction: gives what is to be added to its audit log, at its end as `appendAudit` asks. */
export async function recordSignInBy(
  tx: Prisma.TransactionClient,
  { subject, name, email, grants }: SignedIn,
): Promise<GrantsChange | undefined> {
  await tx.member.upsert({
    where: { subject },
    create: { subject, name, email },
    update: { name, email, lastSeen: new Date() },
  });
  return replaceGrants(tx, subject, grants);
}

/** Takes away what earlier sign-ins granted, when the provider says that nothing of it holds any more. */
export const withdrawGrants = (subject: string, context: AuditContext): Promise<void> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const change = await replaceGrants(tx, subject, []);
      if (change) await appendAudit(tx, { ...context, ...change });
    }),
  );

/** That somebody's rights are others than before. */
type GrantsChange = Omit<NewAuditEvent, keyof AuditContext>;

async function replaceGrants(
  tx: Prisma.TransactionClient,
  subject: string,
  grants: readonly SourcedGrant[],
): Promise<GrantsChange | undefined> {
  const before = wordsOf((await tx.memberGrant.findMany({ where: { subject } })).flatMap(sourcedGrantOf));
  const after = wordsOf(grants);
  if (before === after) return undefined;
  await tx.memberGrant.deleteMany({ where: { subject } });
  await tx.memberGrant.createMany({
    data: grants.map(({ grant: { role, scope, team = '' }, source }) => ({ subject, role, scope, team, source })),
    skipDuplicates: true,
  });
  const object = { type: 'member', id: subject };
  return { action: 'member.grants-changed', object, outcome: 'ok', details: { before, after } };
}

/** Grants in one line and one order, to compare and to write down. */
const wordsOf = (grants: readonly SourcedGrant[]): string =>
  [
    ...new Set(
      grants.map(({ grant: { role, scope, team }, source }) => `${role} ${scope}${team ? ` (${team})` : ''} by ${source}`),
    ),
  ]
    .toSorted()
    .join(', ');

/** What the last sign-in of `subject` granted. */
export const readGrants = (subject: string): Promise<SourcedGrant[]> =>
  withDatabase(async (db) => (await db.memberGrant.findMany({ where: { subject } })).flatMap(sourcedGrantOf));

/** Members by name, with their open sessions counted; `effective` decides which of their grants still count. */
export const readMembers = (now: number, effective: (grants: readonly SourcedGrant[]) => Grant[]): Promise<Member[]> =>
  withDatabase(async (db) => {
    const rows = await db.member.findMany({
      orderBy: [{ name: 'asc' }, { subject: 'asc' }],
      include: {
        grants: true,
        _count: { select: { sessions: { where: { revokedAt: null, expiresAt: { gt: new Date(now) } } } } },
      },
    });
    return rows.map(({ subject, name, email, firstSeen, lastSeen, grants, _count }) => ({
      subject,
      name,
      email,
      grants: effective(grants.flatMap(sourcedGrantOf)),
      firstSeen: firstSeen.getTime(),
      lastSeen: lastSeen.getTime(),
      sessions: _count.sessions,
    }));
  });

/** A role or scope that this version does not know grants nothing. */
export function sourcedGrantOf(row: { role: string; scope: string; source: string; team: string }): SourcedGrant[] {
  const grant = Grant.safeParse({ role: row.role, scope: row.scope, ...(row.team && { team: row.team }) });
  return grant.success ? [{ grant: grant.data, source: row.source }] : [];
}
