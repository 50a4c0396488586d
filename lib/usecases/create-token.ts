import 'server-only';
import { createHash, randomBytes } from 'node:crypto';
import type { Grant, TokenCreated } from '#lib/api/people.ts';
import { type AuditContext, BY_CONSOLE } from '#lib/audit-log/event.ts';
import { insertToken } from '#lib/db/platform/tokens.ts';
import { CausewayError } from '#lib/errors/errors.ts';

export interface TokenOrder {
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly expiresInDays: number;
  /** Subject of the member whose rights bound it, or `console` for the command line of the console's own host. */
  readonly createdBy: string;
}

/** Creates a token `cwy_<id>_<secret>`; the secret is in this answer and nowhere else. A program never approves. Throws `bad-input`. */
export async function createToken(
  { expiresInDays, ...order }: TokenOrder,
  context: AuditContext = BY_CONSOLE,
  now = Date.now(),
): Promise<TokenCreated> {
  const unfit = order.grants.find(({ role }) => role === 'approver' || role === 'breakglass');
  if (unfit) throw new CausewayError('bad-input', `a token cannot have the role ${unfit.role}`, { place: { field: 'grants' } });
  const id = randomBytes(8).toString('hex');
  const prefix = `cwy_${id}`;
  const secret = `${prefix}_${randomBytes(32).toString('base64url')}`;
  const secretHash = createHash('sha256')
    .update(secret.slice(prefix.length + 1))
    .digest('hex');
  const info = await insertToken({ ...order, id, prefix, secretHash, now, expiresAt: now + expiresInDays * 86_400_000 }, context);
  return { ...info, secret };
}
