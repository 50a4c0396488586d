// `npm test`: every check and every test, one after the other; ends with "N passed, N failed". Steps that fail do not hide later ones.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './bundle.mjs';

const out = mkdtempSync(join(tmpdir(), 'causeway-test-'));
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1', FORCE_COLOR: '0', CAUSEWAY_TEST: '1' };
const bin = (name) => join(root, 'node_modules/.bin', name);
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

/** Runs a command; its exit status is one test unless it reports its own counts. */
function step(name, command, args, counts) {
  const began = Date.now();
  console.log(`\n== ${name}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 1));
  }).then((status) => {
    const { passed, failed, skipped } =
      counts?.() ?? (status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 });
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
    // A runner that fails without a failing test (it found none, it crashed) is a failure of its own.
    if (status !== 0 && failed === 0) totals.failed += 1;
    if (status !== 0) failures.push(name);
    console.log(`== ${name}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - began) / 1000).toFixed(0)} s`);
    return status;
  });
}

function vitestCounts(file) {
  return () => {
    try {
      const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(file, 'utf8'));
      return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests };
    } catch {
      return { passed: 0, failed: 1, skipped: 0 };
    }
  };
}

function playwrightCounts(file) {
  return () => {
    try {
      const { expected, unexpected, flaky, skipped } = JSON.parse(readFileSync(file, 'utf8')).stats;
      return { passed: expected + flaky, failed: unexpected, skipped };
    } catch {
      return { passed: 0, failed: 1, skipped: 0 };
    }
  };
}

// As many files at once as there are cores: most of them wait for a process or a socket.
const vitest = (project) => {
  const file = join(out, `${project}.json`);
  return step(
    `tests: ${project}`,
    bin('vitest'),
    ['run', '--project', project, '--maxWorkers=100%', '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`],
    vitestCounts(file),
  );
};

await step('test peers (hubble-relay, Kubernetes API)', process.execPath, ['scripts/peers.mjs']);
await step('format', bin('oxfmt'), ['--check', '.']);
await step('lint', bin('oxlint'), ['--type-aware']);
await step('build', process.execPath, ['scripts/build.mjs']);
await step('types', bin('tsc'), ['--noEmit']);
await step('dead code', bin('knip'), []);
await vitest('unit');
await vitest('adapters');
const report = join(out, 'e2e.json');
env.PLAYWRIGHT_JSON_OUTPUT_NAME = report;
await step('journeys in Chromium', bin('playwright'), ['test', '--reporter=list,json'], playwrightCounts(report));

rmSync(out, { recursive: true, force: true });
if (failures.length > 0) console.log(`\nfailed: ${failures.join(', ')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed > 0 || failures.length > 0 ? 1 : 0);
