import { type Command, InvalidArgumentError } from 'commander';
import { endMisunderstood, endWith } from '../end-with.ts';
import type { WitnessCommandOptions } from './witness.ts';

/** Adds `causeway witness`: what another team runs so that a log cannot show two histories. It needs no database and no console. */
export function addWitnessCommand(program: Command, say: (line: string) => void): void {
  program
    .command('witness')
    .description('witness the heads of consoles’ logs, with a key and a memory of its own (C2SP tlog-witness)')
    .exitOverride(endMisunderstood)
    .requiredOption('--name <name>', 'name in notes and trust bundles, such as witness.example.com/security; for good')
    .requiredOption('--data <dir>', 'where its key and what it has seen is kept; never to be copied or restored from a backup')
    .requiredOption(
      '--log <origin=key>',
      'a log and its checkpoint key (base64url, as in a JWK); several, and the same origin twice while its key changes',
      (text: string, before: readonly string[] | undefined): string[] => [...(before ?? []), text],
    )
    .option('--listen <host:port>', 'address to listen on', address, { host: '127.0.0.1', port: 8099 })
    .addHelpText(
      'after',
      `
At first start it makes a key in the data folder and prints its public part, which belongs into the console's CAUSEWAY_WITNESSES and into trust
bundles. GET / says it again. TLS is for a reverse proxy: what it answers is signed, and what it is asked is public.

Example:
  causeway witness --name security-witness --data /var/lib/causeway-witness --listen 0.0.0.0:8099 \\
    --log causeway.example/prod=11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo`,
    )
    .action((options: WitnessCommandOptions) => endWith(async () => (await import('./witness.ts')).runWitness(options, say)));
}

function address(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':');
  const port = Number(text.slice(at + 1));
  const host = text.slice(0, Math.max(0, at)).replace(/^\[(.+)\]$/, '$1');
  if (host === '' || !/^\d{1,5}$/.test(text.slice(at + 1)) || port > 65_535) throw new InvalidArgumentError('HOST:PORT');
  return { host, port };
}
