/** Codes of expected failures: stable, part of the API (`type` is `/problems/<code>`). `lib/http/problem.ts` maps each to a status. */
export const ERROR_CODES = [
  'bad-request',
  'bad-filter',
  'bad-input',
  'too-large',
  'unauthenticated',
  'forbidden',
  'cross-origin',
  'not-found',
  'conflict',
  'precondition-failed',
  'step-up-required',
  'evidence-changed',
  'rate-limited',
  'cursor-gone',
  'relay-unreachable',
  'relay-tls',
  'relay-incompatible',
  'relay-refused',
  'database-unreachable',
  'database-newer',
  'database-locked',
  'ingest-unreachable',
  'witness-unreachable',
  'witness-refused',
  'not-configured',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

const BRAND = Symbol.for('causeway.error');

/**
 * A failure with a stable code and a message for people. Adapters translate what their client throws into one of these. `instanceof` goes by
 * a brand: pages and routes are bundled apart, each with a copy of this class, and what the one shares with the other must stay what it is.
 */
export class CausewayError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class derived from this one is recognised as any other.
    return this === CausewayError
      ? value instanceof Error && BRAND in value
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  override readonly name = 'CausewayError';
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  /** Where in the input it went wrong, e.g. `{ line: 12, column: 3 }` or `{ parameter: 'filter' }`. */
  readonly place: Readonly<Record<string, string | number>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; place?: Readonly<Record<string, string | number>> } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.place = options.place;
  }
}

/** The message of anything thrown, for a log line or a person. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
