import { CausewayError } from '#lib/errors/errors.ts';
import { DEFAULT_REDACTION, type Redaction } from '#lib/flow/redact.ts';

/** RFC 9110, 5.1: a field name is a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/;

/**
 * What ingest and imports take out of flows, from the environment: `CAUSEWAY_REDACT_HEADERS` adds HTTP headers (separated by commas) to those
 * that always go, `CAUSEWAY_KEEP_QUERY_STRINGS=1` keeps what follows a URL's path. Throws `not-configured` for anything else.
 */
export function redactionOf(environment: Readonly<Record<string, string | undefined>>): Redaction {
  const names = (environment['CAUSEWAY_REDACT_HEADERS'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const wrong = names.findIndex((name) => !HEADER_NAME.test(name));
  if (wrong >= 0)
    throw new CausewayError('not-configured', `CAUSEWAY_REDACT_HEADERS is a list of header names; number ${wrong + 1} is none`);
  const keep = environment['CAUSEWAY_KEEP_QUERY_STRINGS'] ?? '';
  if (!['', '0', '1', 'false', 'true'].includes(keep))
    throw new CausewayError('not-configured', 'CAUSEWAY_KEEP_QUERY_STRINGS is 1 or 0');
  return { headers: new Set([...DEFAULT_REDACTION.headers, ...names]), query: keep !== '1' && keep !== 'true' };
}
