import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { demoClusterNames, demoEvidence, demoTrials } from '#lib/demo/evidence/evidence.ts';

/** `causeway demo-evidence`: the demo clusters' files of evidence, a folder for each cluster. Those that somebody has to run are in `trials`. */
export function writeDemoEvidence(folder: string, now: number, say: (line: string) => void): void {
  try {
    for (const cluster of demoClusterNames())
      for (const [place, files] of [
        [join(folder, cluster), demoEvidence(cluster)],
        [join(folder, cluster, 'trials'), demoTrials(cluster, now)],
      ] as const) {
        mkdirSync(place, { recursive: true });
        for (const { fileName, text } of files) writeFileSync(join(place, fileName), text);
        say(`${place}: ${files.map(({ fileName }) => fileName).join(', ')}`);
      }
  } catch (error) {
    throw new CausewayError('bad-input', `cannot write into ${folder}: ${messageOf(error)}`, { cause: error });
  }
}
