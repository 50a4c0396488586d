import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AUDIT_ACTIONS } from './actions.ts';

/** Where the names are listed, not used. */
const LIST = join('lib', 'audit-log', 'actions.ts');

test('whatever the page offers to filter by is written by some part of the console', () => {
  const sources = ['lib', 'app']
    .flatMap((root) => readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => join(root, file)))
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|generated|^lib\/(testing|http\/(api|migration)-routes)/.test(file))
    .filter((file) => file !== LIST && !file.endsWith(join('auth', 'authorize.ts')))
    .map((file) => readFileSync(file, 'utf8'));
  expect(sources.length).toBeGreaterThan(100);
  expect(AUDIT_ACTIONS.filter((action) => !sources.some((text) => text.includes(`'${action}'`)))).toEqual([]);
});
