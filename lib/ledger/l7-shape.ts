import type { L7 } from '#lib/flow/flow.ts';
import { normalName } from '#lib/topology/names.ts';
import { templateOfPath } from './path-template.ts';

/** What a request asks for, without what differs from one to the next. `other` stands for all shapes beyond a limit. */
export type L7Shape =
  | { readonly kind: 'http'; readonly method: string; readonly host: string; readonly path: string }
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'kafka'; readonly api: string; readonly topic: string }
  | { readonly kind: 'other' };

export const OTHER_SHAPE: L7Shape = { kind: 'other' };

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']);
const MAX_NAME = 253;
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;

/** The shape of a request or of the response to it; undefined where the proxy recorded none. */
export function shapeOfL7({ http, dns, kafka }: L7): L7Shape | undefined {
  if (http) {
    const method = http.method.toUpperCase();
    const host = AUTHORITY.exec(http.url)?.[1] ?? '';
    return {
      kind: 'http',
      method: METHODS.has(method) || method === '' ? method : '{method}',
      host: host.slice(0, MAX_NAME).toLowerCase(),
      path: templateOfPath(http.url),
    };
  }
  if (dns) return { kind: 'dns', name: normalName(dns.query).slice(0, MAX_NAME) };
  return kafka && { kind: 'kafka', api: kafka.apiKey.slice(0, 64), topic: kafka.topic.slice(0, 249) };
}
