import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lintDocument } from './document.ts';
import { LINT_RULES } from './rules.ts';

test('docs/lint.md is what the rules say: write it by `causeway policy lint --rules > docs/lint.md`', () => {
  expect(readFileSync('docs/lint.md', 'utf8')).toBe(lintDocument(LINT_RULES));
});
