import type { z } from 'zod';
import { CausewayError } from '#lib/errors/errors.ts';

/** Largest JSON body taken, in bytes. */
const JSON_LIMIT = 64 * 1024;

/** The query as `schema` describes it. Unknown and repeated parameters are refused: a misspelt filter must not mean "everything". */
export function readQuery<S extends z.ZodObject>(search: URLSearchParams, schema: S): z.output<S> {
  const names = [...search.keys()];
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined)
    throw new CausewayError('bad-request', 'this parameter is given more than once', {
      place: { parameter: repeated.slice(0, 100) },
    });
  const { data, error } = schema.strict().safeParse(Object.fromEntries(search));
  if (data) return data as z.output<S>;
  throw invalid('bad-request', error, 'parameter');
}

/** The JSON body as `schema` describes it; properties it does not name are refused. Throws `too-large`, `bad-request` or `bad-input`. */
export async function readJson<S extends z.ZodType>(request: Request, schema: S): Promise<z.output<S>> {
  if (mediaTypeOf(request) !== 'application/json') throw new CausewayError('bad-request', 'send the body as application/json');
  const text = await readText(request, JSON_LIMIT);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CausewayError('bad-request', 'the body is not JSON', { cause: error });
  }
  const { data, error, success } = schema.safeParse(json);
  if (success) return data;
  throw invalid('bad-input', error, 'field');
}

/** The body as text, read no further than `limit` bytes. */
export async function readText(request: Request, limit: number): Promise<string> {
  const tooLarge = () => new CausewayError('too-large', `a body here is at most ${limit} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

export const mediaTypeOf = (request: Request): string =>
  (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

function invalid(code: 'bad-request' | 'bad-input', error: z.ZodError, what: 'parameter' | 'field'): CausewayError {
  const [issue] = error.issues;
  const name = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
  const detail = issue?.code === 'unrecognized_keys' ? `there is no such ${what}` : (issue?.message ?? 'not valid');
  return new CausewayError(code, detail, { place: { [what]: (name ?? '').slice(0, 100) } });
}
