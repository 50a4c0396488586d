import 'server-only';
import { type Cluster, ClusterStateList } from '#lib/api/clusters.ts';
import { errorOfAnswer, type IngestClient } from '#lib/bus/ingest-client.ts';

type ClusterState = Pick<Cluster, 'state' | 'stateDetail'>;
/** State of the source of a cluster's flows. */
export type ClusterStates = (id: string, hasRelay: boolean) => ClusterState;

const NOT_YET: ClusterState = { state: 'connecting', stateDetail: 'ingest has not taken it up yet' };
const NO_SOURCE: ClusterState = { state: 'paused', stateDetail: 'it has no relay, and ingest reads no flows from NATS' };

/** What ingest says of each cluster it follows. A cluster that it has not taken up yet is connecting. */
export async function readClusterStates(ingest: IngestClient): Promise<ClusterStates> {
  const { status, body } = await ingest.ask('/clusters');
  if (status !== 200) throw errorOfAnswer(status, body);
  const { clusters } = ClusterStateList.parse(JSON.parse(body.toString('utf8')));
  const states = new Map(clusters.map(({ id, state, stateDetail }) => [id, { state, stateDetail }]));
  return (id, hasRelay) => states.get(id) ?? (hasRelay ? NOT_YET : NO_SOURCE);
}

/** The states when ingest does not answer. */
export const noStates = (): ClusterStates => () => ({ state: 'failed', stateDetail: 'the ingest process does not answer' });
