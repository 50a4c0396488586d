import { expect, test } from 'vitest';
import { anAuditFinding, anAuditReport } from '#lib/testing/policy-answers.ts';
import { agreementOf, auditMarkdown, endName, findGroups, findingById, portText, whatOf } from './audit-view.ts';

const nothing = { tuples: 0, flows: 0 };

test('agreement is a share of what could be judged, and what could not is apart', () => {
  expect(agreementOf(anAuditReport())).toEqual({ judged: 242, judgedFlows: 98_024, tuples: 250, share: '99.2\u00a0%' });
  const none = anAuditReport({ agree: nothing, disagree: nothing });
  expect(agreementOf(none)).toMatchObject({ judged: 0, tuples: 8, share: undefined });
});

test('one disagreement among very many is never a hundred per cent', () => {
  const report = anAuditReport({ agree: { tuples: 99_999, flows: 1 }, disagree: { tuples: 1, flows: 1 } });
  expect(agreementOf(report).share).not.toBe('100\u00a0%');
});

test('findings are found by their ends, port, policy and kind', () => {
  const other = anAuditFinding({ id: 'audit-2', source: 'gateway/web-bff', port: 5432, policies: [] });
  const [group] = anAuditReport().groups;
  const groups = group ? [{ ...group, findings: [...group.findings, other] }] : [];
  const ids = (find: string) => findGroups(groups, find).flatMap(({ findings }) => findings.map(({ id }) => id));
  expect(ids('')).toEqual(['audit-1', 'audit-2']);
  expect(ids('web-bff tcp/5432')).toEqual(['audit-2']);
  expect(ids('ledger-from')).toEqual(['audit-1']);
  expect(ids('denied although')).toEqual(['audit-1', 'audit-2']);
  expect(findGroups(groups, 'nobody')).toEqual([]);
});

test('a finding of a link is looked for in all groups', () => {
  expect(findingById(anAuditReport(), 'audit-1')?.finding.port).toBe(9090);
  expect(findingById(anAuditReport(), 'gone')).toBeUndefined();
  expect(findingById(anAuditReport(), null)).toBeUndefined();
});

test.each([
  [{ protocol: 'TCP', port: 9090 }, 'TCP/9090'],
  [{ protocol: 'ICMPv4' }, 'ICMPv4'],
  [{}, ''],
])('a port is told as people do: %j', (finding, text) => expect(portText(finding)).toBe(text));

test.each([
  [{ title: 'Dropped, and not by policy: CT_MAP_INSERTION_FAILED' }, 'CT_MAP_INSERTION_FAILED'],
  [{ title: 'Dropped, and not by policy' }, ''],
  [{ title: 'Something else' }, 'Something else'],
  [{ title: 'Dropped, and not by policy: X', l7: 'GET /a' }, 'GET /a'],
])('findings of a kind are told apart: %j', (finding, text) =>
  expect(whatOf({ title: 'Dropped, and not by policy' }, finding)).toBe(text),
);

test.each([
  ['payments/identity:60417', 'identity:60417'],
  ['payments/ledger', 'payments/ledger'],
  ['entity:world', 'entity:world'],
])('an end is named as filters do: %s', (end, name) => expect(endName(end)).toBe(name));

test('what workloads choose cannot break a table of Markdown', () => {
  const [group] = anAuditReport().groups;
  const hostile = anAuditFinding({ source: 'a|b\n# c', l7: 'GET /`<img>`' });
  const text = auditMarkdown(anAuditReport({ groups: group ? [{ ...group, findings: [hostile] }] : [] }), 'aegis', 'https://x/y');
  const row = text.split('\n').find((line) => line.includes('GET'));
  expect(row).toContain(String.raw`| a\|b`);
  expect(row).toContain(String.raw`GET /\`\<img\>\``);
  expect(text.split('\n').filter((line) => line.startsWith('# '))).toHaveLength(1);
});
