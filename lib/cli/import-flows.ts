import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { SingleBar } from 'cli-progress';
import { redactionOf } from '#lib/config/redaction.ts';
import { openTrafficDb, type TrafficDb } from '#lib/db/traffic/connection.ts';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { importFlows } from '#lib/ingest/import.ts';
import { type DatabaseOptions, withTables } from './database.ts';

export interface ImportOptions extends DatabaseOptions {
  readonly cluster: string;
  readonly name?: string;
}

/** `causeway import flows FILE`: a progress bar by bytes on a terminal, then what came in and what could not be read, with its place. */
export async function importFile(file: string, options: ImportOptions, root: string, say: (line: string) => void): Promise<void> {
  const size = sizeOf(file);
  const capture = await withTables(options, root, async (url) => {
    const db = openTrafficDb(url, 2);
    const bar = new SingleBar({ format: '{bar} {percentage} %  {flows} flows', hideCursor: true, noTTYOutput: false });
    try {
      await checkCluster(db, options.cluster);
      bar.start(size, 0, { flows: 0 });
      return await importFlows(createReadStream(file), {
        db,
        cluster: options.cluster,
        name: options.name ?? basename(file),
        createdBy: 'console',
        redaction: redactionOf(process.env),
        onProgress: (bytes, flows) => bar.update(bytes, { flows }),
      });
    } catch (error) {
      throw error instanceof CausewayError ? new CausewayError(error.code, `${file}: ${error.message}`, { cause: error }) : error;
    } finally {
      bar.stop();
      await db.close();
    }
  });
  say(
    `imported ${capture.flows} flows of ${file} as capture ${capture.id}: open /c/${options.cluster}/flows?capture=${capture.id}`,
  );
  if (capture.badLines === 1) say('1 line could not be read:');
  if (capture.badLines > 1) say(`${capture.badLines} lines could not be read; the first of them:`);
  for (const { line, reason } of capture.firstBadLines.slice(0, 5)) say(`  line ${line}: ${reason}`);
  if (capture.note) say(capture.note);
}

/** What is imported for a cluster that the console does not have would be seen by nobody. */
export async function checkCluster(db: TrafficDb, id: string): Promise<void> {
  const known = (await db.rows<{ id: string }>('SELECT id FROM cluster ORDER BY id')).map((row) => row.id);
  if (known.includes(id)) return;
  const others = known.length > 0 ? `there are ${known.join(', ')}` : 'this console has none yet: start it once';
  throw new CausewayError('not-found', `there is no cluster ${id}; ${others}`);
}

/** Bytes of a file. Throws `bad-input` where it cannot be read. */
export function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    throw new CausewayError('bad-input', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}
