import { compilePolicies, recompile } from '#lib/policy/compile.ts';
import { decide, peerOf, verdictOf } from '#lib/policy/decide.ts';
import { protocolIndex } from '#lib/policy/protocols.ts';
import type { PolicyObject } from '#lib/policy/model.ts';
import { type MadeWorld, policyWorld } from './support/policy-world.ts';
import type { Report } from './support/report.ts';

const COMMON = { namespaces: 20, workloads: 200, podsPerWorkload: 3, policies: 300 } as const;
const LARGE = { namespaces: 100, workloads: 2_000, podsPerWorkload: 5, policies: 2_000 } as const;

/** Speed of the policy engine on one core, on the sizes that Cilium's own lookups were measured with. */
export function policyEngine(report: Report, { quick }: { readonly quick: boolean }): Promise<void> {
  report.section('policy engine');
  const made = policyWorld(COMMON, 20_000);
  const rounds = quick ? 5 : 20;
  compileSpeed(report, made, rounds);
  judgeSpeed(report, made, quick ? 1_000_000 : 10_000_000);
  changeSpeed(report, made, rounds);
  largeWorld(report);
  return Promise.resolve();
}

/** From objects to the first answer for every pod: compiling is lazy, so every subject is asked once. */
function compileSpeed(report: Report, made: MadeWorld, rounds: number): void {
  const name = `compile ${COMMON.workloads} workloads, ${COMMON.policies} policies`;
  const compile = best(rounds, () => compilePolicies({ ...made.world }, made.policies));
  report.add({ name, value: compile, unit: 'CPU ms', bound: { op: '<=', value: 60 } });
  const resolved = best(rounds, () => {
    const compiled = compilePolicies({ ...made.world }, made.policies);
    for (const { id } of made.world.endpoints)
      decide(compiled, { src: { endpoint: id }, dst: { entity: 'world' }, protocol: 'TCP', port: 443 });
  });
  report.add({
    name: `${name}, and resolve every subject`,
    value: resolved,
    unit: 'CPU ms',
    ratio: `${(resolved / 55).toFixed(2)} of Cilium’s best load`,
    bound: { op: '<=', value: 125 },
  });
}

function judgeSpeed(report: Report, { world, policies, questions }: MadeWorld, flows: number): void {
  const compiled = compilePolicies(world, policies);
  const first = time(() => {
    for (const question of questions) decide(compiled, question);
  });
  report.add({
    name: `first answers, ${questions.length.toLocaleString('en')} distinct questions`,
    value: (questions.length / first) * 1000,
    unit: 'answers/CPU-s',
  });
  const resolved = questions.map(({ src, dst, protocol, port }) => ({
    from: peerOf(compiled, src),
    to: peerOf(compiled, dst),
    protocol: protocolIndex(protocol),
    port,
  }));
  let allowed = 0;
  const lookups = time(() => {
    for (let done = 0; done < flows; done += resolved.length)
      for (const { from, to, protocol, port } of resolved)
        if (verdictOf(compiled, from, to, protocol, port) === 'allowed') allowed += 1;
  });
  const perSecond = (flows / lookups) * 1000;
  report.add({
    name: `verdicts of both directions, ${Math.round((100 * allowed) / flows)} % allowed`,
    value: perSecond,
    unit: 'flows/CPU-s',
    ratio: `${(perSecond / 2_700_000).toFixed(2)} of Cilium’s lookups`,
    bound: { op: '>=', value: 2_000_000 },
  });
  const answers = time(() => {
    for (let done = 0; done < flows; done += questions.length) for (const question of questions) decide(compiled, question);
  });
  report.add({
    name: 'answers with all rules that decide',
    value: (flows / answers) * 1000,
    unit: 'answers/CPU-s',
    ratio: `${(((flows / answers) * 1000) / 42_000).toFixed(1)} times Cilium’s full answer`,
    bound: { op: '>=', value: 400_000 },
  });
}

/** One policy changes, and the subject that it selects is asked again. */
function changeSpeed(report: Report, { world, policies, questions }: MadeWorld, rounds: number): void {
  const compiled = compilePolicies(world, policies);
  for (const question of questions) decide(compiled, question);
  const changed = policies[42] as PolicyObject;
  const value = best(rounds, () =>
    decide(
      recompile(compiled, { put: [{ ...changed, metadata: { ...changed.metadata } }] }),
      questions[0] as (typeof questions)[number],
    ),
  );
  report.add({
    name: `put one of ${policies.length} policies, and judge`,
    value,
    unit: 'CPU ms',
    bound: { op: '<=', value: 20 },
  });
}

function largeWorld(report: Report): void {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const made = policyWorld(LARGE, 1);
  let compiled = compilePolicies(made.world, []);
  const value = time(() => {
    compiled = compilePolicies(made.world, made.policies);
    for (const { id } of made.world.endpoints)
      decide(compiled, { src: { endpoint: id }, dst: { entity: 'world' }, protocol: 'TCP', port: 443 });
  });
  const name = `${LARGE.policies.toLocaleString('en')} policies, ${made.world.endpoints.length.toLocaleString('en')} pods`;
  report.add({ name: `compile and resolve ${name}`, value, unit: 'CPU ms', bound: { op: '<=', value: 2_000 } });
  globalThis.gc?.();
  report.add({
    name: `memory of ${name}`,
    value: (process.memoryUsage().heapUsed - before) / 1_048_576,
    unit: 'MiB',
    bound: { op: '<=', value: 400 },
  });
  if (compiled.rejected.length > 0) throw new Error(JSON.stringify(compiled.rejected[0]));
}

/** Milliseconds of CPU, on all threads: what other processes do does not count. */
function time(work: () => void): number {
  const began = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

/** The best of some rounds, the first of which warm up. */
function best(rounds: number, work: () => void): number {
  return Math.min(...Array.from({ length: rounds }, () => time(work)));
}
