import { writeFileSync } from 'node:fs';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { PreflightResult } from '#lib/preflight/check.ts';
import { PREFLIGHT_CHECKS } from '#lib/preflight/checks.ts';
import { preflightDocument } from '#lib/preflight/document.ts';
import { jsonReport, summary, textReport } from '#lib/preflight/report.ts';
import { runPreflight } from '#lib/preflight/run.ts';
import { preflightSarif } from '#lib/preflight/sarif.ts';
import { type InputOptions, readInputs } from './inputs.ts';

export interface PreflightCommandOptions extends InputOptions {
  readonly phase?: Phase;
  readonly format: 'text' | 'json' | 'sarif';
  readonly out?: string;
}

type Say = (line: string) => void;

/** `causeway preflight`. Gives the exit status: 0 all pass, 1 one fails, 3 something is unknown. Throws `bad-input` for what cannot be read. */
export async function preflight(options: PreflightCommandOptions, version: string, say: Say): Promise<0 | 1 | 3> {
  const inputs = await readInputs(options, Date.now());
  const results = runPreflight(inputs, { phase: options.phase });
  const report = reportOf(results, options, version);
  if (options.out === undefined) say(report);
  else {
    write(options.out, `${report}\n`);
    say(`${options.out}: ${summary(results)}`);
  }
  if (results.some(({ status }) => status === 'fail')) return 1;
  return results.some(({ status }) => status === 'unknown') ? 3 : 0;
}

function reportOf(
  results: readonly PreflightResult[],
  { format, values, application }: PreflightCommandOptions,
  version: string,
): string {
  switch (format) {
    case 'json':
      return JSON.stringify(jsonReport(results), null, 2);
    case 'sarif': {
      const file = values ?? application;
      const fileOf = (object: string): string | undefined => (object.startsWith('values: ') ? file : undefined);
      return JSON.stringify(preflightSarif(results, PREFLIGHT_CHECKS, version, fileOf), null, 2);
    }
    case 'text':
      return textReport(results).join('\n');
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CausewayError('bad-input', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** `causeway preflight --checks`: the documentation of the checks, Markdown. */
export const sayChecks = (say: Say): void => say(preflightDocument(PREFLIGHT_CHECKS).trimEnd());
