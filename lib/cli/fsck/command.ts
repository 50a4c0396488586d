import type { Command, Option } from 'commander';
import { endMisunderstood, endWith } from '../end-with.ts';
import type { FsckOptions } from './fsck.ts';

/** Options that say which database is meant; each command gets options of its own. */
export interface DatabaseChoice {
  readonly data: () => Option;
  readonly url: () => Option;
}

/** Adds `causeway fsck`: whether the stored receipts and their logs are what was written. */
export function addFsckCommand(program: Command, root: string, database: DatabaseChoice, say: (line: string) => void): void {
  program
    .command('fsck')
    .description('re-derive every receipt, root, chain, signature and head from the database and name the rows that do not fit')
    .exitOverride(endMisunderstood)
    .option('--cluster <id>', 'the log of this cluster alone')
    .option('--trust <file>', 'trust bundle with keys and witnesses, beside those that the database knows')
    .option(
      '--checkpoint <files...>',
      'heads that were kept elsewhere: find an end that was cut off, or a log that was written anew',
    )
    .option('--json', 'print JSON')
    .addOption(database.data())
    .addOption(database.url())
    .addHelpText(
      'after',
      `
Exit status: 0 when every row is what was written, 1 when one is not, 2 when it cannot be read.

It may run beside a console that works. Summaries of what was let through (classes aggregate and full) go by their retention: they are counted, and
are no finding. Keep a checkpoint somewhere else than in the database, or have witnesses: rows that were cut off at the end leave a whole log behind.

Examples:
  causeway fsck
  causeway fsck --cluster prod --checkpoint kept/2026-11-01.checkpoint`,
    )
    .action((options: FsckOptions) => endWith(async () => (await import('./fsck.ts')).fsck(options, root, say)));
}
