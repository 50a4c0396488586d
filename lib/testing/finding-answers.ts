import type { FindingEntry, FindingList } from '#lib/api/receipts.ts';
import { RULES } from '#lib/receipts/rules/rule.ts';
import { aSighting, SIGHTED_AT } from './sightings.ts';

/** R1 for `monitoring/grafana` to `payments/ledger`, open; or what `overrides` say. */
export function aFinding(overrides: Partial<FindingEntry> = {}): FindingEntry {
  const { rule, severity, title, subject, reasons, about, first, last, count } = aSighting();
  return {
    id: 'fnd_abcdefghijklmnopqrstuvwxyz',
    cluster: 'aegis-production',
    rule,
    severity,
    title,
    subject,
    reasons: [...reasons],
    about: {
      ...about,
      source: { identity: 21_001, namespace: 'monitoring', workload: 'grafana' },
      destination: { identity: 24_587, namespace: 'payments', workload: 'ledger' },
      policies: [...about.policies],
      nodes: [...about.nodes],
    },
    firstAt: first,
    lastAt: last,
    count,
    receipts: ['rcpt_k5xw6ylpgq3dcmrtgu4wemzxha'],
    state: 'open',
    note: '',
    version: 0,
    ...overrides,
  };
}

/** `findings` and nothing missing for any rule. */
export const aFindingList = (findings: readonly FindingEntry[], overrides: Partial<FindingList> = {}): FindingList => ({
  findings: [...findings],
  counts: RULES.map((rule) => {
    const own = findings.filter((finding) => finding.rule === rule);
    return { rule, open: own.filter(({ state }) => state === 'open').length, total: own.length };
  }),
  notEvaluable: [],
  windows: RULES.map((rule) => ({ rule, from: SIGHTED_AT - 10_000, to: SIGHTED_AT, looked: 12 })),
  more: false,
  ...overrides,
});
