import 'server-only';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { UploadReport } from '#lib/api/policies.ts';
import type { AuditContext } from '#lib/audit-log/event.ts';
import { saveUpload } from '#lib/db/policies/uploads.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import { readDocumentsAside } from '#lib/kubernetes/documents-aside.ts';
import type { KubeObject } from '#lib/kubernetes/object.ts';
import { isPolicyObject } from '#lib/kubernetes/policy-objects.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { problemsOf } from '#lib/policy/validate.ts';
import { worldObjectOf } from '#lib/world/object.ts';
import { wholeBody } from '../input.ts';

const MOST_SENT = 64 * 1024 * 1024;
const MOST_UNPACKED = 256 * 1024 * 1024;
const MOST_PROBLEMS = 200;

const unzip = promisify(gunzip);

/**
 * Takes the objects of a file in place of those uploaded before. All of it or nothing: throws `bad-input` with the line where a document cannot be
 * read. A policy that Cilium would not enforce is taken (it may be in the cluster just so) and named in the report.
 */
export async function takeUpload(
  db: TrafficDb,
  cluster: string,
  body: Readable,
  createdBy: string,
  now: number,
  context: AuditContext,
): Promise<UploadReport> {
  const { objects, problems } = await readDocumentsAside(await textOf(body));
  const [problem] = problems;
  if (problem) {
    const { message, line } = problem;
    throw new CausewayError(
      'bad-input',
      line === undefined ? message : `line ${line}: ${message}`,
      line === undefined ? {} : { place: { line } },
    );
  }
  const used = objects.filter((object) => worldObjectOf(object) !== undefined);
  if (used.length === 0)
    throw new CausewayError('bad-input', 'there is no policy, pod or other object in it that says something about the cluster');
  await saveUpload(db, cluster, { objects: used, createdBy, createdAt: now }, context);
  return reportOf(used);
}

function reportOf(objects: readonly KubeObject[]): UploadReport {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const policies = objects.filter(isPolicyObject);
  const problems = policies.flatMap((policy) =>
    problemsOf(policy)
      .filter(({ layer }) => layer !== 'lint')
      .map(({ path, message }) => ({ policy: refOf(policy), message: `${path}: ${message}` })),
  );
  return { policies: policies.length, objects: Object.fromEntries(counts), problems: problems.slice(0, MOST_PROBLEMS) };
}

async function textOf(body: Readable): Promise<string> {
  const refusal = `the file is larger than ${MOST_SENT / 1024 / 1024} MB; compress it, or leave kinds out`;
  const bytes = await wholeBody(body, MOST_SENT, refusal);
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes.toString('utf8');
  try {
    return (await unzip(bytes, { maxOutputLength: MOST_UNPACKED })).toString('utf8');
  } catch (error) {
    if (error instanceof RangeError)
      throw new CausewayError('too-large', `unpacked the file is larger than ${MOST_UNPACKED / 1024 / 1024} MB`);
    throw new CausewayError('bad-input', 'the file begins like gzip and is none', { cause: error });
  }
}
