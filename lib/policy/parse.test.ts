import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { cpuMs } from '#lib/testing/cpu.ts';
import { createPolicyParser, MAX_TEXT, parsePolicies } from './parse.ts';

const policy = (name: string, rest = ''): string =>
  `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: ${name}\n  namespace: shop\nspec:\n  endpointSelector: {}\n  ingress:\n    - fromEndpoints:\n        - matchLabels:\n            app: web\n${rest}`;

const namesOf = (text: string): (string | undefined)[] => parsePolicies(text).objects.map(({ object }) => object.metadata.name);
const problemsIn = (text: string) =>
  parsePolicies(text).problems.map(({ message, place }) => `${place.line}:${place.column} ${message}`);

describe('what is read', () => {
  test('several documents, comments, empty ones and directives', () => {
    expect(namesOf(`# first\n---\n${policy('a')}---\n---\n# nothing\n---\n%YAML 1.2\n---\n${policy('b')}...\n`)).toEqual([
      'a',
      'b',
    ]);
  });

  test('lists of kubectl and of the API, where elements do not say their kind', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }, aPolicy('a'), aPolicy('b')],
    };
    const typed = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicyList', items: [{ metadata: { name: 'c' }, spec: {} }] };
    for (const text of [JSON.stringify(list), JSON.stringify(list, null, 2), stringify(list)])
      expect(namesOf(text)).toEqual(['a', 'b']);
    expect(parsePolicies(stringify(list)).others).toEqual([{ kind: 'Pod', count: 1 }]);
    expect(parsePolicies(JSON.stringify(typed)).objects[0]?.object).toEqual({
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'c' },
      spec: {},
    });
  });

  test('byte order mark and Windows line ends', () => {
    const parsed = parsePolicies(`\ufeff${policy('a').replaceAll('\n', '\r\n')}`);
    expect(parsed.problems).toEqual([]);
    expect(parsed.objects[0]?.object.metadata.name).toBe('a');
    expect(parsed.objects[0]?.placeOf('spec.ingress[0]')).toEqual({ line: 9, column: 7 });
  });

  test('objects of other kinds, and of the same names by others, are counted', () => {
    const text = [
      'v1/ConfigMap',
      'crd.projectcalico.org/v1/NetworkPolicy',
      'policy.networking.k8s.io/v1alpha2/ClusterNetworkPolicy',
      'v1/ConfigMap',
    ]
      .map(
        (type) =>
          `apiVersion: ${type.slice(0, type.lastIndexOf('/'))}\nkind: ${type.slice(type.lastIndexOf('/') + 1)}\nmetadata: {name: x}\n`,
      )
      .join('---\n');
    expect(parsePolicies(text)).toEqual({
      objects: [],
      others: [
        { kind: 'ConfigMap', count: 2 },
        { kind: 'NetworkPolicy', count: 1 },
        { kind: 'ClusterNetworkPolicy', count: 1 },
      ],
      problems: [],
    });
  });

  test('null, empty lists, empty mappings and absence stay apart', () => {
    const read = parsePolicies(policy('a', '      toPorts: []\n    - fromEntities:\n    - {}\n')).objects[0]?.object.spec;
    expect(read).toMatchObject({ ingress: [{ toPorts: [] }, { fromEntities: null }, {}] });
  });

  test('a label __proto__ is a label like any other, in YAML and in JSON', () => {
    for (const text of [
      policy('a').replace('app: web', '__proto__: web'),
      JSON.stringify(aPolicy('a')).replace('"app"', '"__proto__"'),
    ]) {
      const [only] = parsePolicies(text).objects;
      expect(JSON.stringify(only?.object.spec)).toContain('"matchLabels":{"__proto__":"web"}');
      expect(only?.placeOf('spec.ingress[0].fromEndpoints[0].matchLabels.__proto__')).toEqual(
        only?.placeOf('spec.ingress[0].fromEndpoints[0].matchLabels["__proto__"]'),
      );
    }
    expect(({} as { web?: string }).web).toBeUndefined();
  });

  test('anchors, aliases and merges of one document', () => {
    const text = policy(
      'a',
      '      toPorts: &web\n        - ports: [{port: "80"}]\n    - toPorts: *web\n    - <<: {icmps: []}\n      toPorts: *web\n',
    );
    const spec = parsePolicies(text).objects[0]?.object.spec;
    const web = [{ ports: [{ port: '80' }] }];
    expect(spec).toMatchObject({ ingress: [{ toPorts: web }, { toPorts: web }, { icmps: [], toPorts: web }] });
  });
});

function aPolicy(name: string) {
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { endpointSelector: {}, ingress: [{ fromEndpoints: [{ matchLabels: { app: 'web' } }] }] },
  };
}

describe('places', () => {
  test('of paths, in later documents, and of the nearest that is there', () => {
    const { objects } = parsePolicies(`${policy('a')}---\n${policy('b')}`);
    const [, second] = objects;
    expect(second?.place).toEqual({ line: 13, column: 1 });
    expect(second?.placeOf('metadata.name')).toEqual({ line: 16, column: 3 });
    expect(second?.placeOf('spec.ingress[0].fromEndpoints[0].matchLabels.app')).toEqual({ line: 23, column: 13 });
    expect(second?.placeOf('spec.ingress[0].toPorts[0].ports')).toEqual({ line: 21, column: 7 });
    expect(second?.placeOf('spec.ingress[')).toBeUndefined();
  });

  test('of keys that JavaScript puts first', () => {
    const [only] = parsePolicies(policy('a').replace('app: web', 'app: web\n            "7": x')).objects;
    expect(only?.placeOf('spec.ingress[0].fromEndpoints[0].matchLabels["7"]')).toEqual({ line: 12, column: 13 });
    expect(only?.placeOf('spec.ingress[0].fromEndpoints[0].matchLabels.app')).toEqual({ line: 11, column: 13 });
  });

  test('in JSON, and the text of an object of a list is its own', () => {
    const [, second] = parsePolicies(JSON.stringify({ kind: 'List', items: [aPolicy('a'), aPolicy('b')] }, null, 2)).objects;
    expect(second?.placeOf('metadata.name')).toEqual({ line: 30, column: 9 });
    expect(JSON.parse(second?.text ?? '')).toEqual(aPolicy('b'));
    const [, inYaml] = parsePolicies(stringify({ apiVersion: 'v1', kind: 'List', items: [aPolicy('a'), aPolicy('b')] })).objects;
    expect(inYaml?.text).toBe(stringify(aPolicy('b')));
    expect(parsePolicies(inYaml?.text ?? '').objects[0]?.object).toEqual(aPolicy('b'));
  });

  test('what is parsed is what was written, in every style', () => {
    // `<<` merges another mapping in, as it does where Kubernetes reads it.
    const key = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => text !== '<<');
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(value, fc.boolean(), (spec, asYaml) => {
        const whole = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name: 'a' }, spec };
        // Kubernetes reads YAML 1.1: whoever writes for it puts in quotes what that takes for something else.
        const text = asYaml ? stringify(whole, { version: '1.1', aliasDuplicateObjects: false }) : JSON.stringify(whole, null, 1);
        const parsed = parsePolicies(text);
        expect(parsed.problems).toEqual([]);
        expect(parsed.objects[0]?.object).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is refused', () => {
  test.each([
    ['a duplicate key', policy('a', '  ingress: []\n'), '12:3 the key "ingress" stands twice in this mapping'],
    ['a tab', policy('a').replace('    - from', '\t- from'), '9:1 a tab cannot indent: use spaces'],
    ['an unknown tag', policy('a').replace('app: web', 'app: !secret web'), '11:18 Unresolved tag: !secret'],
    [
      'a Norwegian',
      policy('a').replace('app: web', 'app: no'),
      '11:18 no is true or false to Kubernetes tooling and text to others: put it in quotes, or write true or false',
    ],
    [
      'an octal number',
      policy('a').replace('app: web', 'app: 0755'),
      '11:18 0755 is an octal number to some and a decimal one to others: put it in quotes, or write it without the leading 0',
    ],
    ['a name that is a number', policy('123'), '4:3 metadata.name must be text, not 123: put it in quotes'],
    [
      'an annotation that is a number',
      policy('a').replace('name: a', 'name: a\n  annotations: {x: 1}'),
      '4:3 metadata.annotations: the value of "x" must be text, not 1: put it in quotes',
    ],
    ['a list', '- a\n- b\n', '1:1 this is a list, not a Kubernetes object'],
    ['a text', 'hello\n', '1:1 this is "hello", not a Kubernetes object'],
    ['no kind', 'spec: {}\n', '1:1 kind is missing: this is no Kubernetes object'],
    ['no apiVersion', policy('a').replace('apiVersion: cilium.io/v2\n', ''), '1:1 apiVersion is missing: cilium.io/v2'],
    [
      'a misspelt kind',
      policy('a').replace('CiliumNetworkPolicy', 'CiliumNetworkPolicies'),
      '1:1 there is no kind "CiliumNetworkPolicies"; did you mean CiliumNetworkPolicy?',
    ],
    ['an alias of nothing', policy('a', '      toPorts: *x\n'), '12:16 there is no anchor "x" before this alias'],
    [
      'a key twice in JSON',
      JSON.stringify(aPolicy('a'), null, 1).replace('"endpointSelector": {},', '"ingress": [],'),
      '10:3 the key "ingress" stands twice in this object',
    ],
    ['JSON that is cut', JSON.stringify(aPolicy('a')).slice(0, -8), '1:187 the JSON ends too soon'],
  ])('%s', (_, text, problem) => {
    expect(problemsIn(text)).toEqual([problem]);
    expect(namesOf(text)).toEqual([]);
    // What stands beside it is read all the same.
    expect(namesOf(`${policy('before')}---\n${text}\n---\n${policy('after')}`)).toEqual(['before', 'after']);
  });

  test('a template says what it is', () => {
    expect(problemsIn(policy('a').replace('app: web', 'app: {{ .Values.app }}'))[0]).toContain(
      'if this is a template, render it first',
    );
  });

  test('only the object of a list in which something stands twice', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n${['a', 'b', 'c'].map((name) => policy(name).replaceAll(/^/gm, '    ').replace('   ', '  -').trimEnd()).join('\n')}\n`;
    expect(namesOf(list)).toEqual(['a', 'b', 'c']);
    const broken = list.replace('name: b', 'name: b\n      name: b');
    expect(namesOf(broken)).toEqual(['a', 'c']);
    expect(problemsIn(broken)).toEqual(['19:7 the key "name" stands twice in this mapping']);
  });

  test('a bomb of aliases, quickly', () => {
    const level = (at: number) => `l${at}: &l${at} [${Array.from({ length: 10 }, () => `*l${at - 1}`).join(', ')}]`;
    const bomb = `l0: &l0 [x, x]\n${Array.from({ length: 9 }, (_, at) => level(at + 1)).join('\n')}\n`;
    expect(cpuMs(() => expect(problemsIn(bomb)[0]).toMatch(/aliases/))).toBeLessThan(1000);
  });

  test.each([
    ['brackets', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['mappings', `a: ${'{a: '.repeat(20_000)}${'}'.repeat(20_000)}`],
    ['dashes', `${'- '.repeat(20_000)}a`],
  ])('%s nested without end', (_, text) => {
    expect(problemsIn(text).join()).toMatch(/nested deeper than 100 levels/);
  });

  test('more than 50 MB, with the place where reading stops', () => {
    expect(problemsIn('#\n'.repeat(MAX_TEXT / 2 + 1))).toEqual([
      `${MAX_TEXT / 2 + 1}:1 the text is larger than 50 MB, which is where reading stops: use several files`,
    ]);
  });
});

describe('an editor', () => {
  const many = (edit = '') => Array.from({ length: 300 }, (_, at) => policy(`p${at}`, at === 150 ? edit : '')).join('---\n');

  test('an edit is seen, and places of what stands behind it move', () => {
    const parse = createPolicyParser();
    expect(parse(many()).objects.length).toBe(300);
    const edited = parse(many('      toPorts: []\n'));
    expect(edited.objects[150]?.object.spec).toMatchObject({ ingress: [{ toPorts: [] }] });
    expect(edited.objects[151]?.place).toEqual({ line: 151 * 12 + 2, column: 1 });
    expect(edited).toEqual({ ...parsePolicies(many('      toPorts: []\n')), objects: expect.anything() as unknown });
  });

  test('parsing again after an edit takes milliseconds', () => {
    const parse = createPolicyParser();
    parse(many());
    const edited = many('      toPorts: []\n');
    expect(cpuMs(() => parse(edited))).toBeLessThan(50);
  });
});
