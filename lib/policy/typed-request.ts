import type { L7Request } from './model.ts';

/** A request as somebody asks about it: what is left out was not seen. */
export interface TypedRequest {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly dns?: string | undefined;
}

/** The request of a question typed in; undefined when it is about the connection alone. */
export function typedRequest({ method, path, host, dns }: TypedRequest): L7Request | undefined {
  if (dns !== undefined) return { dns };
  if (method === undefined && path === undefined && host === undefined) return undefined;
  const notSeen = [
    'headers' as const,
    ...(method === undefined ? (['method'] as const) : []),
    ...(path === undefined ? (['path'] as const) : []),
    ...(host === undefined ? (['host'] as const) : []),
  ];
  return { http: { method: method ?? '', path: path ?? '', ...(host !== undefined && { host }) }, notSeen };
}
