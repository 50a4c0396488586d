import 'server-only';
import type { TrustImport } from '#lib/api/receipts.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { appendAuditBy } from '#lib/db/audit-log/append.ts';
import { addSignedTrust, readSignedTrust } from '#lib/db/receipts/trust.ts';
import type { Statements } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { verifyByNode } from '#lib/keys/ed25519.ts';
import { saysTheSame, trustText } from '#lib/keys/trust-bundle.ts';
import { keyOfJwkX, thumbprint } from '#lib/receipts/public-key.ts';
import { checkRootSignature, parseTrust } from '#lib/receipts/trust.ts';
import { presentTrust } from './read-trust.ts';

/**
 * Takes over a bundle that the root has signed. Throws `bad-input` for one that it has not signed, or that is none; `conflict` for one that says something
 * else than there is now.
 */
export async function importTrust(
  tx: Statements,
  { bundle, root }: TrustImport,
  context: AuditContext,
  now: number,
): Promise<void> {
  const key = keyOfJwkX(root);
  if (!key) throw new CausewayError('bad-input', 'the root’s key is no Ed25519 key in base64url', { place: { field: 'root' } });
  const trust = parseTrust(bundle);
  await checkRootSignature(trust, key, verifyByNode);
  const { file } = await presentTrust(tx);
  if (!saysTheSame(trust.file, file))
    throw new CausewayError(
      'conflict',
      'keys, logs or witnesses have changed since this bundle was downloaded: download it again and have that one signed',
    );
  const before = await readSignedTrust(tx);
  const rootKid = thumbprint(key);
  await addSignedTrust(tx, { rootX: root, rootKid, bundle: trustText(trust.file), atMs: now, byName: context.actor.name });
  await appendAuditBy(tx, {
    ...context,
    action: 'trust.import',
    object: { type: 'trust-bundle', id: rootKid },
    outcome: 'ok',
    details: {
      issued: trust.file.issued_at,
      keys: trust.file.keys.length,
      ...(before && before.rootKid !== rootKid && { rootBefore: before.rootKid }),
    },
  });
}
