import 'server-only';
import { z } from 'zod';
import { Grant, type TokenInfo } from '#lib/api/people.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAudit } from '../audit-log/append.ts';
import { withDatabase } from '../client.ts';
import type { ApiToken } from '../generated/client.ts';

export interface NewToken {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  /** SHA-256 of the secret, hexadecimal. */
  readonly secretHash: string;
  readonly grants: readonly Grant[];
  readonly createdBy: string;
  /** Unix milliseconds. */
  readonly now: number;
  readonly expiresAt: number;
}

export const insertToken = ({ grants, now, expiresAt, ...token }: NewToken, context: AuditContext): Promise<TokenInfo> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const created = await tx.apiToken.create({
        data: { ...token, grants: [...grants], createdAt: new Date(now), expiresAt: new Date(expiresAt) },
      });
      await appendAudit(tx, {
        ...context,
        action: 'token.create',
        object: { type: 'token', id: token.id },
        outcome: 'ok',
        details: { name: token.name, grants: grants.map(({ role, scope }) => `${role} ${scope}`).join(', '), expiresAt },
      });
      return tokenOf(created);
    }),
  );

/** Newest first, the ended ones too. */
export const readTokens = (): Promise<TokenInfo[]> =>
  withDatabase(async (db) => (await db.apiToken.findMany({ orderBy: { createdAt: 'desc' }, take: 1000 })).map(tokenOf));

/** A token that is neither revoked nor expired, with the hash its secret must have. */
export const findToken = (id: string, now: number): Promise<(TokenInfo & { secretHash: string }) | undefined> =>
  withDatabase(async (db) => {
    const row = await db.apiToken.findUnique({ where: { id } });
    if (!row || row.revokedAt || (row.expiresAt && row.expiresAt.getTime() <= now)) return undefined;
    return { ...tokenOf(row), secretHash: row.secretHash };
  });

export const touchToken = (id: string, now: number): Promise<void> =>
  withDatabase(async (db) => {
    await db.apiToken.updateMany({ where: { id }, data: { lastUsed: new Date(now) } });
  });

/** Whether there was one to end. */
export const revokeTokenRow = (id: string, now: number, context: AuditContext): Promise<boolean> =>
  withDatabase((db) =>
    db.$transaction(async (tx) => {
      const { count } = await tx.apiToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date(now) } });
      if (count === 0) return false;
      await appendAudit(tx, { ...context, action: 'token.revoke', object: { type: 'token', id }, outcome: 'ok' });
      return true;
    }),
  );

function tokenOf({ id, name, prefix, grants, createdAt, createdBy, lastUsed, expiresAt, revokedAt }: ApiToken): TokenInfo {
  return {
    id,
    name,
    prefix,
    grants: z.array(Grant).catch([]).parse(grants),
    createdAt: createdAt.getTime(),
    createdBy,
    ...(lastUsed && { lastUsed: lastUsed.getTime() }),
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
    ...(revokedAt && { revokedAt: revokedAt.getTime() }),
  };
}
