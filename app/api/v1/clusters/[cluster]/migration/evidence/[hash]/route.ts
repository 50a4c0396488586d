import { EvidenceHash } from '#lib/api/migration.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { handle } from '#lib/http/handle.ts';
import { readSnapshot } from '#lib/db/migration/evidence.ts';

export const GET = handle('GET /api/v1/clusters/{cluster}/migration/evidence/{hash}', async ({ cluster, params }) => {
  const hash = EvidenceHash.safeParse(params['hash']);
  const body = hash.success ? await readSnapshot(cluster.id, hash.data) : undefined;
  if (body === undefined) throw new CausewayError('not-found', 'no evidence of this cluster has this hash');
  return new Response(body, {
    headers: { 'content-type': 'application/json', 'cache-control': 'private, max-age=31536000, immutable' },
  });
});
