import 'server-only';
import { CompromiseInput, KeysQuery, RotationInput, TrustImport } from '#lib/api/receipts.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { SigningKeys } from '#lib/keys/signing-keys.ts';
import { auditContextOf } from '../audit-context.ts';
import { jsonBody, parsed } from '../input.ts';
import { importTrust } from '#lib/usecases/keys/import-trust.ts';
import type { Route } from '../server.ts';
import { listKeys } from './list-keys.ts';

/** Room for a bundle as a JSON text, in bytes. */
const MOST_BUNDLE = 64 * 1024;

/** What is done with keys is done here, where their private parts are. `keys` is undefined where nothing is signed. */
export function keyRoutes(db: TrafficDb, keys: SigningKeys | undefined): Route[] {
  const mine = (): SigningKeys => {
    if (!keys) throw new CausewayError('conflict', 'receipts are off in this console: there are no keys');
    return keys;
  };
  return [
    {
      method: 'GET',
      path: '/keys',
      handle: async ({ query }) => ({ json: await listKeys(db, keys, parsed(KeysQuery, query).cluster) }),
    },
    {
      method: 'POST',
      path: '/keys/rotation',
      handle: async (call) => {
        const { role, reason } = parsed(RotationInput, await jsonBody(call.body));
        await mine().rotate(role, reason, auditContextOf(call));
        return { json: await listKeys(db, keys, undefined), status: 201 };
      },
    },
    {
      method: 'POST',
      path: '/keys/:kid/compromise',
      handle: async (call) => {
        const { at, reason } = parsed(CompromiseInput, await jsonBody(call.body));
        await mine().compromise(call.params['kid'] ?? '', at, reason, auditContextOf(call));
        return { json: await listKeys(db, keys, undefined) };
      },
    },
    {
      method: 'PUT',
      path: '/keys/trust',
      handle: async (call) => {
        const input = parsed(TrustImport, await jsonBody(call.body, 2 * MOST_BUNDLE));
        await db.transaction((tx) => importTrust(tx, input, auditContextOf(call), Date.now()));
        return { json: await listKeys(db, keys, undefined) };
      },
    },
  ];
}
