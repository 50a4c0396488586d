import 'server-only';
import { currentUploads, uploadText } from '#lib/db/migration/current-uploads.ts';
import type { TrafficDb } from '#lib/db/traffic/connection.ts';
import type { UploadedFile } from '#lib/migration/evaluate/evidence.ts';
import type { UploadKind } from '#lib/migration/model.ts';
import { readUpload, type UploadContent } from '#lib/preflight/files/upload.ts';

/** Files that are kept read: a cluster has at most one of each kind that counts. */
const MOST_KEPT = 60;

/** A file that counts, read. */
export interface DeskFile extends UploadedFile {
  readonly sha256: string;
}

/** The evidence files of clusters. Each is read once, and again only when another one took its place. */
export class UploadDesk {
  readonly #db: TrafficDb;
  readonly #read = new Map<string, UploadContent>();

  constructor(db: TrafficDb) {
    this.#db = db;
  }

  /** The newest of each kind. One that cannot be read any more counts as absent: what needs it says so. */
  async of(cluster: string): Promise<ReadonlyMap<UploadKind, DeskFile>> {
    const files = new Map<UploadKind, DeskFile>();
    for (const { id, kind, fileName, sha256, at } of await currentUploads(this.#db, cluster)) {
      if (kind === 'objects') continue;
      const content = this.#read.get(id) ?? (await this.#readOne(id, kind));
      if (content) files.set(kind, { content, fileName, at, sha256 });
    }
    return files;
  }

  async #readOne(id: string, kind: Exclude<UploadKind, 'objects'>): Promise<UploadContent | undefined> {
    const text = await uploadText(this.#db, id);
    const reading = text === undefined ? undefined : readUpload(kind, text);
    if (!reading?.ok) return undefined;
    this.#read.set(id, reading.value);
    for (const oldest of this.#read.keys()) {
      if (this.#read.size <= MOST_KEPT) break;
      this.#read.delete(oldest);
    }
    return reading.value;
  }
}
