import { type Command, InvalidArgumentError } from 'commander';
import { endMisunderstood, endWith } from '../end-with.ts';
import type { VerifyCommandOptions } from './verify.ts';

/** Adds `causeway verify`: receipts on files alone, without a network. */
export function addVerifyCommand(program: Command, say: (line: string) => void): void {
  program
    .command('verify <files...>')
    .description(
      'verify receipts (JSON, DSSE envelope or tlog-proof; - for standard input) against a trust bundle; asks no network',
    )
    .exitOverride(endMisunderstood)
    .requiredOption('--trust <file>', 'trust bundle, which came by a way of its own')
    .option('--root <key>', 'public key of the root (base64url, as in a JWK) that must have signed the trust bundle')
    .option('--quorum <number>', 'witnesses that must have seen the head, instead of what the bundle asks for', count)
    .option('--policy <paths...>', 'policies, to compare their hashes with what the receipt names')
    .option('--strict', 'a batch that did not see everything is a failure')
    .option('--json', 'print JSON: every step of every file')
    .addHelpText(
      'after',
      `
Exit status, the worst of all files: 0 every required step passes; 1 a hash, path or signature is wrong; 2 not a receipt; 3 a key that is not trusted,
or was not in force; 4 too few witnesses; 5 valid, and the batch had gaps (with --strict: 1).

A receipt is what a witness recorded that Hubble reported. It does not prove that a packet was stopped, or that no other passed.

Examples:
  causeway verify receipt.json --trust trust.json
  causeway verify *.tlog-proof --trust trust.json --quorum 2 --policy policies/`,
    )
    .action((files: string[], options: VerifyCommandOptions) =>
      endWith(async () => (await import('./verify.ts')).verifyFiles(files, options, say)),
    );
}

function count(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('a number of witnesses');
  return Number(text);
}
