// Breaks the decision path of the policy engine on purpose, one operator at a time, and asks whether anything notices: first the policy vectors
// (answers of Cilium's own engine), then the unit tests. What nobody notices must stand in docs/mutation.md, with the reason.
//   node scripts/mutate.mjs [--files a.ts,b.ts] [--vectors DIR] [--only FILE]
// `--only`: those that a file, such as the output of a former run, names.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { mutantsOf } from './mutants.mjs';

const DECISION_PATH = [
  'auth',
  'compile',
  'conflicts',
  'decide',
  'direction-policy',
  'http',
  'identity',
  'identity-labels',
  'judge-l4',
  'judge-l7',
  'l7',
  'label-filter',
  'name-pattern',
  'named-ports',
  'normalise',
  'normalise-knp',
  'pair',
  'peers',
  'protocols',
  'sections',
  'seen-peer',
  'selector',
  'subject-index',
  'world-index',
];
const TESTS = [
  'identity-labels',
  'seen-peer',
  'named-ports',
  'normalise',
  'auth',
  'compile',
  'conflicts',
  'decide',
  'http',
  'label-filter',
  'name-pattern',
  'sections',
  'selector',
  'unknown',
];
/** A mutant that runs longer is stuck: noticed. */
const TIMEOUT_MS = 20_000;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: DECISION_PATH.map((name) => `lib/policy/${name}.ts`).join(',') },
    vectors: { type: 'string', default: '../shared/policy-vectors' },
    only: { type: 'string' },
  },
});
const work = 'node_modules/.cache/mutate';
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
if (!existsSync(values.vectors)) throw new Error(`${values.vectors} is missing: the vectors are what mutants are judged by`);

const only = values.only && readFileSync(values.only, 'utf8');
const vectorFiles = readdirSync(values.vectors)
  .filter((file) => file.endsWith('.json'))
  .map((file) => join(values.vectors, file));
let worker = startWorker();
const totals = new Map();
const survivors = [];
for (const file of values.files.split(',')) {
  const source = readFileSync(file, 'utf8');
  const mutants = mutantsOf(file, source).filter((mutant) => only === undefined || only.includes(nameOf({ ...mutant, file })));
  let noticed = 0;
  for (const mutant of mutants) {
    const code = source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end);
    if ((await noticedByVectors(file, code)) || (await noticedByTests(file, code))) noticed += 1;
    else {
      survivors.push({ ...mutant, file });
      console.log(`nobody notices, on line ${mutant.line}: ${nameOf({ ...mutant, file })}`);
    }
  }
  totals.set(file, { mutants: mutants.length, noticed });
  console.log(`${basename(file).padEnd(24)} ${noticed}/${mutants.length}`);
}
await worker.terminate();
report();

function startWorker() {
  return new Worker(new URL('./mutate-worker.mjs', import.meta.url), { workerData: { vectorFiles } });
}

/** Whether a vector disagrees with an engine that has this code in place of a file's. */
async function noticedByVectors(file, code) {
  const bundle = join(work, `${Math.random().toString(36).slice(2)}.mjs`);
  await build({
    entryPoints: ['lib/policy/vectors.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
    plugins: [
      {
        name: 'mutant',
        setup(bundler) {
          bundler.onLoad({ filter: new RegExp(`/${basename(file, '.ts')}\\.ts$`) }, ({ path }) =>
            path.endsWith(`/${file}`) ? { contents: code, loader: 'ts' } : undefined,
          );
        },
      },
    ],
  });
  const answer = await new Promise((resolve) => {
    const timer = setTimeout(() => resolve('stuck'), TIMEOUT_MS);
    worker.once('message', (message) => {
      clearTimeout(timer);
      resolve(message);
    });
    worker.postMessage(join(process.cwd(), bundle));
  });
  rmSync(bundle);
  if (answer !== 'stuck') return answer;
  await worker.terminate();
  worker = startWorker();
  return true;
}

/** Whether a unit test fails on it. */
async function noticedByTests(file, code) {
  const mutated = join(process.cwd(), work, 'mutant.ts');
  writeFileSync(mutated, code);
  const tests = TESTS.map((name) => `lib/policy/${name}.test.ts`);
  try {
    await promisify(execFile)(
      'node_modules/.bin/vitest',
      ['run', '--config', 'scripts/mutate.vitest.mjs', '--bail', '1', '--pool', 'threads', '--no-isolate', ...tests],
      {
        env: { ...process.env, MUTATED_FILE: file, MUTANT: mutated },
        timeout: 6 * TIMEOUT_MS,
      },
    );
    return false;
  } catch {
    return true;
  }
}

/** Prints what nobody noticed and ends with 1 when docs/mutation.md does not know of it. */
function report() {
  const sum = (key) => [...totals.values()].reduce((all, one) => all + one[key], 0);
  console.log(`\n${sum('noticed')} of ${sum('mutants')} mutants are noticed`);
  const known = existsSync('docs/mutation.md') ? readFileSync('docs/mutation.md', 'utf8') : '';
  const news = survivors.filter((mutant) => !known.includes(nameOf(mutant)));
  for (const mutant of news) console.log(`docs/mutation.md does not know of ${nameOf(mutant)}`);
  process.exitCode = news.length > 0 ? 1 : 0;
}

/** Stays the same when lines move. */
function nameOf({ file, original, text, context }) {
  return `${basename(file)}: \`${original}\` > \`${text}\` in \`${context}\``;
}
