import { expect, test } from 'vitest';
import { someValues } from '#lib/testing/migration-answers.ts';
import { fileOf, findNotes, placeholderLines, valuesQuery } from './values-view.ts';

test('a step is asked for only where the phase has two', () => {
  expect(valuesQuery(1, 'finish', '')).toBe('phase=1');
  expect(valuesQuery(2, 'begin', '')).toBe('phase=2');
  expect(valuesQuery(4, 'finish', '1.19.5')).toBe('phase=4&stage=finish&target=1.19.5');
});

test('lines with a missing fact are found, others with angle brackets are not', () =>
  expect([...placeholderLines(['a: <api-server>', 'b: <else>', 'c: 1'], ['api-server'])]).toEqual([0]));

test('notes are found by all words', () => {
  const { notes } = someValues();
  expect(findNotes(notes, 'CHAINING addresses')).toEqual(notes);
  expect(findNotes(notes, 'chaining nothing')).toEqual([]);
});

test('several objects are one file of documents', () => {
  const manifests = [
    { name: 'a', why: '', yaml: 'kind: A\n' },
    { name: 'b', why: '', yaml: 'kind: B' },
  ];
  expect(fileOf(someValues({ manifests }), 'objects').text).toBe('kind: A\n---\nkind: B\n');
});
