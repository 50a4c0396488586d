import { withStatements } from '#lib/db/client.ts';
import { handle } from '#lib/http/handle.ts';
import { publicFile } from '#lib/http/public-file.ts';
import { trustText } from '#lib/keys/trust-bundle.ts';
import { handedOutTrust, presentTrust } from '#lib/usecases/keys/read-trust.ts';

export const GET = handle('GET /.well-known/causeway/trust.json', async ({ request, query }) => {
  const text = await withStatements(async (db) =>
    query.present === undefined ? handedOutTrust(db) : trustText((await presentTrust(db)).file),
  );
  return publicFile(request, text, 'application/json');
});
