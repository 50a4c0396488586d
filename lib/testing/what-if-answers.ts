import type { ChangedTuple, DirectionExplanation, Explanation, ReachMatrix, Suggestion, WhatIfReport } from '#lib/api/what-if.ts';

/** Answers of the API about what policies would do, as the pages get them; each shows only what a test says. */

const FROM = Date.UTC(2026, 2, 1, 14, 3);
const TO = FROM + 86_400_000;
const BASE = '9f31c4e0'.repeat(8);

const aDirection = (overrides: Partial<DirectionExplanation> = {}): DirectionExplanation => ({
  enforced: true,
  defaultDeny: true,
  verdict: 'denied',
  reason: 'default-deny',
  matchAllow: [],
  matchDeny: [],
  allowRules: [],
  denyRules: [],
  subject: 'gateway/web-bff',
  labels: ['k8s:app=web-bff'],
  selecting: [{ policy: 'cnp:gateway/bff-to-checkout', rules: 1, defaultDeny: true }],
  steps: [{ tone: 'denied', text: 'No rule allows TCP/5432 to payments/payments-db.' }],
  near: [
    {
      rule: { policy: 'cnp:gateway/bff-to-checkout', path: 'spec.egress[0]', line: 12 },
      kind: 'allow',
      text: 'to payments/checkout-api at TCP/8080',
      failed: [
        { what: 'peer', wanted: 'app=checkout-api', got: 'app=payments-db' },
        { what: 'port', wanted: '8080', got: '5432' },
      ],
    },
  ],
  ...overrides,
});

/** `gateway/web-bff` to `payments/payments-db:5432`, denied at egress. */
export const anExplanation = (overrides: Partial<Explanation> = {}): Explanation => ({
  question: { from: 'gateway/web-bff', to: 'payments/payments-db', protocol: 'TCP', port: 5432, l7: '' },
  set: { id: 'in-force', hash: BASE },
  verdict: 'denied',
  headline: 'Denied at egress: no rule of gateway/web-bff allows it.',
  egress: aDirection(),
  ingress: aDirection({
    verdict: 'allowed',
    reason: 'no-policy',
    enforced: false,
    defaultDeny: false,
    subject: 'payments/payments-db',
    selecting: [],
    steps: [{ tone: 'allowed', text: 'No policy selects it.' }],
    near: [],
  }),
  nearest: [
    {
      direction: 'egress',
      policy: 'cnp:gateway/bff-to-checkout',
      isNew: false,
      text: 'Add an egress rule to payments/payments-db at TCP/5432.',
      yaml: 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nspec:\n  egress:\n    - toEndpoints:\n',
      lines: [5],
      alsoAllows: [{ source: 'gateway/web-bff', destination: 'payments/db-replica', protocol: 'TCP', port: 5432, flows: 7 }],
      peers: 3,
    },
  ],
  ...overrides,
});

export const aChangedTuple = (overrides: Partial<ChangedTuple> = {}): ChangedTuple => ({
  kind: 'newly-denied',
  id: '1',
  source: 'payments/checkout-api',
  destination: 'payments/ledger',
  protocol: 'TCP',
  port: 9090,
  l7: 'GET /v1/balances/{id}',
  flows: 41_208,
  firstSeen: FROM,
  lastSeen: TO - 80_000,
  observed: 'REDIRECTED',
  before: {
    verdict: 'allowed',
    text: 'REDIRECTED by http[1]',
    rules: [{ policy: 'cnp:payments/ledger-from-checkout', path: 'spec.ingress[0]' }],
  },
  after: { verdict: 'denied', text: 'at L7: path matches no rule', rules: [] },
  ...overrides,
});

/** One newly denied, one newly allowed, one unknown of 2,418 tuples. */
export const aWhatIfReport = (overrides: Partial<WhatIfReport> = {}): WhatIfReport => ({
  from: FROM,
  to: TO,
  base: { hash: BASE, policies: 27 },
  candidate: { hash: 'c'.repeat(64), policies: 27 },
  added: [],
  removed: [],
  changed: ['cnp:payments/ledger-from-checkout'],
  total: { tuples: 2418, flows: 316_200_000 },
  newlyDenied: { tuples: 1, flows: 41_208 },
  newlyAllowed: { tuples: 1, flows: 672_410 },
  unknown: { tuples: 1, flows: 36 },
  unchanged: { tuples: 2415, flows: 315_486_346 },
  rows: [
    aChangedTuple(),
    aChangedTuple({
      kind: 'newly-allowed',
      id: '2',
      source: 'monitoring/grafana',
      l7: '',
      flows: 672_410,
      observed: 'DROPPED',
      before: { verdict: 'denied', text: 'was DROPPED', rules: [] },
      after: { verdict: 'allowed', text: 'allowed by ingress[1]', rules: [] },
    }),
    aChangedTuple({
      kind: 'unknown',
      id: '3',
      source: 'payments/ledger',
      destination: 'cidr:198.51.100.0/24',
      l7: '',
      flows: 36,
      before: { verdict: 'allowed', text: 'no policy', rules: [] },
      after: { verdict: 'unknown', text: 'name unknown', rules: [] },
    }),
  ],
  unknownReasons: [{ code: 'names', detail: 'Address 198.51.100.20 had no DNS answer in the window', tuples: 1, flows: 36 }],
  isolated: [{ workload: 'payments/ledger', direction: 'egress', endpoints: ['ledger-1', 'ledger-2'], of: 2 }],
  byWorkload: [{ workload: 'payments/ledger', newlyDenied: 1, newlyAllowed: 1, unknown: 1 }],
  problems: [],
  judgedMs: 41,
  incompleteMinutes: 0,
  ...overrides,
});

/** One policy of one rule for `payments/ledger`. */
export const aSuggestion = (overrides: Partial<Suggestion> = {}): Suggestion => ({
  from: FROM,
  to: TO,
  yaml: 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n',
  policies: [
    {
      policy: 'cnp:payments/ledger',
      workload: 'payments/ledger',
      yaml: 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n',
      rules: [
        {
          path: 'spec.ingress[0]',
          text: 'from payments/checkout-api to TCP/9090',
          traffic: [
            {
              source: 'payments/checkout-api',
              destination: 'payments/ledger',
              protocol: 'TCP',
              port: 9090,
              l7: '',
              flows: 120,
              firstSeen: FROM,
              lastSeen: TO,
            },
          ],
          trafficTotal: 1,
          confidence: 'high',
          cautions: ['Seen for one day only.'],
        },
      ],
    },
  ],
  guardRails: ['DNS to kube-system/coredns is allowed, because names are used.'],
  check: { tuples: 12, newlyDenied: 0, newlyAllowed: 0, unknown: 0 },
  leftOut: [],
  ...overrides,
});

/** Three namespaces: `a` may reach `b` and does; `b` may reach `c` and never does; `c` tried `a`. */
export const aReachMatrix = (overrides: Partial<ReachMatrix> = {}): ReachMatrix => ({
  level: 'namespace',
  from: FROM,
  to: TO,
  names: ['a', 'b', 'c'],
  cells: [
    { source: 0, destination: 1, policy: 'allowed', ports: ['TCP/8080'], conditions: [], used: 12, tried: 0 },
    { source: 1, destination: 2, policy: 'allowed', ports: ['every port'], conditions: [], used: 0, tried: 0 },
    { source: 2, destination: 0, policy: 'denied', ports: [], conditions: [], used: 0, tried: 5 },
  ],
  ...overrides,
});
