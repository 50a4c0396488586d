import type { PolicyObject } from '#lib/policy/model.ts';

/** Names for new policies of a namespace: legal, told from those that are there and from each other. */
export class PolicyNames {
  readonly #taken: Set<string>;

  constructor(policies: readonly PolicyObject[], namespace: string) {
    this.#taken = new Set(
      policies
        .filter(({ kind, metadata }) => kind === 'CiliumNetworkPolicy' && (metadata.namespace ?? 'default') === namespace)
        .map(({ metadata }) => metadata.name ?? ''),
    );
  }

  /** `ledger-seen-traffic`, or with a number behind it where that name is taken. */
  next(workload: string, suffix = 'seen-traffic'): string {
    const stem = workload
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 200);
    const base = stem === '' ? suffix : `${stem}-${suffix}`;
    let name = base;
    for (let number = 2; this.#taken.has(name); number++) name = `${base}-${number}`;
    this.#taken.add(name);
    return name;
  }
}
