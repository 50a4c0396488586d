import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PREFLIGHT_CHECKS } from './checks.ts';
import { preflightDocument } from './document.ts';

test('docs/preflight.md is what the checks say: write it by `causeway preflight --checks > docs/preflight.md`', () => {
  expect(readFileSync('docs/preflight.md', 'utf8')).toBe(preflightDocument(PREFLIGHT_CHECKS));
});
