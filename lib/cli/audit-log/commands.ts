import { type Command, InvalidArgumentError, Option } from 'commander';
import { headOf } from '#lib/audit-log/chain.ts';
import type { ExportOptions } from './export.ts';
import type { VerifyOptions } from './verify.ts';

const complain = (line: string): void => console.error(line);

/** Options that say which database is meant; each command gets options of its own. */
export interface DatabaseChoice {
  readonly data: () => Option;
  readonly url: () => Option;
}

/** Adds `causeway audit verify` and `causeway audit export`: about the audit log of the console, not about traffic. */
export function addAuditLogCommands(audit: Command, root: string, database: DatabaseChoice, say: (line: string) => void): void {
  audit
    .command('verify')
    .description('walk the hash chain of the console’s audit log, or of a file that was exported from it')
    .addOption(
      new Option(
        '--head <seq:hash>',
        'where the log was seen to end, as an earlier run printed it: finds a tail that was cut off or written anew',
      ).argParser(head),
    )
    .option('--file <path>', 'JSON lines of `causeway audit export` or of the page; needs neither server nor database')
    .option('--json', 'print JSON')
    .addOption(database.data())
    .addOption(database.url())
    .addHelpText(
      'after',
      `
Exit status: 0 when the log is what was written, 1 when it is not, 2 when it cannot be read.

Keep the head that it prints somewhere else than in the database: rows that were cut off at the end leave a whole log behind.`,
    )
    .action(async (options: VerifyOptions) => {
      process.exitCode = await (await import('./verify.ts')).verifyLog(options, root, say, complain);
    });

  audit
    .command('export')
    .description('print the console’s audit log, oldest first')
    .addOption(new Option('--format <format>', 'of the lines').choices(['jsonl', 'csv']).default('jsonl'))
    .option('--action <name>', 'only this action, e.g. gate.approve')
    .option('--cluster <id>', 'only this cluster')
    .addOption(database.data())
    .addOption(database.url())
    .action(async (options: ExportOptions) => (await import('./export.ts')).exportLog(options, root));
}

function head(text: string): string {
  if (!headOf(text)) throw new InvalidArgumentError('SEQ:HASH, a number and a SHA-256 in lower-case hexadecimal');
  return text;
}
