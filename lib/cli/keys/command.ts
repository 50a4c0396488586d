import type { Command } from 'commander';
import { endMisunderstood, endWith } from '../end-with.ts';

/** Adds `causeway keys root`: the key that vouches for all others. It lives on a machine without a network, and the console never sees it. */
export function addKeysCommands(program: Command, say: (line: string) => void): void {
  const root = program
    .command('keys')
    .description('keys: the root that signs trust bundles')
    .command('root')
    .description('the root’s key; for a machine without a network');
  root
    .command('new')
    .description('make the root’s key in a file of mode 0400 and print its public key')
    .exitOverride(endMisunderstood)
    .option('--out <file>', 'where to write it; never over a file that is there', 'root.pem')
    .action((options: { out: string }) => endWith(async () => (await import('./root.ts')).newRoot(options, say)));
  root
    .command('sign <bundle>')
    .description('sign a trust bundle that was downloaded from the console, after showing what is in it')
    .exitOverride(endMisunderstood)
    .requiredOption('--key <file>', 'the root’s key')
    .option('--out <file>', 'where to write the signed bundle', 'trust.signed.json')
    .option('--before <bundle>', 'the bundle that was signed last, to show what is different')
    .addHelpText(
      'after',
      `
What a root signs, verifiers believe: compare the keys with those on the page Keys before the file leaves this machine.

Example, with the file of the page Keys, "Download to be signed":
  causeway keys root sign trust.json --key root.pem --before trust.signed.json --out trust.new.json`,
    )
    .action((bundle: string, options) => endWith(async () => (await import('./root.ts')).signBundle(bundle, options, say)));
}
