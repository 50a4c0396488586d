import type { Flow } from '#lib/flow/flow.ts';

/** Most names kept, and most addresses of one: an attacker can look up as many names as he likes. */
const MOST_NAMES = 50_000;
const MOST_ADDRESSES = 1000;

/**
 * The DNS names that were looked up, with the addresses that the answers gave: what an agent's DNS proxy learns (pkg/fqdn). Names are kept in lower
 * case without the final dot. How long an answer was good for is not considered.
 */
export class LearnedNames {
  readonly #addresses = new Map<string, Set<string>>();
  readonly #names = new Map<string, Set<string>>();

  /** Names to addresses. */
  get addressesByName(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#addresses;
  }

  /** Takes what a flow tells: the answer to a lookup, its CNAMEs included. */
  learn({ l7 }: Flow): void {
    const dns = l7?.dns;
    if (!dns || l7.type !== 'RESPONSE' || dns.rcode !== 0 || dns.ips.length === 0) return;
    for (const name of [dns.query, ...dns.cnames]) for (const address of dns.ips) this.#add(plainName(name), address);
  }

  /** Names whose answers held an address; none when it was in no answer. */
  namesOf(address: string): readonly string[] {
    return [...(this.#names.get(address) ?? [])];
  }

  #add(name: string, address: string): void {
    if (name === '' || address === '') return;
    const addresses = this.#addresses.get(name) ?? new Set();
    if (addresses.size >= MOST_ADDRESSES || (addresses.size === 0 && this.#addresses.size >= MOST_NAMES)) return;
    this.#addresses.set(name, addresses.add(address));
    this.#names.set(address, (this.#names.get(address) ?? new Set()).add(name));
  }
}

/** A DNS name in lower case without the final dot. */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
