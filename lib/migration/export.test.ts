import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MigrationDocument, migrationMarkdown, type PhaseDocument } from './export.ts';

const NOW = Date.UTC(2026, 10, 24, 13, 5);
const CELL = { phase: 1, environment: 'DEV', state: 'collecting', by: [], checksPassed: 1, checksTotal: 2, waitsFor: '1 check' };
const migration = (name: string): MigrationDocument => ({
  name,
  planVersion: '2026.2',
  revision: 1,
  choices: { method: 'wireguard', route: 'node-groups' },
  environments: [
    { environment: 'DEV', cluster: { id: 'dev', name: 'Development' }, hidden: false },
    { environment: 'PRD', hidden: true },
  ],
  phases: [{ phase: 1, name: 'Chaining', summary: '', cells: [CELL] }],
  brokenGlass: [{ phase: 1, environment: 'DEV', by: { name: 'gus' }, at: NOW, reason: name, ticket: 'INC-1' }],
});
const phase = (text: string): PhaseDocument => ({
  cluster: 'dev',
  environment: 'DEV',
  name: 'Chaining',
  cell: CELL,
  steps: [{ title: 'Install', done: { by: { name: text }, at: NOW, note: text } }, { title: 'Restart' }],
  checks: [
    {
      title: 'Pods managed',
      source: 'cluster',
      status: 'fail',
      met: true,
      value: '99 %',
      needs: '100 %',
      reason: text,
      acknowledged: { by: { name: text }, at: NOW, reason: text },
    },
  ],
  gate: {
    evidenceHash: 'a'.repeat(64),
    request: {
      number: 3,
      state: 'approved',
      evidenceHash: 'a'.repeat(64),
      requestedBy: { name: 'olga' },
      requestedAt: NOW,
      decisions: [
        {
          decision: 'approve',
          by: { name: text },
          team: 'platform',
          at: NOW,
          comment: text,
          counts: false,
          void: 'other evidence',
        },
      ],
    },
  },
  history: [{ at: NOW, by: { name: text }, action: 'step.done', text }],
});

test('the document has the matrix, the steps, the checks, the decisions and the history', () => {
  const text = migrationMarkdown(migration('Platform'), [phase('fine')], NOW);
  expect(text).toContain('# Migration Platform\n');
  expect(text).toContain('| Phase | DEV (Development) | PRD (hidden) |');
  expect(text).toContain('| 1 Chaining | **collecting**<br>1 of 2 checks<br>waits for 1 check |  |');
  expect(text).toContain('- [x] Install (fine, 2026-11-24 13:05 UTC: fine)\n- [ ] Restart');
  expect(text).toContain('fail, taken on');
  expect(text).toContain('- ~~approve by fine (platform), 2026-11-24 13:05 UTC: fine~~ other evidence');
  expect(text).toContain('> **Broken glass**: phase 1 in DEV, by gus');
});

test('no text of people is markup: no table row, heading, link, image or tag comes of it', () => {
  const shape = (text: string) => ({
    lines: text.split('\n').length,
    pipes: text.split('\n').map((line) => line.replaceAll(String.raw`\|`, '').split('|').length),
  });
  const plain = shape(migrationMarkdown(migration('x'), [phase('x')], NOW));
  const hostile = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '</td>|a|\n# b',
      '[x](javascript:alert(1))',
      '![x](http://evil.example/?a)',
      '<img src=x onerror=alert(1)>',
      '`a`\r\n- [x] b',
      'https://evil.example',
      '\\|',
    ),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const document = migrationMarkdown(migration(text), [phase(text)], NOW);
      expect(shape(document)).toEqual(plain);
      expect(document.replaceAll('<br>', '')).not.toMatch(/<[a-z/!]/i);
      expect(document).not.toMatch(/(?<!\\)\]\(|(?<!\\)!\[|https?:\/\//);
    }),
  );
});
