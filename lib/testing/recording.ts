import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Flow } from '#lib/flow/flow.ts';
import { parseLine } from '#lib/flow/parse.ts';
import { NO_REDACTION, type Redaction } from '#lib/flow/redact.ts';

/** The recorded flows of the imaginary cluster that the tests share; see their README. */
export const RECORDING = resolve('../shared/flows/sample-mixed.jsonl');
export const RECORDED_DROPS = resolve('../shared/flows/sample-drops.jsonl');
export const RECORDED_EVENTS = resolve('../shared/flows/stream-events.jsonl');

/** Why the recording cannot be used here; undefined when it can. With CI=true that is an error, not a reason to skip. */
export function recordingMissing(): string | undefined {
  if (existsSync(RECORDING)) return undefined;
  const reason = 'the folder ../shared/flows is not here';
  if (process.env['CI'] === 'true') throw new Error(`tests on the recorded flows cannot run: ${reason}`);
  console.log(`skipped: tests on the recorded flows: ${reason}`);
  return reason;
}

/** The lines of a file, without the empty one at its end. */
export const linesOf = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

/** The flows of the recording, in its order. */
export function recordedFlows(path = RECORDING, redaction: Redaction = NO_REDACTION): Flow[] {
  return linesOf(path).flatMap((line) => {
    const parsed = parseLine(line, { redaction });
    return parsed.ok && parsed.event.kind === 'flow' ? [parsed.event.flow] : [];
  });
}
