import 'server-only';
import { randomUUID } from 'node:crypto';
import type { SessionInfo } from '#lib/api/people.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAudit } from '../audit-log/append.ts';
import { withDatabase } from '../client.ts';
import type { Prisma } from '../generated/client.ts';
import { recordSignInBy, type SignedIn, type SourcedGrant, sourcedGrantOf } from './members.ts';

/** An open session with its member. Times in Unix milliseconds. */
export interface OpenSession {
  readonly id: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string;
  readonly lastSeen: number;
  readonly expiresAt: number;
  readonly grants: readonly SourcedGrant[];
}

export interface NewSession {
  readonly subject: string;
  readonly tokenHash: string;
  readonly userAgent: string;
  readonly now: number;
  readonly expiresAt: number;
}

/** Opens a session and returns its id. Sessions that ended a day ago are cleared away. */
export const insertSession = (session: NewSession): Promise<string> =>
  withDatabase((db) => db.$transaction((tx) => insertSessionBy(tx, session)));

/**
 * A sign-in as a whole: the member, what it grants, the session, and the row of the audit log, with `details` of how it was proved. Returns the id of
 * the session.
 */
export const openSession = (
  member: SignedIn,
  session: NewSession,
  context: AuditContext,
  details: Readonly<Record<string, string>> = {},
): Promise<string> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const change = await recordSignInBy(tx, member);
      const id = await insertSessionBy(tx, session);
      if (change) await appendAudit(tx, { ...context, ...change });
      const object = { type: 'session', id };
      await appendAudit(tx, { ...context, action: 'session.sign-in', object, outcome: 'ok', details });
      return id;
    }),
  );

async function insertSessionBy(
  tx: Prisma.TransactionClient,
  { subject, tokenHash, userAgent, now, expiresAt }: NewSession,
): Promise<string> {
  const id = randomUUID();
  await tx.session.deleteMany({ where: { expiresAt: { lt: new Date(now - 86_400_000) } } });
  const times = { createdAt: new Date(now), lastSeen: new Date(now), expiresAt: new Date(expiresAt) };
  await tx.session.create({ data: { id, subject, tokenHash, userAgent, ...times } });
  return id;
}

/** One statement, as every request asks it: the open session with this hash, used since `idleSince`. */
export const findSession = (tokenHash: string, now: number, idleSince: number): Promise<OpenSession | undefined> =>
  withDatabase(async (db) => {
    const [row] = await db.$queryRaw<SessionRow[]>`
      SELECT s.id, s.subject, m.name, m.email, s.last_seen, s.expires_at,
        coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role, 'scope', g.scope, 'source', g.source, 'team', g.team)) FROM member_grant g WHERE g.subject = s.subject), '[]') AS grants
      FROM session s JOIN member m ON m.subject = s.subject
      WHERE s.token_hash = ${tokenHash} AND s.revoked_at IS NULL AND s.expires_at > ${new Date(now)} AND s.last_seen > ${new Date(idleSince)}`;
    if (!row) return undefined;
    const { id, subject, name, email, last_seen: lastSeen, expires_at: expiresAt, grants } = row;
    return {
      id,
      subject,
      name,
      email,
      lastSeen: lastSeen.getTime(),
      expiresAt: expiresAt.getTime(),
      grants: grants.flatMap(sourcedGrantOf),
    };
  });

export const touchSession = (id: string, now: number): Promise<void> =>
  withDatabase(async (db) => {
    await db.session.updateMany({ where: { id }, data: { lastSeen: new Date(now) } });
  });

/** Open sessions, newest use first: of one member, or of all. */
export const readSessions = (
  of: { subject?: string; current?: string | undefined },
  now: number,
  idleSince: number,
): Promise<SessionInfo[]> =>
  withDatabase(async (db) => {
    const rows = await db.session.findMany({
      where: {
        ...(of.subject === undefined ? {} : { subject: of.subject }),
        revokedAt: null,
        expiresAt: { gt: new Date(now) },
        lastSeen: { gt: new Date(idleSince) },
      },
      orderBy: { lastSeen: 'desc' },
      include: { member: { select: { name: true } } },
      take: 1000,
    });
    return rows.map(({ id, subject, member, userAgent, createdAt, lastSeen, expiresAt }) => ({
      id,
      subject,
      name: member.name,
      userAgent,
      createdAt: createdAt.getTime(),
      lastSeen: lastSeen.getTime(),
      expiresAt: expiresAt.getTime(),
      current: id === of.current,
    }));
  });

/** Whose session this is, if it is open. */
export const readSessionSubject = (id: string): Promise<string | undefined> =>
  withDatabase(
    async (db) => (await db.session.findFirst({ where: { id, revokedAt: null }, select: { subject: true } }))?.subject,
  );

/** Ends a session by id or by the hash of its secret, as `action` of whoever asks. Whether there was one to end. */
export const revokeSession = (
  which: { id: string } | { tokenHash: string },
  now: number,
  { action, reason, ...context }: AuditContext & { action: 'session.sign-out' | 'session.revoke'; reason?: string },
): Promise<boolean> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const ended = await tx.session.updateManyAndReturn({
        where: { ...which, revokedAt: null },
        data: { revokedAt: new Date(now) },
      });
      for (const { id, subject } of ended) {
        const object = { type: 'session', id };
        const details = { subject };
        await appendAudit(tx, { ...context, action, object, outcome: 'ok', details, ...(reason !== undefined && { reason }) });
      }
      return ended.length > 0;
    }),
  );

interface SessionRow {
  id: string;
  subject: string;
  name: string;
  email: string;
  last_seen: Date;
  expires_at: Date;
  grants: { role: string; scope: string; source: string; team: string }[];
}
