import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CausewayError } from '#lib/errors/errors.ts';
import { type HeldKey, readKeyFile, writeKeyFile } from '#lib/keys/key-file.ts';
import { isKeyName } from '#lib/receipts/note.ts';
import { keyOfJwkX, keyProblem, type PublicKey } from '#lib/receipts/public-key.ts';
import { holdFolder } from '#lib/witness/folder-lock.ts';
import { HeadStore } from '#lib/witness/head-store.ts';
import { witnessServer } from '#lib/witness/server.ts';
import { type WitnessOptions, WitnessService } from '#lib/witness/witness.ts';

export interface WitnessCommandOptions {
  readonly name: string;
  readonly data: string;
  readonly log: readonly string[];
  readonly listen: { readonly host: string; readonly port: number };
}

/** `causeway witness`: runs until it is told to stop. Throws what is for the person at the terminal. */
export async function runWitness(
  { name, data, log, listen }: WitnessCommandOptions,
  say: (line: string) => void,
  more: Pick<WitnessOptions, 'kept'> = {},
): Promise<number> {
  if (!isKeyName(name)) throw new CausewayError('not-configured', '--name has neither spaces nor plus signs');
  const logs = logsOf(log);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const release = await holdFolder(data);
  try {
    const key = ownKey(join(data, 'witness.pem'));
    const options = { name, key, logs, heads: HeadStore.open(join(data, 'heads'), name, key.publicKey), ...more };
    const tell = (line: string): void => say(`${new Date().toISOString()} ${shown(line)}`);
    const server = witnessServer(new WitnessService(options), options, tell);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new CausewayError('not-configured', `cannot listen on ${listen.host}:${listen.port}: ${error.message}`)),
      );
      server.listen(listen.port, listen.host, resolve);
    });
    const { port, address, family } = server.address() as AddressInfo;
    say(`witness ${name}, key ${key.x}, on http://${family === 'IPv6' ? `[${address}]` : address}:${port}`);
    for (const origin of logs.keys()) say(`log ${shown(origin)}: seen up to ${options.heads.get(origin)?.size ?? 0}`);
    await untilStopped();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeIdleConnections();
    });
    return 0;
  } finally {
    await release();
  }
}

/** Keys of each log by its origin. */
function logsOf(entries: readonly string[]): Map<string, PublicKey[]> {
  const logs = new Map<string, PublicKey[]>();
  for (const entry of entries) {
    const at = entry.lastIndexOf('=');
    const origin = entry.slice(0, Math.max(0, at));
    const key = keyOfJwkX(entry.slice(at + 1));
    const problem = key ? keyProblem(key) : 'it is no Ed25519 key in base64url';
    if (!isKeyName(origin)) throw new CausewayError('not-configured', '--log is ORIGIN=KEY, the origin without spaces');
    if (!key || problem !== undefined) throw new CausewayError('not-configured', `the key of ${origin} is refused: ${problem}`);
    logs.set(origin, [...(logs.get(origin) ?? []), key]);
  }
  return logs;
}

function ownKey(path: string): HeldKey {
  if (!existsSync(path)) writeKeyFile(path, generateKeyPairSync('ed25519').privateKey);
  return readKeyFile(path);
}

const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

/** What a stranger sent reaches the terminal as text only. */
const shown = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`,
  );
