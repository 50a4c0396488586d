import 'server-only';
import pino, { type Logger } from 'pino';

let logger: Logger | undefined;

/**
 * The web process's log: JSON lines on standard output. Control characters are escaped by the format itself. Its level is read apart from the
 * configuration, because a line about a wrong configuration has to come out, too.
 */
export const rootLog = (): Logger =>
  (logger ??= pino({
    name: 'causeway-web',
    level: process.env['LOG_LEVEL'] || 'info',
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['*.authorization', '*.cookie', '*.secret', '*.token'],
  }));

/** The caller's request id when it is a plain word, else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get('x-request-id');
  return given && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : crypto.randomUUID();
}
