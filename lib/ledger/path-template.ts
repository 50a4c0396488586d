import { requestPath } from '#lib/flow/http-path.ts';

const MAX_SEGMENTS = 8;
const MAX_SEGMENT_LENGTH = 64;

/** The first rule that holds names what a path segment is an instance of. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^\d+$/, '{number}'],
  [/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, '{uuid}'],
  [/^\d{4}-\d{2}-\d{2}([T ].*)?$/, '{date}'],
  [/^(?=.*\d)[0-9a-f]{8,}$/i, '{hex}'],
  [/^[^@\s]+@[^@\s]+\.[^@\s]+$/, '{email}'],
  [/^(?=(?:.*\d){3})[\w~=-]{16,}$/, '{token}'],
  [/^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[\w~=-]{20,}$/, '{token}'],
  [/^[\w~=-]{40,}$/, '{token}'],
];

/**
 * A path with what differs from request to request taken out, so that `/v1/orders/812` and `/v1/orders/813` are one shape: `/v1/orders/{number}`.
 * Without query; long paths end in `…`. A URL that has no path, or none Go would accept, gives an empty text.
 */
export function templateOfPath(url: string): string {
  const path = requestPath(url);
  if (path === undefined || path === '' || path === '*') return path ?? '';
  const segments = path.slice(1).split('/');
  const kept = segments.slice(0, MAX_SEGMENTS).map(templateOfSegment);
  return `/${kept.join('/')}${segments.length > MAX_SEGMENTS ? '/…' : ''}`;
}

function templateOfSegment(segment: string): string {
  if (segment.length > 256) return '{token}';
  const placeholder = PLACEHOLDERS.find(([pattern]) => pattern.test(segment))?.[1];
  return placeholder ?? (segment.length > MAX_SEGMENT_LENGTH ? `${segment.slice(0, MAX_SEGMENT_LENGTH)}…` : segment);
}
