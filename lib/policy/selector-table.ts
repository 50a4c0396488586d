import { labelSelector, type Peers, type PeerSelector, type WrittenPeers, type WrittenSelector } from './peers.ts';
import { equals } from './selector.ts';

/** Number of the selector that names the local host. */
export const HOST_SELECTOR = 0;

/** Selectors that are written alike, in whatever policies, become one: they are matched once for each identity. */
export class SelectorTable {
  readonly #byKey = new Map<string, PeerSelector>();

  constructor() {
    this.selector(labelSelector([equals('reserved', 'host', '')]));
  }

  get size(): number {
    return this.#byKey.size;
  }

  peers(written: WrittenPeers): Peers {
    return typeof written === 'string' ? written : [...new Set(written.map((one) => this.selector(one)))];
  }

  selector(written: WrittenSelector): PeerSelector {
    const known = this.#byKey.get(written.key);
    if (known) return known;
    const selector = { ...written, id: this.#byKey.size };
    this.#byKey.set(written.key, selector);
    return selector;
  }
}
