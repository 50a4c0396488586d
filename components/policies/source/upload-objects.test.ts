import { expect, test } from 'vitest';
import { chosenFiles } from './upload-objects.ts';

const yaml = new File(['kind: Pod'], 'pods.yaml');
const json = new File(['{"kind":"List"}'], 'policies.JSON');
const packed = new File(['x'], 'objects.yaml.gz');

test.each([
  [yaml, 'application/yaml'],
  [json, 'application/json'],
  [packed, 'application/gzip'],
])('one file is sent as it is, told by its name: $0.name', (file, type) => {
  expect(chosenFiles([file])).toMatchObject({ ok: true, body: file, type, name: file.name });
});

test('many files are documents of one text', async () => {
  const chosen = chosenFiles([yaml, json]);
  expect(chosen).toMatchObject({ ok: true, type: 'application/yaml', name: '2 files' });
  expect(chosen.ok && (await chosen.body.text())).toBe('kind: Pod\n---\n{"kind":"List"}\n---\n');
});

test('a compressed file among others is refused by its name', () => {
  expect(chosenFiles([yaml, packed])).toEqual({
    ok: false,
    problem: 'objects.yaml.gz is compressed: send it alone, or the files of it unpacked.',
  });
  expect(chosenFiles([])).toMatchObject({ ok: false });
});
