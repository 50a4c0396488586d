import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readDocuments } from './documents.ts';

const names = (text: string) =>
  readDocuments(text).objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);

test.each([
  { name: 'one object as JSON', text: '{"kind":"Node","apiVersion":"v1","metadata":{"name":"a"}}', read: ['Node /a'] },
  {
    name: 'several JSON documents',
    text: '{"kind":"Node","metadata":{"name":"a"}}\n---\n{"kind":"Node","metadata":{"name":"b"}}',
    read: ['Node /a', 'Node /b'],
  },
  {
    name: 'YAML documents, empty ones between',
    text: '---\n---\nkind: Node\nmetadata: {name: a}\n---\n# nothing\n---\nkind: Pod\nmetadata:\n  name: p\n  namespace: n\n',
    read: ['Node /a', 'Pod n/p'],
  },
  { name: 'a List', text: 'apiVersion: v1\nkind: List\nitems:\n- {kind: Node, metadata: {name: a}}\n', read: ['Node /a'] },
  {
    name: 'a typed list whose items do not say what they are',
    text: '{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"p","namespace":"n"}}]}',
    read: ['Pod n/p'],
  },
  { name: 'a byte order mark and Windows line ends', text: '\ufeffkind: Node\r\nmetadata:\r\n  name: a\r\n', read: ['Node /a'] },
  { name: 'nothing at all', text: '', read: [] },
])('$name is read', ({ text, read }) => {
  expect(readDocuments(text).problems).toEqual([]);
  expect(names(text)).toEqual(read);
});

test.each([
  { name: 'a duplicate key', text: 'kind: Node\nmetadata:\n  name: a\n  name: b\n', line: 4, message: /unique/ },
  { name: 'a tab', text: 'kind: Node\nmetadata:\n\tname: a\n', line: 3, message: /tab/i },
  {
    name: 'an object without a name',
    text: 'kind: Node\nmetadata: {name: a}\n---\nkind: Pod\nmetadata: {}\n',
    line: 4,
    message: /a Pod without metadata.name/,
  },
  { name: 'something else', text: 'hello: world\n', line: 1, message: /no kind/ },
  { name: 'text that is no object', text: 'just words', line: 1, message: /no kind/ },
  { name: 'broken JSON', text: '{"kind": "Node",\n "metadata": {"name": }', line: 2, message: /./ },
])('$name is a problem with its line, and nothing is half read', ({ text, line, message }) => {
  const { objects, problems } = readDocuments(text);
  expect(objects).toEqual([]);
  expect(problems[0]).toMatchObject({ line, message: expect.stringMatching(message) });
});

test('a list of a kind without items says that there are none of it', () => {
  const text = (items: readonly object[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  expect(readDocuments(text([{ apiVersion: 'karpenter.sh/v1', kind: 'NodePoolList', items: [] }]))).toEqual({
    objects: [],
    problems: [],
    none: ['NodePool'],
  });
  expect(readDocuments(text([]))).toEqual({ objects: [], problems: [] });
});

describe('hostile text', () => {
  test('a bomb of aliases is refused in no time', () => {
    const levels = Array.from(
      { length: 20 },
      (_, i) =>
        `k${i}: &a${i} [${Array(10)
          .fill(i === 0 ? 'x' : `*a${i - 1}`)
          .join(',')}]`,
    );
    const began = performance.now();
    const { problems } = readDocuments(`kind: Node\nmetadata: {name: a}\n${levels.join('\n')}\n`);
    expect(problems[0]?.message).toMatch(/alias/i);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('YAML that would take the whole memory is refused by its size', () => {
    expect(readDocuments(`kind: Node\n#${' '.repeat(25 * 1024 * 1024)}`).problems[0]?.message).toMatch(
      /26 MB of YAML is too much/,
    );
  });

  test('keys of all objects’ prototype are labels like any other', () => {
    const [pod] = readDocuments('kind: Pod\nmetadata:\n  name: p\n  labels: {__proto__: polluted, constructor: x}\n').objects;
    expect(Object.entries(pod?.metadata.labels ?? {})).toEqual([
      ['__proto__', 'polluted'],
      ['constructor', 'x'],
    ]);
    expect(Object.hasOwn({}, 'polluted')).toBe(false);
  });
});

test('what kubectl printed of a whole cluster is read, and only what is used is kept', () => {
  const dir = 'lib/demo/world';
  const pods = readDocuments(readFileSync(`${dir}/pods.json`, 'utf8'));
  expect([pods.objects.length, pods.problems]).toEqual([43, []]);
  expect(JSON.stringify(pods.objects)).not.toContain('containerStatuses');
  const policies = readDocuments(readFileSync(`${dir}/policies.json`, 'utf8'));
  expect([policies.objects.length, policies.problems]).toEqual([30, []]);
});
