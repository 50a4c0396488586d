import type { Role } from '#lib/api/people.ts';
import { TokenInput } from '#lib/api/people.ts';
import { closeDatabase } from '#lib/db/client.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { createToken as create } from '#lib/usecases/create-token.ts';
import { openDataDir } from './data-dir.ts';
import { type DatabaseOptions, withTables } from './database.ts';
import { actAs } from './environment.ts';

export interface TokenOptions extends DatabaseOptions {
  readonly name: string;
  readonly role: Role;
  readonly scope: string;
  readonly expires: number;
}

/** `causeway token create`: prints the secret alone on standard output, so that a script can take it; the rest goes to standard error. */
export async function createToken(options: TokenOptions, root: string, say: (line: string) => void): Promise<void> {
  const order = TokenInput.safeParse({
    name: options.name,
    grants: [{ role: options.role, scope: options.scope }],
    expiresInDays: options.expires,
  });
  if (!order.success)
    throw new CausewayError(
      'bad-input',
      order.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  const created = await withTables(options, root, async (url) => {
    actAs(openDataDir(options.data), url);
    try {
      return await create({ ...order.data, createdBy: 'console' });
    } finally {
      await closeDatabase();
    }
  });
  console.error(
    `token "${created.name}" (${options.role} on ${options.scope}), expires in ${options.expires} days; the secret is shown only now:`,
  );
  say(created.secret);
}
