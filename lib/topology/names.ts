import ipaddr from 'ipaddr.js';
import { RESERVED_IDENTITIES } from '#lib/flow/enums.ts';
import type { DnsRecord } from '#lib/flow/flow.ts';

/** Identities of one node only (CIDR and FQDN identities) start here. Cilium: `identity.IdentityScopeLocal`. */
export const LOCAL_IDENTITY_BASE = 16_777_216;

/** The entity of a reserved identity, e.g. `host`; undefined for pods and CIDRs. */
export const entityOfIdentity = (identity: number): string | undefined => RESERVED_IDENTITIES.get(identity);

/** Whether the identity says no more than "somewhere outside": then a name or an address tells more. */
export const isWorldIdentity = (identity: number): boolean =>
  identity === 0 || identity === 2 || identity === 9 || identity === 10 || identity >= LOCAL_IDENTITY_BASE;

const WORLD_LABELS: ReadonlySet<string> = new Set(['world', 'world-ipv4', 'world-ipv6', 'unknown']);

/** What the labels of an outside identity say it is: an entity first, then a name, then a CIDR. Undefined when they say only "world". */
export function nodeIdOfLabels(labels: readonly string[]): string | undefined {
  let name: string | undefined;
  let cidr: string | undefined;
  for (const label of labels) {
    if (label.startsWith('reserved:')) {
      const entity = label.slice(9).replace(/=$/, '');
      if (!WORLD_LABELS.has(entity)) return `entity:${entity}`;
    } else if (label.startsWith('fqdn:')) name ??= label.slice(5).replace(/=$/, '');
    else if (label.startsWith('cidr:')) {
      const candidate = label.slice(5).replace(/=$/, '').replaceAll('-', ':'); // label keys hold no colon: Cilium writes IPv6 with dashes
      if (cidr === undefined || prefixLength(candidate) > prefixLength(cidr)) cidr = candidate;
    }
  }
  if (name) return `fqdn:${normalName(name)}`;
  return cidr ? `cidr:${cidr}` : undefined;
}

const prefixLength = (cidr: string): number => Number(cidr.slice(cidr.indexOf('/') + 1)) || 0;

/** The group an outside address is shown in where nothing names it: its /24, or its /64 for IPv6. */
export function cidrGroupOf(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  const [kept, length] = parsed.kind() === 'ipv4' ? [3, 24] : [8, 64];
  const bytes = parsed.toByteArray().map((byte, index) => (index < kept ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/${length}`;
}

/** A DNS name as we key it: lower case, without the root's dot. */
export const normalName = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();

const NAME_LIFETIME_MS = 3_600_000;

/**
 * Names of addresses, learned from DNS answers in the flows. Bounded: the answer longest not renewed goes first.
 * An address keeps its first name while that is valid, so that a resolver in hostile hands cannot make one address many nodes.
 */
export class NameTable {
  /** Grows whenever an address gets a name it had not: a cached "nameless" is to be looked up again. */
  version = 0;
  readonly #names = new Map<string, { name: string; until: number }>();
  /** Further names of addresses that have one, at most 8 each: policies go by all of them. */
  readonly #more = new Map<string, Map<string, number>>();
  readonly #capacity: number;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  /** Takes the addresses of an answer. `time` is the flow's; connections outlive answers, so a name holds for an hour at least. */
  learn(dns: DnsRecord, time: number): void {
    if (dns.rcode !== 0 || dns.ips.length === 0 || dns.query === '') return;
    const name = normalName(dns.query);
    const until = time + Math.max(NAME_LIFETIME_MS, dns.ttl * 1000);
    for (const ip of dns.ips.slice(0, 64)) {
      const known = this.#names.get(ip);
      if (known && known.name !== name && known.until > time) {
        this.#addMore(ip, name, until);
        continue;
      }
      this.#names.delete(ip);
      this.#names.set(ip, { name, until });
      if (known?.name !== name) this.version++;
    }
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= this.#capacity) break;
      this.#names.delete(oldest);
      this.#more.delete(oldest);
    }
  }

  /** The name of an address at `time`, if any is known. */
  nameOf(ip: string, time: number): string | undefined {
    const known = this.#names.get(ip);
    return known && known.until > time ? known.name : undefined;
  }

  /** Every name of an address at `time`, the one `nameOf` says first. */
  namesOf(ip: string, time: number): string[] {
    const first = this.nameOf(ip, time);
    if (first === undefined) return [];
    const more = [...(this.#more.get(ip) ?? [])].filter(([name, until]) => until > time && name !== first);
    return [first, ...more.map(([name]) => name)];
  }

  #addMore(ip: string, name: string, until: number): void {
    let more = this.#more.get(ip);
    if (!more) this.#more.set(ip, (more = new Map()));
    more.delete(name);
    more.set(name, until);
    for (const oldest of more.keys()) if (more.size > 8) more.delete(oldest);
  }
}
