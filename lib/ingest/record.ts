import 'server-only';
import type { Capture, CaptureInput } from '#lib/api/captures.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { CaptureWriter, MOST_CAPTURED_FLOWS } from './capture-writer.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { readFilter } from './filter.ts';
import { newCapture } from './import.ts';

const POLL_MS = 200;

/**
 * Records what matches a filter: what the ring holds now (and then the capture is complete when this resolves), or live for `input.seconds` (it
 * is running then, and ends by itself). Throws `bad-filter` before anything is made.
 */
export async function recordCapture(
  pipeline: ClusterPipeline,
  db: TrafficDb,
  input: CaptureInput,
  createdBy: string,
  context?: AuditContext,
): Promise<Capture> {
  const { matches, canonical } = readFilter(input.filter);
  const source = input.seconds > 0 ? 'live' : 'ring';
  const start = newCapture({ cluster: pipeline.id, name: input.name, createdBy, source, filter: canonical });
  const writer = await CaptureWriter.begin(db, start, context);
  if (source === 'ring')
    return finish(writer, () => copyRing(pipeline, writer, matches, pipeline.ring.oldest - 1).then(() => ''));
  void finish(writer, () => copyLive(pipeline, writer, matches, input.seconds)).catch(() => {});
  return start;
}

async function finish(writer: CaptureWriter, work: () => Promise<string>): Promise<Capture> {
  try {
    return await writer.complete(await work());
  } catch (error) {
    await writer.fail(messageOf(error));
    throw error;
  }
}

type Matches = ReturnType<typeof readFilter>['matches'];

/** Copies what came after `seq`; returns the sequence it got to. */
async function copyRing({ ring }: ClusterPipeline, writer: CaptureWriter, matches: Matches, after: number): Promise<number> {
  let last = after;
  for (const { seq, flow } of ring.after(after)) {
    last = seq;
    if (!matches(flow)) continue;
    if (writer.flows >= MOST_CAPTURED_FLOWS) break;
    await writer.add(flow);
  }
  return last;
}

async function copyLive(pipeline: ClusterPipeline, writer: CaptureWriter, matches: Matches, seconds: number): Promise<string> {
  const end = Date.now() + seconds * 1000;
  let [last, missed] = [pipeline.ring.newest, 0];
  while (Date.now() < end && writer.flows < MOST_CAPTURED_FLOWS && !pipeline.stopped) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(POLL_MS, end - Date.now())));
    missed += Math.max(0, pipeline.ring.oldest - 1 - last);
    last = await copyRing(pipeline, writer, matches, Math.max(last, pipeline.ring.oldest - 1));
  }
  return [
    writer.flows >= MOST_CAPTURED_FLOWS ? `ended early, at ${MOST_CAPTURED_FLOWS.toLocaleString('en')} flows` : '',
    pipeline.stopped && Date.now() < end ? 'ended early: the cluster is not followed any more' : '',
    missed > 0 ? `${missed} flows passed too fast to be looked at` : '',
  ]
    .filter(Boolean)
    .join('; ');
}
