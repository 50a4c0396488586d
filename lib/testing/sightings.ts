import type { RuleReport, Sighting } from '#lib/receipts/rules/rule.ts';

/** When `aSighting` was seen, in Unix milliseconds. */
export const SIGHTED_AT = Date.UTC(2026, 2, 2, 14);

/** R1 for `monitoring/grafana` to `payments/ledger`, seen twice; or what `overrides` say. */
export const aSighting = (overrides: Partial<Sighting> = {}): Sighting => ({
  rule: 'R1',
  key: 'grafana-ledger',
  severity: 'confirmed',
  title: 'Let through what policy denies',
  subject: 'monitoring/grafana → payments/ledger TCP/9090',
  reasons: [
    'Node ip-10-20-1-11 let it through; by the policies in force ingress is denied: the endpoint is closed and no rule allows it.',
  ],
  about: {
    source: { identity: 21_001, namespace: 'monitoring', workload: 'grafana' },
    destination: { identity: 24_587, namespace: 'payments', workload: 'ledger' },
    direction: 'INGRESS',
    protocol: 'TCP',
    port: 9090,
    policies: ['cnp:payments/ledger-open'],
    nodes: ['ip-10-20-1-11'],
  },
  count: 2,
  first: SIGHTED_AT - 1000,
  last: SIGHTED_AT,
  flows: [],
  ...overrides,
});

/** What a rule made of a window in which nothing was found and nothing was missing. */
export const aReport = (overrides: Partial<RuleReport> = {}): RuleReport => ({
  rule: 'R1',
  sightings: [],
  looked: 40,
  notEvaluable: [],
  ...overrides,
});
