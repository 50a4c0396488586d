import 'server-only';
import { cache } from 'react';
import type { Cluster } from '#lib/api/clusters.ts';
import { rightsOf } from '#lib/auth/cluster-rights.ts';
import { requireActor } from '#lib/auth/page.ts';
import { ingest } from '#lib/http/ingest.ts';
import { readClusterStates } from '#lib/usecases/cluster-states.ts';
import { listClusters } from '#lib/usecases/list-clusters.ts';

/** The clusters that whoever looks may see; read once for all parts of a page. */
export const visibleClusters = cache(async (): Promise<Cluster[]> =>
  listClusters(rightsOf(await requireActor()), () => readClusterStates(ingest())),
);
