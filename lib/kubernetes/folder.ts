import 'server-only';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { messageOf } from '#lib/errors/errors.ts';
import { readDocumentsAside } from './documents-aside.ts';
import { type KindState, type KubeObject, objectKey, type ObjectChange, type ObjectSink, type ObjectSource } from './object.ts';

const POLL_MS = 2000;
const FILES = /\.(json|ya?ml)(\.gz)?$/i;
const MOST_FILES = 5000;
const MOST_BYTES = 512 * 1024 * 1024;

interface KnownFile {
  /** Size and time of change: another one is read again. */
  readonly signature: string;
  readonly objects: readonly KubeObject[];
  /** Kinds of which it says that there are none. */
  readonly none: readonly string[];
  readonly problem: string;
}

/**
 * Follows a folder of what `kubectl get -o yaml` or `json` printed, in files of any names, also in folders below it. A changed file is read anew;
 * one that cannot be read keeps what it said before, and the source says so.
 */
export function followFolder(path: string, sink: ObjectSink, now: () => number = Date.now, pollMs = POLL_MS): FolderSource {
  return new FolderSource(resolve(path), sink, now, pollMs);
}

export class FolderSource implements ObjectSource {
  readonly name: string;
  readonly #path: string;
  readonly #sink: ObjectSink;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #files = new Map<string, KnownFile>();
  #objects = new Map<string, KubeObject>();
  #since: number;
  #problem = '';
  #read = false;

  constructor(path: string, sink: ObjectSink, now: () => number, pollMs: number) {
    this.name = `the folder ${path}`;
    this.#path = path;
    this.#sink = sink;
    this.#now = now;
    this.#since = now();
    this.#running = this.#follow(pollMs);
  }

  /** What is wrong with the folder or files in it; empty when nothing is. */
  get problem(): string {
    return this.#problem;
  }

  /** One for each kind that is in the folder, or of which a list there says that there are none. */
  states(): readonly KindState[] {
    const counts = new Map<string, number>([...this.#files.values()].flatMap(({ none }) => none.map((kind) => [kind, 0])));
    for (const { kind } of this.#objects.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return [...counts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, objects]) => ({ kind, state: 'ready', objects, message: '', since: this.#since }));
  }

  /** Whether it has been read once. */
  get isRead(): boolean {
    return this.#read;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #follow(pollMs: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#look();
      await sleep(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    let problem = '';
    try {
      const files = await this.#readFiles();
      if (this.#stop.signal.aborted) return;
      this.#files = files;
      problem = [...files.values()]
        .map((file) => file.problem)
        .filter(Boolean)
        .slice(0, 5)
        .join('; ');
      if (files.size === 0) problem = `there is no .yaml or .json file in ${this.#path}`;
      this.#apply();
    } catch (error) {
      problem = `${this.#path} cannot be read: ${messageOf(error)}`;
    }
    const first = !this.#read;
    this.#read = true;
    if (problem === this.#problem && !first) return;
    this.#problem = problem;
    this.#since = this.#now();
    this.#sink.stateChanged();
  }

  /** The files as they are now; those that did not change are taken over. */
  async #readFiles(): Promise<Map<string, KnownFile>> {
    const files = new Map<string, KnownFile>();
    const names = (await readdir(this.#path, { recursive: true })).filter((name) => FILES.test(name)).toSorted();
    if (names.length > MOST_FILES) throw new Error(`it holds more than ${MOST_FILES} files`);
    for (const name of names) {
      const known = this.#files.get(name);
      const file = join(this.#path, name);
      const found = await stat(file).catch(() => undefined);
      if (!found?.isFile()) continue;
      const signature = `${found.size} ${found.mtimeMs}`;
      if (known?.signature === signature) files.set(name, known);
      else {
        files.set(name, await this.#readOne(file, signature, known));
        await breathe();
      }
    }
    return files;
  }

  async #readOne(file: string, signature: string, before: KnownFile | undefined): Promise<KnownFile> {
    const name = relative(this.#path, file);
    const failed = (problem: string): KnownFile => ({
      signature,
      objects: before?.objects ?? [],
      none: before?.none ?? [],
      problem: `${name}: ${problem}`,
    });
    try {
      const bytes = await readFile(file);
      if (bytes.length > MOST_BYTES) return failed('it is too large');
      const text = (file.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes).toString('utf8');
      const { objects, problems, none = [] } = await readDocumentsAside(text);
      const [problem] = problems;
      if (!problem) return { signature, objects, none, problem: '' };
      return failed(problem.line === undefined ? problem.message : `line ${problem.line}: ${problem.message}`);
    } catch (error) {
      return failed(messageOf(error));
    }
  }

  /** Tells what is different. Of an object that stands in two files the last one counts. */
  #apply(): void {
    const next = new Map<string, KubeObject>();
    for (const { objects } of this.#files.values()) for (const object of objects) next.set(objectKey(object), object);
    const changes: ObjectChange[] = [];
    for (const [key, object] of next) {
      const before = this.#objects.get(key);
      if (before !== object && JSON.stringify(before) !== JSON.stringify(object)) changes.push({ type: 'put', object });
    }
    for (const [key, object] of this.#objects) if (!next.has(key)) changes.push({ type: 'delete', object });
    this.#objects = next;
    if (changes.length > 0) this.#sink.changed(changes);
  }
}
