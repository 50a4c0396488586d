import type { WorldEndpoint } from '#lib/policy/model.ts';
import { joinPod, recordsOf, type EndpointRecord, type JoinContext, type JoinedPod } from './endpoints.ts';
import type { InventoryIdentity, InventoryNode, InventoryPod } from './inventory.ts';
import type { ObjectTables } from './object-tables.ts';
import type { WorldObject } from './object.ts';

/** Joins pods and Cilium's records of them, again and again as they change: one that nothing has happened to stays the same object. */
export class EndpointJoin {
  readonly #objects: ObjectTables;
  #joined: ReadonlyMap<string, { readonly from: readonly unknown[]; readonly joined: JoinedPod }> = new Map();

  constructor(objects: ObjectTables) {
    this.#objects = objects;
  }

  /** All pods by `namespace/name`, and the endpoints of the world that they are, both in the order of their names. */
  pods(identities: ReadonlyMap<number, InventoryIdentity>, nodeByIp: ReadonlyMap<string, InventoryNode>) {
    const pods = this.#objects.byName('Pod');
    const records = recordsOf(this.#objects.all('CiliumEndpointSlice'), this.#objects.all('CiliumEndpoint'));
    const next = new Map(
      this.#ids(pods, records).map((id) => {
        const pod = pods.get(id);
        const record = records.get(id);
        return [id, this.#join(id, pod, record, this.#context(pod, record, records.size > 0, identities, nodeByIp))];
      }),
    );
    this.#joined = next;
    const joined = Array.from(next.values(), (entry) => entry.joined);
    return {
      byId: new Map(joined.map(({ pod }): [string, InventoryPod] => [pod.id, pod])),
      endpoints: joined.flatMap(({ endpoint }): WorldEndpoint[] => (endpoint ? [endpoint] : [])),
    };
  }

  /** Names of all pods, sorted; they are sorted anew only when one came or went. */
  #ids(...tables: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
    const ids = new Set(tables.flatMap((table) => [...table.keys()]));
    const isSame = ids.size === this.#joined.size && [...ids].every((id) => this.#joined.has(id));
    return isSame ? [...this.#joined.keys()] : [...ids].toSorted();
  }

  #join(id: string, pod: WorldObject | undefined, record: EndpointRecord | undefined, context: JoinContext) {
    const from = [pod, record, context.above, context.identityLabels, context.nodeName, context.hasRecords];
    const before = this.#joined.get(id);
    if (before?.from.every((value, place) => value === from[place])) return before;
    return { from, joined: joinPod(pod, record, context) };
  }

  #context(
    pod: WorldObject | undefined,
    record: EndpointRecord | undefined,
    hasRecords: boolean,
    identities: ReadonlyMap<number, InventoryIdentity>,
    nodeByIp: ReadonlyMap<string, InventoryNode>,
  ): JoinContext {
    const owner = pod?.owner;
    const known = owner?.kind === 'ReplicaSet' || owner?.kind === 'Job' ? owner.kind : undefined;
    return {
      above: known && this.#objects.get(known, pod?.namespace ?? '', owner?.name ?? '')?.owner,
      identityLabels: record && identities.get(record.identity)?.labels,
      nodeName: record && nodeByIp.get(record.nodeIp)?.name,
      hasRecords,
    };
  }
}
