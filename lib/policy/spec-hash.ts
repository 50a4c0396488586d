import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { PolicyObject, PolicyRef } from './model.ts';

/** Names the empty set of policies too: hashes of sets are never absent. */
const SET_HEADER = 'causeway policy set v1\n';

/**
 * SHA-256 of what a policy says, in hexadecimal: the canonical JSON (RFC 8785) of its apiVersion, kind, namespace, name, spec and specs as the API
 * server returns them. Labels, annotations, status and the order of keys do not count; the order of rules does.
 */
export function specHash({ apiVersion, kind, metadata, spec, specs }: PolicyObject): string {
  const { name, namespace } = metadata;
  const said = Object.entries({ apiVersion, kind, name, namespace, spec, specs }).filter(([, value]) => value !== undefined);
  return hashOf(canonicalJson(Object.fromEntries(said)));
}

/** SHA-256 over the policies of a set and the hash of each: equal sets have equal hashes, in whatever order they are given. */
export function setHash(policies: Iterable<{ readonly ref: PolicyRef; readonly hash: string }>): string {
  const lines = Array.from(policies, ({ ref, hash }) => `${ref} ${hash}\n`);
  return hashOf(SET_HEADER + lines.toSorted().join(''));
}

const hashOf = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/** RFC 8785 for what JSON holds: keys in the order of their UTF-16 code units, numbers and strings as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null); // objects without a prototype too
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}
