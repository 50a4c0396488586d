import { numberOf, recordOf } from './json-record.ts';

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i;

/**
 * A protobuf timestamp in Unix milliseconds, with the microseconds as its fraction (nanoseconds are cut: a double cannot hold them).
 * Takes RFC 3339 and `{seconds, nanos}`; undefined for anything else.
 */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return timeOfParts(value);
  const [, whole = '', fraction = '', zone = ''] = RFC3339.exec(value) ?? [];
  const seconds = Date.parse(whole + zone.toUpperCase());
  return Number.isNaN(seconds) ? undefined : joined(seconds, Number(fraction.padEnd(9, '0')));
}

function timeOfParts(value: unknown): number | undefined {
  const parts = recordOf(value);
  return parts && 'seconds' in parts ? joined(numberOf(parts['seconds']) * 1000, numberOf(parts['nanos'])) : undefined;
}

const joined = (milliseconds: number, nanoseconds: number): number => milliseconds + Math.trunc(nanoseconds / 1000) / 1000;

/** Unix milliseconds as RFC 3339 with three or six decimals, as protobuf JSON writes them. */
export function rfc3339(time: number): string {
  const microseconds = Math.round((time - Math.floor(time)) * 1000);
  const milliseconds = Math.floor(time) + (microseconds === 1000 ? 1 : 0);
  const fraction = microseconds % 1000 === 0 ? '' : String(microseconds).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${fraction}Z`;
}
