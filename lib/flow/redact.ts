import type { Flow, HttpRecord } from './flow.ts';
import { summaryOf } from './summary.ts';

/** What is taken out of flows at the door, before anything is kept or sent. */
export interface Redaction {
  /** HTTP headers to drop, in lower case. */
  readonly headers: ReadonlySet<string>;
  /** Drop query strings, fragments and credentials of URLs. */
  readonly query: boolean;
}

/** The default: secrets travel in these. */
export const DEFAULT_REDACTION: Redaction = {
  headers: new Set(['authorization', 'cookie', 'set-cookie', 'x-api-key']),
  query: true,
};

/** For tests and for operators who say so. */
export const NO_REDACTION: Redaction = { headers: new Set(), query: false };

/** `url` without its query string, fragment and credentials. */
export const redactUrl = (url: string): string => url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');

/** An HTTP record without what `redaction` forbids; the same object when there is nothing to take out. */
export function redactHttp(http: HttpRecord, redaction: Redaction): HttpRecord {
  const url = redaction.query ? redactUrl(http.url) : http.url;
  const forbidden = http.headers.some(({ key }) => redaction.headers.has(key.toLowerCase()));
  if (url === http.url && !forbidden) return http;
  return { ...http, url, headers: http.headers.filter(({ key }) => !redaction.headers.has(key.toLowerCase())) };
}

/** A flow without what `redaction` forbids. Hubble repeats the URL in the summary, so that is written anew. */
export function redactFlow(flow: Flow, redaction: Redaction): Flow {
  const http = flow.l7?.http;
  if (!flow.l7 || !http) return flow;
  const redacted = redactHttp(http, redaction);
  if (redacted === http) return flow;
  const kept: Flow = { ...flow, l7: { ...flow.l7, http: redacted } };
  return { ...kept, summary: summaryOf(kept) };
}
