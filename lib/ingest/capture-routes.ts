import 'server-only';
import { CaptureInput } from '#lib/api/captures.ts';
import { deleteCapture, findCapture, listCaptures } from '#lib/db/traffic/captures.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { Redaction } from '#lib/flow/redact.ts';
import { auditContextOf } from './audit-context.ts';
import { captureFile, completeCapture } from './capture-reader.ts';
import type { ClusterPipeline } from './cluster-pipeline.ts';
import { importFlows } from './import.ts';
import { jsonBody, parsed } from './input.ts';
import { recordCapture } from './record.ts';
import type { Answer, Call, Route } from './server.ts';

/** Media types of an uploaded file; whether it is gzip is told by its first bytes, not by this. */
const FILE_TYPES = [
  'application/x-ndjson',
  'application/jsonl',
  'application/gzip',
  'application/x-gzip',
  'application/octet-stream',
];

export function captureRoutes(db: TrafficDb, of: (call: Call) => ClusterPipeline, redaction: Redaction): Route[] {
  const clusterOf = (call: Call): string => call.params['cluster'] ?? '';
  const idOf = (call: Call): string => call.params['capture'] ?? '';
  return [
    {
      method: 'GET',
      path: '/clusters/:cluster/captures',
      handle: async (call) => ({ json: { captures: await listCaptures(db, clusterOf(call)) } }),
    },
    { method: 'POST', path: '/clusters/:cluster/captures', handle: (call) => makeCapture(db, of, redaction, call) },
    {
      method: 'GET',
      path: '/clusters/:cluster/captures/:capture',
      handle: async (call) => {
        const capture = await findCapture(db, clusterOf(call), idOf(call));
        if (!capture) throw new CausewayError('not-found', 'there is no such capture');
        return { json: capture };
      },
    },
    {
      method: 'DELETE',
      path: '/clusters/:cluster/captures/:capture',
      handle: async (call) => {
        if (!(await deleteCapture(db, clusterOf(call), idOf(call), auditContextOf(call))))
          throw new CausewayError('not-found', 'there is no such capture');
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/clusters/:cluster/captures/:capture/download',
      handle: async (call) => {
        const capture = await completeCapture(db, clusterOf(call), idOf(call));
        const name = capture.name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+/, '') || 'capture';
        return {
          stream: captureFile(db, capture),
          headers: {
            'content-type': 'application/gzip',
            'content-length': String(capture.sizeBytes),
            'content-disposition': `attachment; filename="${name.replace(/(\.jsonl)?(\.gz)?$/, '')}.jsonl.gz"`,
          },
        };
      },
    },
  ];
}

async function makeCapture(
  db: TrafficDb,
  of: (call: Call) => ClusterPipeline,
  redaction: Redaction,
  call: Call,
): Promise<Answer> {
  const type = (call.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const actor = call.headers['x-causeway-actor'];
  const createdBy = typeof actor === 'string' ? decodeURIComponent(actor) : '';
  const context = auditContextOf(call);
  if (type === 'application/json') {
    const input = parsed(CaptureInput, await jsonBody(call.body));
    return { json: await recordCapture(of(call), db, input, createdBy, context), status: 201 };
  }
  if (!FILE_TYPES.includes(type)) {
    throw new CausewayError('bad-request', `send application/json to record, or a file as ${FILE_TYPES[0]} or application/gzip`);
  }
  const name = call.query['name']?.slice(0, 100) || 'imported flows';
  return { json: await importFlows(call.body, { db, cluster: of(call).id, name, createdBy, redaction, context }), status: 201 };
}
