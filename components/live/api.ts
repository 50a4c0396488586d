import { Problem } from '#lib/api/common.ts';

/** Anything with zod's `safeParse`, so that callers hand over the contract they mean. */
export interface Schema<T> {
  safeParse(input: unknown): { success: true; data: T } | { success: false; error: unknown };
}

/** For requests whose answer has no body. */
export const NO_BODY: Schema<undefined> = { safeParse: () => ({ success: true, data: undefined }) };

/** A request that did not give what was asked for. `problem.status` is 0 when no answer came at all. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly problem: Problem;
  constructor(problem: Problem, cause?: unknown) {
    super(problem.detail ?? problem.title, { cause });
    this.problem = problem;
  }
}

/** What anything thrown by `callApi` means; other errors are our own and say so. */
export const problemOf = (error: unknown): Problem =>
  error instanceof ApiFailure
    ? error.problem
    : { type: '/problems/unexpected', title: 'this page failed', status: 0, detail: String(error) };

export interface Answer<T> {
  readonly body: T;
  /** For `If-Match` on a later change. */
  readonly etag: string | undefined;
}

/** Calls the API of this console and parses the answer with `schema` (`NO_BODY` where none is expected). Throws `ApiFailure`. */
export async function callApi<T>(url: string, schema: Schema<T>, init: CallInit = {}): Promise<Answer<T>> {
  const { json, form, ...rest } = init;
  const headers = new Headers(rest.headers);
  headers.set('accept', 'application/json');
  if (json !== undefined) headers.set('content-type', 'application/json');
  const body = json === undefined ? form : JSON.stringify(json);
  let response: Response;
  try {
    response = await fetch(url, { ...rest, headers, ...(body === undefined ? {} : { body }) });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiFailure(
      { type: '/problems/offline', title: 'the console does not answer', status: 0, detail: 'No connection to the console.' },
      cause,
    );
  }
  if (!response.ok) throw new ApiFailure(await readProblem(response));
  const etag = response.headers.get('etag') ?? undefined;
  const text = await response.text();
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new ApiFailure(
      {
        type: '/problems/unexpected-answer',
        title: 'the console sent something this page does not understand',
        status: response.status,
        detail: 'Page and server may be of different versions. Reload the page.',
        ...requestIdOf(response),
      },
      parsed.error,
    );
  }
  return { body: parsed.data, etag };
}
/** A body is sent as JSON or as a form. */
export type CallInit = Omit<RequestInit, 'body'> & { json?: unknown; form?: URLSearchParams };

/** The problem document of an error response; one is made up where a proxy answered in its place. */
export async function readProblem(response: Response): Promise<Problem> {
  const parsed = Problem.safeParse(parseJson(await response.text().catch(() => '')));
  if (parsed.success) return { ...requestIdOf(response), ...parsed.data };
  return {
    type: '/problems/unexpected-answer',
    title: `the console answered with status ${response.status}`,
    status: response.status,
    ...requestIdOf(response),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requestIdOf(response: Response): { requestId?: string } {
  const id = response.headers.get('x-request-id');
  return id === null ? {} : { requestId: id };
}
