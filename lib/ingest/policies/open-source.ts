import 'server-only';
import type { ObjectsTarget } from '#lib/api/clusters.ts';
import { readUpload } from '#lib/db/policies/uploads.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { followFolder } from '#lib/kubernetes/folder.ts';
import type { KindState, KubeObject, ObjectSink, ObjectSource } from '#lib/kubernetes/object.ts';
import { followKubernetes } from '#lib/kubernetes/source.ts';

/** Where the objects of a cluster come from: what is set, or else what was uploaded last. */
export type SourceTarget = ObjectsTarget | { readonly from: 'upload'; readonly at: number };

/** Begins to read. Throws `not-configured` when it cannot be tried at all, `database-unreachable` for an upload that cannot be read. */
export async function openSource(
  target: SourceTarget,
  cluster: string,
  sink: ObjectSink,
  db: TrafficDb,
  now: () => number,
): Promise<ObjectSource> {
  switch (target.from) {
    case 'kubernetes':
      return followKubernetes(target, sink, now);
    case 'folder':
      return followFolder(target.path, sink, now);
    case 'upload': {
      const upload = await readUpload<KubeObject>(db, cluster);
      if (!upload) throw new CausewayError('not-configured', 'the upload is not there any more');
      sink.changed(upload.objects.map((object) => ({ type: 'put', object })));
      const states = kindsOf(upload.objects, upload.createdAt);
      return {
        name: `what ${upload.createdBy || 'somebody'} uploaded`,
        problem: '',
        isRead: true,
        states: () => states,
        close: () => Promise.resolve(),
      };
    }
  }
}

/** What a fixed collection of objects holds, by kind. */
function kindsOf(objects: readonly KubeObject[], since: number): KindState[] {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => ({ kind, state: 'ready', objects: count, message: '', since }));
}
