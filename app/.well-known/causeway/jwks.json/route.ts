import { withStatements } from '#lib/db/client.ts';
import { handle } from '#lib/http/handle.ts';
import { publicFile } from '#lib/http/public-file.ts';
import { jwksOf } from '#lib/keys/jwks.ts';
import { readKeyStates } from '#lib/usecases/keys/read-trust.ts';

export const GET = handle('GET /.well-known/causeway/jwks.json', async ({ request }) => {
  const jwks = jwksOf(await withStatements(readKeyStates));
  return publicFile(request, JSON.stringify(jwks), 'application/jwk-set+json');
});
