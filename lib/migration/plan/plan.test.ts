import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METHODS, PHASES, ROUTES } from '../model.ts';
import { fillCommand, PLACEHOLDERS } from './commands.ts';
import type { Command } from './model.ts';
import { checkOf, LATEST_PLAN, phaseOf, planOf } from './plan.ts';

const { phases, risks, impacts } = LATEST_PLAN;
const commands: Command[] = phases.flatMap(({ steps, rollback }) => [
  ...steps.flatMap((step) => [...step.commands, ...step.undo]),
  ...rollback.steps,
]);

test('the plan has the five phases in their order, and only the last is optional', () => {
  expect(phases.map(({ phase }) => phase)).toEqual(PHASES);
  expect(phases.filter(({ optional }) => optional).map(({ phase }) => phase)).toEqual([4]);
});

test('ids are there once, name their phase, and fit into a path', () => {
  const ids = phases.flatMap(({ phase, steps, checks }) => [
    ...steps.map(({ id }) => ({ phase, id: `step ${id}` })),
    ...checks.map(({ id }) => ({ phase, id: `check ${id}` })),
  ]);
  expect(new Set(ids.map(({ id }) => id)).size).toBe(ids.length);
  for (const { phase, id } of ids) expect(id).toMatch(new RegExp(`^(step|check) ${phase}\\.[a-z0-9-]+$`));
});

test('every check of a step is one of its phase, and every check but the windows of traffic hangs on a step or a preflight number', () => {
  for (const { steps, checks } of phases) {
    const ids = new Set(checks.map(({ id }) => id));
    const named = new Set(steps.flatMap((step) => step.checks));
    expect([...named].filter((id) => !ids.has(id))).toEqual([]);
    expect(checks.filter(({ id, preflight }) => !named.has(id) && preflight === undefined).map(({ id }) => id)).toEqual([]);
  }
});

test('which preflight checks gate which phase is as the table has it', () => {
  const numbers = (demand: string) =>
    phases.map(({ checks }) =>
      checks.flatMap((check) => (check.demand === demand && check.preflight ? [check.preflight] : [])).toSorted((a, b) => a - b),
    );
  expect(numbers('must')).toEqual([
    [19, 21, 22, 23, 30],
    [1, 2, 4, 6, 17, 18, 25],
    [3, 10, 12, 13, 14, 24, 25],
    [5, 6, 7, 8, 9],
    [1, 16, 17, 18, 20, 21, 22, 23],
  ]);
  expect(numbers('acknowledge')).toEqual([
    [11, 16],
    [3, 10, 12],
    [15, 28, 29, 32],
    [15, 26],
    [11, 15, 27, 31],
  ]);
});

test('a step that changes the cluster says how it is undone, and every phase how it is rolled back', () => {
  const changing =
    /\b(helm (upgrade|install)|kubectl (apply|patch|label|drain|-n \S+ (patch|delete))|aws eks delete-addon|create-flow-logs)/;
  for (const { steps, rollback } of phases) {
    const stuck = steps.filter(
      ({ id, commands: own, undo }) =>
        own.some(({ text }) => changing.test(text)) && !id.endsWith('.rehearse') && undo.length === 0,
    );
    expect(stuck.map(({ id }) => id)).toEqual([]);
    expect(rollback.steps).not.toEqual([]);
    expect(rollback.after).not.toEqual([]);
  }
  expect(phases[4]?.rollback.effort).toBe('hard');
});

test('risks and impacts speak of checks, phases and components that exist', () => {
  const named = risks.flatMap(({ checks }) => checks);
  expect(named.filter((id) => checkOf(LATEST_PLAN, id)?.check.id !== id)).toEqual([]);
  expect(risks.length).toBe(7);
  expect(impacts.map(({ component }) => component)).toEqual([
    'Karpenter',
    'aws-load-balancer-controller',
    'Envoy Gateway',
    'SPIRE',
    'NATS',
    'kube-prometheus-stack',
    'Argo CD',
  ]);
});

describe('the ways of a phase', () => {
  test.each(METHODS)('phase 3 by %s has steps and checks of that method only', (method) => {
    const { steps, checks } = phaseOf(LATEST_PLAN, 3, { method, route: 'node-groups' });
    const has = (id: string) => checks.some((check) => check.id === id);
    expect(has('3.spire-entries')).toBe(method === 'mutual-auth');
    expect(has('3.preflight-9')).toBe(method === 'ztunnel');
    expect(has('3.encrypted')).toBe(true);
    expect(steps.every((step) => step.method?.includes(method) ?? true)).toBe(true);
  });

  test.each(ROUTES)('phase 4 by %s', (route) => {
    const { steps, checks } = phaseOf(LATEST_PLAN, 4, { method: 'wireguard', route });
    expect(steps.some(({ id }) => id === '4.node-config')).toBe(route === 'per-node');
    expect(checks.some(({ id }) => id === '4.enforcement-off')).toBe(route === 'per-node');
    expect(checks.some(({ id }) => id === '4.rotated')).toBe(true);
  });
});

test('a version that is not there is undefined, not another one', () => {
  expect(planOf(LATEST_PLAN.version)).toBe(LATEST_PLAN);
  expect(planOf('2019.1')).toBeUndefined();
});

describe('commands', () => {
  test('every placeholder is one that is explained', () => {
    const names = commands.flatMap(({ text }) => [...text.matchAll(/(?<!\$)\{([a-z][a-z-]*)\}/g)].map(([, name]) => name ?? ''));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !Object.hasOwn(PLACEHOLDERS, name))).toEqual([]);
  });

  test('a value takes its place, and what is missing stands there as its name', () => {
    const command = { title: '', text: 'aws eks describe --name {cluster} --region {region} -o {.status}' };
    expect(fillCommand(command, new Map([['cluster', 'aegis-production']]))).toEqual({
      title: '',
      text: 'aws eks describe --name aegis-production --region <region> -o {.status}',
      missing: ['region'],
    });
  });

  test('the fields of a flow log format are not placeholders', () => {
    const { text, missing } = fillCommand(
      { title: '', text: "'${version} ${srcaddr}' {version}" },
      new Map([['version', '1.19.5']]),
    );
    expect(text).toBe("'${version} ${srcaddr}' 1.19.5");
    expect(missing).toEqual([]);
  });

  test('no value gets out of its word, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        const { text } = fillCommand({ title: '', text: 'echo {cluster}' }, new Map([['cluster', value]]));
        expect(wordsOf(text)).toHaveLength(2);
      }),
    );
  });
});

/** Words of a line as a POSIX shell takes them; throws where it would do more than that. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let rest = line;
  for (let word = ''; rest !== '';) {
    const quoted = /^'([^']*)'/.exec(rest) ?? /^\\(['])/.exec(rest) ?? /^([^\s'"\\$`;&|<>(){}*?[\]#~!]+)/.exec(rest);
    if (quoted) {
      word += quoted[1] ?? '';
      rest = rest.slice(quoted[0].length);
      if (rest === '' || rest.startsWith(' ')) {
        words.push(word);
        word = '';
      }
    } else if (rest.startsWith(' ')) rest = rest.slice(1);
    else throw new Error(`the shell would not take this as a word: ${rest}`);
  }
  return words;
}
