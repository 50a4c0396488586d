import 'server-only';
import { createHash, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type EvidenceUpload, ReadUpload } from '#lib/api/migration.ts';
import { errorOfAnswer, type IngestClient } from '#lib/bus/ingest-client.ts';
import { touchInputs } from '#lib/db/migration/edits.ts';
import { lockMigrationOf, noMigration, readMigrationOf } from '#lib/db/migration/migrations.ts';
import { inTransaction } from '#lib/db/migration/transaction.ts';
import { insertUpload, packedText } from '#lib/db/migration/uploads.ts';
import { CausewayError } from '#lib/errors/errors.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import { planOf } from '#lib/migration/plan/plan.ts';
import { type EditContext, editorOf, planGone, tellEdit } from './edit.ts';
import { evaluateSoon } from './evaluate-now.ts';

const MOST_SENT = 30 * 1024 * 1024;
const MOST_UNPACKED = MOST_SENT;
/** Reading thirty megabytes of YAML takes its time; nobody else waits for it. */
const READ_MS = 60_000;

export interface EvidenceFile {
  readonly body: ReadableStream<Uint8Array> | null;
  /** As the caller says; found out from the content otherwise. */
  readonly kind: UploadKind | undefined;
  readonly name: string | undefined;
}

/**
 * Takes an evidence file, plain or packed with gzip: all of it or nothing. It takes the place of the one of its kind before. Throws `too-large`,
 * `bad-input` with the place where it cannot be read, `conflict` for a plan that is gone, `ingest-unreachable` when nobody can read it now.
 */
export async function uploadEvidence(context: EditContext, file: EvidenceFile): Promise<EvidenceUpload> {
  const migration = await readMigrationOf(context.cluster);
  if (!migration) throw noMigration();
  const sent = await bytesOf(file.body);
  const text = await textOf(sent);
  const fileName = file.name ?? file.kind ?? 'evidence';
  const { kind, summary } = await readInIngest(context.ingest, context.cluster, { ...file, name: fileName }, text);
  const upload = {
    id: randomUUID(),
    cluster: context.cluster,
    kind,
    fileName,
    bytes: sent.length,
    sha256: createHash('sha256').update(sent).digest('hex'),
    summary,
    by: editorOf(context),
    body: packedText(text),
  };
  const stored = await inTransaction(async (tx) => {
    const { planVersion } = await lockMigrationOf(tx, context.cluster);
    if (!planOf(planVersion)) throw planGone(planVersion);
    const row = await insertUpload(tx, upload);
    await touchInputs(tx, context.cluster);
    const object = { type: 'evidence-upload', id: upload.id };
    const details = { kind, sha256: upload.sha256, bytes: upload.bytes, file: fileName };
    await tellEdit(tx, context, {
      action: 'evidence.upload',
      object,
      details,
      change: { what: 'upload', action: 'evidence.uploaded', text: `uploaded ${fileName}: ${summary}` },
    });
    return row;
  });
  await evaluateSoon(context.ingest, context.cluster);
  return stored;
}

async function bytesOf(body: EvidenceFile['body']): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MOST_SENT) throw tooLarge('the file');
    chunks.push(chunk);
  }
  if (size === 0) throw new CausewayError('bad-input', 'the file is empty');
  return Buffer.concat(chunks);
}

const unzip = promisify(gunzip);

async function textOf(bytes: Buffer): Promise<string> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = new TextDecoder('utf8', { fatal: true });
  try {
    return text.decode(isPacked ? await unzip(bytes, { maxOutputLength: MOST_UNPACKED }) : bytes);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge('the file, unpacked,');
    throw new CausewayError(
      'bad-input',
      isPacked ? 'the file is no whole gzip of a text in UTF-8' : 'the file is no text in UTF-8',
      {
        cause: error,
      },
    );
  }
}

const tooLarge = (what: string): CausewayError =>
  new CausewayError('too-large', `${what} is larger than ${MOST_SENT / 1024 / 1024} MB; leave out what is not needed`);

/** What it is and what it says, read in ingest's judge thread: a large file holds up neither pages nor flows. */
async function readInIngest(
  ingest: IngestClient,
  cluster: string,
  { kind, name }: { readonly kind: UploadKind | undefined; readonly name: string },
  text: string,
): Promise<ReadUpload> {
  const search = `?${new URLSearchParams({ name, ...(kind && { kind }) })}`;
  const { status, body } = await ingest.ask(`/clusters/${encodeURIComponent(cluster)}/migration/read-upload`, search, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: text,
    timeoutMs: READ_MS,
  });
  if (status >= 400) throw errorOfAnswer(status, body);
  return ReadUpload.parse(JSON.parse(body.toString('utf8')));
}
