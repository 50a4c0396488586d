import { RelayCheck } from '#lib/api/relay-check.ts';
import { errorOfAnswer } from '#lib/bus/ingest-client.ts';
import { handle } from '#lib/http/handle.ts';
import { ingest } from '#lib/http/ingest.ts';

/** Ingest does the asking: it alone talks to relays, and it is the one that must reach this one later. */
export const POST = handle('POST /api/v1/relay-check', async ({ body, requestId }) => {
  const { status, body: answer } = await ingest().ask('/relay-check', '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': requestId },
    body: JSON.stringify(body),
  });
  if (status !== 200) throw errorOfAnswer(status, answer);
  return RelayCheck.parse(JSON.parse(answer.toString('utf8')));
});
