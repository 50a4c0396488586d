import 'server-only';
import type { ReadUpload } from '#lib/api/migration.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { counted } from '#lib/policy/lint/words.ts';
import { sniff } from '#lib/preflight/files/sniff.ts';
import { problemText } from '#lib/preflight/files/reading.ts';
import { readUpload, uploadSummary } from '#lib/preflight/files/upload.ts';
import { UPLOAD_KINDS } from '#lib/migration/model.ts';
import type { AskOf } from '../asks.ts';

/** What a file is and says. Throws `bad-input` for one that is nothing known, or that cannot be read, with the place. */
export function answerReadUpload({ name, as, text }: AskOf<'read-upload'>): ReadUpload {
  const kind = as ?? sniff(name, text);
  if (kind === undefined)
    throw new CausewayError(
      'bad-input',
      `the file is none of the ${counted(UPLOAD_KINDS.length, 'kind')} that are evidence; name its kind where it is one`,
      { place: { parameter: 'kind' } },
    );
  if (kind === 'objects')
    throw new CausewayError(
      'bad-input',
      'objects of the cluster are uploaded on its page Policies, where nothing reads them from the cluster itself',
      { place: { parameter: 'kind' } },
    );
  const reading = readUpload(kind, text);
  if (reading.ok) return { kind, summary: uploadSummary(reading.value) };
  const { line, column } = reading.problem;
  throw new CausewayError('bad-input', problemText(reading.problem), {
    ...(line !== undefined && { place: { line, ...(column !== undefined && { column }) } }),
  });
}
