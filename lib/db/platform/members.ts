import 'server-only';
import { Grant, type Member } from '#lib/api/people.ts';
import { withDatabase } from '../client.ts';

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

/** Notes who signed in, and replaces what an earlier sign-in granted. */
export const recordSignIn = ({ subject, name, email, grants }: SignedIn): Promise<void> =>
  withDatabase(async (db) => {
    const now = new Date();
    await db.$transaction([
      db.member.upsert({ where: { subject }, create: { subject, name, email }, update: { name, email, lastSeen: now } }),
      db.memberGrant.deleteMany({ where: { subject } }),
      db.memberGrant.createMany({
        data: grants.map(({ grant: { role, scope }, source }) => ({ subject, role, scope, source })),
        skipDuplicates: true,
      }),
    ]);
  });

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
export function sourcedGrantOf(row: { role: string; scope: string; source: string }): SourcedGrant[] {
  const grant = Grant.safeParse({ role: row.role, scope: row.scope });
  return grant.success ? [{ grant: grant.data, source: row.source }] : [];
}
