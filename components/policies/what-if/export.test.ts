import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aChangedTuple, aWhatIfReport } from '#lib/testing/what-if-answers.ts';
import { whatIfMarkdown } from './markdown.ts';
import { fileOf, gitCommand, kubectlCommand } from './patch.ts';

test('the report for a pull request has the figures, each kind with its rows, and the way back', () => {
  const markdown = whatIfMarkdown('ledger-lockdown', 'aegis-production', aWhatIfReport({ incompleteMinutes: 42 }), 'https://c/x');
  expect(markdown).toContain('| newly denied | 1 | 41,208 |');
  expect(markdown).toContain('### Newly denied');
  expect(markdown).toContain('GET /v1/balances/\\{id\\}');
  expect(markdown).toContain('never counted as allowed');
  expect(markdown).toContain('payments/ledger: 2 of 2 endpoints, egress');
  expect(markdown).toContain('42 minutes have lost events');
  expect(markdown).toContain('[Open in Causeway](https://c/x)');
});

test('hostile names stay text: no cell, link, mention or markup of their own', () => {
  const source = 'a|b](https://evil) <img> @team #1 `x`\n| y |';
  const markdown = whatIfMarkdown('x', 'c', aWhatIfReport({ rows: [aChangedTuple({ source })] }), 'https://c/x');
  const row = markdown.split('\n').find((line) => line.includes('evil')) ?? '';
  expect(row.replaceAll(/\\./g, '').split('|')).toHaveLength(8);
  expect(row).not.toMatch(/(?<!\\)[<`@#\]]/);
});

test('a command hands the text over as it is, whatever it holds', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('POLICIES', 'POLICIES_1', '$(reboot)'))), (lines) => {
      const text = `kind: X\n${lines.join('\n')}`;
      const [first = '', ...rest] = kubectlCommand('apply', text, []).split('\n');
      const delimiter = /<<'(\w+)'$/.exec(first)?.[1] ?? '';
      expect(rest.slice(0, rest.indexOf(delimiter)).join('\n').trimEnd()).toBe(text.trimEnd());
      expect(rest.indexOf(delimiter)).toBe(rest.length - 2);
    }),
  );
});

test('what is taken away is deleted by kind, namespace and name; a diff deletes nothing', () => {
  expect(kubectlCommand('apply', '', ['cnp:payments/old', 'ccnp:all'])).toBe(
    'kubectl delete ciliumnetworkpolicies -n payments old\nkubectl delete ciliumclusterwidenetworkpolicies all\n',
  );
  expect(kubectlCommand('diff', 'a: 1\n', ['cnp:payments/old'])).not.toContain('delete');
});

test('names reach a shell as words only', () => {
  expect(kubectlCommand('apply', '', ["cnp:a/b'; reboot"])).toContain(String.raw`'b'\''; reboot'`);
  expect(gitCommand(fileOf('Ledger: lock down!'), 'a: 1\n', 'feat: x')).toContain('cat > ledger-lock-down.yaml');
  expect(fileOf('../../etc')).toBe('etc.yaml');
});
