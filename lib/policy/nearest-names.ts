import type { PolicyObject } from './model.ts';

/** Names for new policies of a namespace: legal, told from those that are there and from each other. */
export class PolicyNames {
  readonly #taken: Set<string>;

  /** `namespace` undefined: clusterwide ones. */
  constructor(policies: readonly PolicyObject[], namespace: string | undefined) {
    this.#taken = new Set(
      policies
        .filter(({ kind, metadata }) =>
          namespace === undefined
            ? kind === 'CiliumClusterwideNetworkPolicy'
            : kind === 'CiliumNetworkPolicy' && (metadata.namespace ?? 'default') === namespace,
        )
        .map(({ metadata }) => metadata.name ?? ''),
    );
  }

  /** `wish` as a name an object can have, with a number behind it where it is taken. */
  next(wish: string): string {
    const legal = wish
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .slice(0, 200)
      .replaceAll(/^-+|-+$/g, '');
    const base = legal === '' ? 'policy' : legal;
    let name = base;
    for (let number = 2; this.#taken.has(name); number++) name = `${base}-${number}`;
    this.#taken.add(name);
    return name;
  }
}
