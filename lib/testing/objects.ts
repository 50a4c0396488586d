import { objectKey, type KubeObject, type ObjectChange, type ObjectSink } from '#lib/kubernetes/object.ts';

/** A sink that keeps what a source says, as a table and as a list. */
export interface CollectedObjects extends ObjectSink {
  readonly objects: ReadonlyMap<string, KubeObject>;
  readonly changes: readonly ObjectChange[];
  /** Objects of a kind that are there now. */
  of(kind: string): KubeObject[];
}

export function collectObjects(): CollectedObjects {
  const objects = new Map<string, KubeObject>();
  const changes: ObjectChange[] = [];
  return {
    objects,
    changes,
    of: (kind) => [...objects.values()].filter((object) => object.kind === kind),
    changed(batch) {
      for (const change of batch) {
        changes.push(change);
        if (change.type === 'put') objects.set(objectKey(change.object), change.object);
        else objects.delete(objectKey(change.object));
      }
    },
    stateChanged() {},
  };
}
