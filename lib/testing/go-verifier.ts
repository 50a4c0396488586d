import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PEERS_CACHE } from './peers-cache.ts';

const source = fileURLToPath(new URL('../../e2e/verifier', import.meta.url));
const cache = join(PEERS_CACHE, 'verifier');

/** The second verifier, built from `e2e/verifier` into the cache; undefined where Go is not installed. With `CI=true` that is an error: nothing is skipped there unsaid. */
export function goVerifier(): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) {
    if (process.env['CI'] === 'true') throw new Error('Go is not installed');
    console.warn('skipped: tests against the verifier in Go: Go is not installed');
    return undefined;
  }
  mkdirSync(cache, { recursive: true });
  const program = join(cache, 'verifier');
  const { status, stderr } = spawnSync('go', ['build', '-o', program, '.'], { cwd: source, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the verifier in Go cannot be built: ${stderr}`);
  return program;
}

/** Exit status and first words of each receipt, by the program. */
export function verifyByGo(program: string, trustFile: string, texts: readonly string[]): { exit: number; why: string }[] {
  const { status, stdout, stderr } = spawnSync(program, ['-trust', trustFile, '-lines'], {
    input: texts.map((text) => `${JSON.stringify(text)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => ({ exit: Number(line.slice(0, 1)), why: line.slice(2) }));
}
