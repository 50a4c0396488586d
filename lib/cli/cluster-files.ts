import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Flow } from '#lib/flow/flow.ts';
import { NO_REDACTION } from '#lib/flow/redact.ts';
import { timeOf } from '#lib/flow/time.ts';
import { readFlowFile } from '#lib/ingest/flow-file.ts';
import { readDocuments } from '#lib/kubernetes/documents.ts';
import { factsOf, type ClusterFacts } from '#lib/world/world-builder.ts';

const OBJECT_FILES = /\.(json|ya?ml)(\.gz)?$/i;
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * A cluster from files of what `kubectl get -o json|yaml` printed: a file, or a folder with files of any names, also below it. All of it is read or
 * nothing: throws `bad-input` with file, line and reason.
 */
export async function readCluster(path: string): Promise<ClusterFacts> {
  const { objects } = await readObjects(path);
  if (objects.length === 0) throw new CausewayError('bad-input', `${path} holds no Kubernetes objects`);
  return factsOf(objects);
}

/** Objects of files, and kinds of which a list in them says that there are none. */
export interface FileObjects {
  readonly objects: readonly unknown[];
  readonly none: readonly string[];
}

/** The objects of such files, be it none. */
export async function readObjects(path: string): Promise<FileObjects> {
  const objects: unknown[] = [];
  const none: string[] = [];
  for (const file of await objectFiles(path)) {
    const read = await objectsOf(file);
    for (const object of read.objects) objects.push(object);
    none.push(...read.none);
  }
  return { objects, none };
}

async function objectFiles(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path, { recursive: true });
    return names
      .filter((name) => OBJECT_FILES.test(name))
      .toSorted()
      .map((name) => join(path, name));
  } catch (error) {
    throw new CausewayError('bad-input', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function objectsOf(file: string): Promise<FileObjects> {
  const { objects, problems, none = [] } = readDocuments(await textOf(file));
  const [problem] = problems;
  if (!problem) return { objects, none };
  const place = problem.line === undefined ? file : `${file}:${problem.line}`;
  throw new CausewayError('bad-input', `${place}: ${problem.message}`);
}

/** The text of a file, plain or gzip. Throws `bad-input` when it cannot be read. */
export async function textOf(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > MOST_BYTES) throw new Error('it is too large');
    return (file.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes).toString('utf8');
  } catch (error) {
    throw new CausewayError('bad-input', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** A flow of a file with its time as it stands there, nanoseconds and all. */
export interface FileFlow {
  readonly flow: Flow;
  readonly time: string | undefined;
}

/** What a file of flows held beside its flows. */
export interface FlowFileTally {
  lines: number;
  unreadable: number;
  firstUnreadable: string;
  /** Events that the lines say were lost. */
  lost?: number;
}

/**
 * The flows of a file as Hubble's exporter or `hubble observe -o jsonpb` wrote it, plain or gzip, one after the other and not redacted: requests are
 * judged as they were sent. Counts into `tally`. Throws `bad-input` where the file cannot be read at all.
 */
export async function* readFlows(file: string, tally: FlowFileTally): AsyncGenerator<FileFlow> {
  try {
    for await (const line of readFlowFile(createReadStream(file), NO_REDACTION)) {
      tally.lines++;
      if (line.kind === 'bad') {
        tally.unreadable++;
        tally.firstUnreadable ||= `line ${line.line}: ${line.reason}`;
      } else if (line.event.kind === 'lost-events') tally.lost = (tally.lost ?? 0) + line.event.lost.count;
      else if (line.event.kind === 'flow') yield { flow: line.event.flow, time: timeTextOf(line.text, line.event.flow) };
    }
  } catch (error) {
    if (error instanceof CausewayError) throw new CausewayError(error.code, `${file}: ${error.message}`, { cause: error });
    throw new CausewayError('bad-input', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** A flow's time as its line writes it; a double holds no nanoseconds. */
function timeTextOf(line: string, { time }: Flow): string | undefined {
  const text = /"time":"([^"\\]{20,40})"/.exec(line)?.[1];
  return text !== undefined && timeOf(text) === time ? text : undefined;
}
