// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Migration, PhaseDetail } from '#lib/api/migration.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import {
  CLUSTERS,
  NOW,
  aCheck,
  aChoice,
  aDecision,
  aGate,
  aGateRequest,
  aMigration,
  aPerson,
  aPhase,
  aStep,
} from '#lib/testing/tracker-answers.ts';
import { MigrationView } from './MigrationView.tsx';
import type { MigrationRights } from './rights.ts';

const { push } = vi.hoisted(() => ({ push: vi.fn<(href: string) => void>() }));
vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/migration',
  useRouter: () => ({ push, refresh: () => {} }),
}));

/** The stream of changes, driven by the test. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static last: FakeSource | undefined;
  readyState = 1;
  constructor() {
    super();
    FakeSource.last = this;
  }
  close() {
    this.readyState = 2;
  }
  say(data: unknown) {
    this.dispatchEvent(new MessageEvent('changed', { data: JSON.stringify(data), lastEventId: '7' }));
  }
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly key: string | null;
}

let migration: Migration | undefined;
let phases: Map<string, PhaseDetail>;
let sent: Sent[];
/** What a change is answered with; by default the phase as it is. */
let answer: (request: Sent) => Response | undefined;

const problem = (status: number, code: string, place?: Record<string, string>) =>
  Response.json({ type: `/problems/${code}`, title: code, status, ...(place && { place }) }, { status });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  migration = aMigration();
  phases = new Map([['aegis-production/3', aPhase()]]);
  sent = [];
  answer = () => undefined;
  push.mockClear();
  FakeSource.last = undefined;
  vi.stubGlobal('EventSource', FakeSource);
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => Promise.resolve(respond(url, init)));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function respond(url: string, init: RequestInit): Response {
  const { method = 'GET', body } = init;
  const [, cluster = '', rest = ''] = /^\/api\/v1\/clusters\/([^/]+)\/migration(.*)$/.exec(url) ?? [];
  const [, number = ''] = /^\/phases\/(\d)/.exec(rest) ?? [];
  if (method !== 'GET') {
    const request = {
      method,
      url,
      body: typeof body === 'string' ? (JSON.parse(body) as unknown) : undefined,
      key: new Headers(init.headers).get('idempotency-key'),
    };
    sent.push(request);
    const given = answer(request);
    if (given) return given;
    return Response.json(phases.get(`${cluster}/${number}`));
  }
  if (url === '/api/v1/clusters') {
    const clusters = Object.entries(CLUSTERS).map(([environment, cluster_]) => ({
      ...cluster_,
      environment,
      demo: true,
      state: 'live',
      stateDetail: '',
    }));
    return Response.json({ clusters });
  }
  if (rest === '') return migration ? Response.json(migration, { headers: { etag: '"7"' } }) : problem(404, 'not-found');
  if (rest === '/uploads') return Response.json({ uploads: [] });
  const phase = phases.get(`${cluster}/${number}`);
  return phase ? Response.json(phase) : problem(404, 'not-found');
}

const ALL: MigrationRights = { edit: true, manage: true, request: true, decide: true, breakGlass: true, grant: true };
const NONE: MigrationRights = { edit: false, manage: false, request: false, decide: false, breakGlass: false, grant: false };

function show(search = '', rights: Partial<MigrationRights> = ALL) {
  const of = { ...NONE, ...rights };
  const byCluster = Object.fromEntries(Object.values(CLUSTERS).map(({ id }) => [id, of]));
  return showPage(<MigrationView looker={{ subject: 'demo|r.ito', rights: byCluster }} />, search);
}
const setPhase = (phase: PhaseDetail) => phases.set(`${phase.cluster}/${phase.cell.phase}`, phase);
/** The gate, once the phase is there. */
async function gateCard() {
  await screen.findByRole('button', { name: /Copy the SHA-256/ });
  return screen.getByRole('region', { name: 'Gate' });
}
const press = async (name: string | RegExp) => fireEvent.click(await screen.findByRole('button', { name }));

test('the matrix says each phase in each environment, and the page opens at the phase the cluster is in', async () => {
  show();
  const grid = await screen.findByRole('grid', { name: 'Phases by environment' });
  expect(
    within(grid).getByRole('button', { name: /Phase 3 in PRD: stale since 13:41.*9 of 12 checks pass.*2 fail, 1 unknown/s }),
  ).toBeDefined();
  expect(within(grid).getByRole('button', { name: /Phase 4 in TST: not open.*waits for phase 3/s })).toBeDefined();
  expect(await screen.findByRole('region', { name: /^Phase 3 in/ })).toBeDefined();
});

test('the matrix is one stop for Tab; arrows walk it, and Enter or a click opens a cell of any environment', async () => {
  setPhase(aPhase({ cluster: 'aegis-test', environment: 'TST', cell: { ...aPhase().cell, environment: 'TST' } }));
  const changes = show();
  const grid = await screen.findByRole('grid');
  const stops = () =>
    within(grid)
      .getAllByRole('button')
      .filter((cell) => cell.tabIndex === 0);
  expect(stops()).toHaveLength(1);
  stops()[0]?.focus();
  fireEvent.keyDown(grid, { key: 'ArrowLeft' });
  expect(document.activeElement?.textContent).toMatch(/Phase 3 in TST/);
  expect(stops()).toEqual([document.activeElement]);
  if (document.activeElement) fireEvent.click(document.activeElement);
  await waitFor(() => expect(changes.at(-1)).toContain('phase=3&env=TST'));
  expect((await screen.findByRole('region', { name: /^Phase 3 in/ })).textContent).toContain('TST');
});

test('a hidden cluster is a column that says so, and no stop', async () => {
  const { environments } = aMigration();
  migration = aMigration({
    environments: environments.map((column) =>
      column.environment === 'DEV' ? { environment: 'DEV', hidden: true, rules: column.rules } : column,
    ),
  });
  show();
  const grid = await screen.findByRole('grid');
  expect(within(grid).getByText('you may not see this cluster')).toBeDefined();
  expect(within(grid).queryByRole('button', { name: /in DEV/ })).toBeNull();
});

test('checks sort fail first, and a row opens why, with its own link', async () => {
  const changes = show();
  const table = await screen.findByRole('table', { name: 'Checks of the gate' });
  const rows = within(table).getAllByRole('row').slice(1);
  expect(rows[0]?.textContent).toMatch(/Cross-node flows encrypted/);
  fireEvent.click(within(table).getByRole('button', { name: /Cross-node flows encrypted/ }));
  const drawer = await screen.findByRole('complementary', { name: 'Cross-node flows encrypted' });
  expect(within(drawer).getByText('157 of 97,502 flows between nodes were in clear.')).toBeDefined();
  await waitFor(() => expect(changes.at(-1)).toContain('check=3.encrypted'));
  fireEvent.keyDown(document.body, { key: 'Escape' });
  await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
});

test('a step is ticked with a note and the version that was seen', async () => {
  show('?step=3.wireguard');
  fireEvent.change(await screen.findByRole('textbox', { name: 'Note on Turn WireGuard on' }), { target: { value: 'CHG-7' } });
  setPhase(aPhase({ steps: [aStep({ version: 1, done: { by: aPerson('r.ito'), at: NOW, note: 'CHG-7' } })] }));
  await press('Tick as done');
  expect(await screen.findByText(/Ticked by r.ito/)).toBeDefined();
  expect(sent).toEqual([
    expect.objectContaining({
      method: 'PUT',
      url: '/api/v1/clusters/aegis-production/migration/phases/3/steps/3.wireguard',
      body: { done: true, note: 'CHG-7', version: 0 },
    }),
  ]);
});

test('somebody was faster: the tick says so, and the phase is read again', async () => {
  show('?step=3.wireguard');
  await screen.findByRole('button', { name: 'Tick as done' });
  answer = () => problem(409, 'conflict');
  setPhase(aPhase({ steps: [aStep({ version: 1, done: { by: aPerson('k.novak'), at: NOW, note: '' } })] }));
  await press('Tick as done');
  expect(await screen.findByText(/Ticked by k.novak/)).toBeDefined();
  expect(screen.getByRole('alert').textContent).toContain('Conflict');
});

test('whoever may not edit is offered no tick', async () => {
  show('?step=3.wireguard', {});
  expect(await screen.findByText(/Not ticked yet/)).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Tick as done' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Settings' })).toBeNull();
});

test('a button that is off says below it what it waits for', async () => {
  setPhase(aPhase({ gate: aGate({ choices: [aChoice('request', 'Waits for 2 failing checks and 1 unknown.')] }) }));
  show();
  const gate = await gateCard();
  expect(within(gate).getByRole<HTMLButtonElement>('button', { name: 'Request gate' }).disabled).toBe(true);
  expect(within(gate).getByText('Waits for 2 failing checks and 1 unknown.')).toBeDefined();
});

test('a request names the evidence that was seen, once', async () => {
  answer = () => Response.json(aGateRequest(), { status: 201 });
  show();
  await press('Request gate');
  fireEvent.change(screen.getByRole('textbox', { name: /Comment/ }), { target: { value: 'soaked since Monday' } });
  await press('Request gate');
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({
    url: '/api/v1/clusters/aegis-production/migration/phases/3/gate',
    body: { evidenceHash: aGate().evidenceHash, comment: 'soaked since Monday' },
  });
  expect(sent[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
});

test('an approval names request version and evidence; a needed sign-in leads to it', async () => {
  const request = aGateRequest();
  setPhase(aPhase({ gate: aGate({ request, choices: [aChoice('approve', '', true), aChoice('reject')] }) }));
  answer = () => problem(403, 'step-up-required', { stepUp: 'su1' });
  show();
  await press('Approve');
  expect(screen.getByText(/fresh sign-in with a second factor/)).toBeDefined();
  await press('Approve');
  await waitFor(() => expect(push).toHaveBeenCalledWith('/step-up/su1'));
  expect(sent[0]).toMatchObject({
    url: '/api/v1/clusters/aegis-production/migration/gate-requests/r31/commands',
    body: { command: 'approve', expectedVersion: 4, evidenceHash: request.evidenceHash, comment: '' },
  });
  expect(screen.queryByRole('alert')).toBeNull();
});

test('a rejection needs its reason', async () => {
  setPhase(aPhase({ gate: aGate({ request: aGateRequest(), choices: [aChoice('approve'), aChoice('reject')] }) }));
  show();
  await press('Reject');
  const button = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Reject' });
  expect(button().disabled).toBe(true);
  fireEvent.change(screen.getByRole('textbox', { name: 'Reason' }), { target: { value: 'Kafka rules are missing' } });
  expect(button().disabled).toBe(false);
});

test('a void approval stays, with why it does not count', async () => {
  const decisions = [aDecision({ counts: false, void: 'the evidence changed at 13:41' })];
  setPhase(
    aPhase({
      gate: aGate({
        request: aGateRequest({ state: 'stale', decisions, stateReason: 'Cross-node flows encrypted went from pass to fail.' }),
      }),
    }),
  );
  show();
  const gate = await gateCard();
  expect(within(gate).getByText('Request 31 is void: Cross-node flows encrypted went from pass to fail.')).toBeDefined();
  expect(within(gate).getByText('void')).toBeDefined();
  expect(within(gate).getByText(/Does not count: the evidence changed at 13:41/)).toBeDefined();
});

test('breaking glass is a panel of its own: reason, ticket and in PRD the name of the cluster are asked', async () => {
  setPhase(aPhase({ gate: aGate({ choices: [aChoice('request'), aChoice('break-glass', '', true)] }) }));
  answer = () => Response.json(aGateRequest({ brokenGlass: true }), { status: 201 });
  show();
  await press('Break glass');
  const button = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Break glass: phase 3 in PRD' });
  fireEvent.change(screen.getByRole('textbox', { name: /cannot wait/ }), {
    target: { value: 'Payments are down and the old path is gone' },
  });
  fireEvent.change(screen.getByRole('textbox', { name: 'Incident or ticket' }), { target: { value: 'INC-2291' } });
  expect(button().disabled).toBe(true);
  fireEvent.change(screen.getByRole('textbox', { name: /Type aegis-production/ }), { target: { value: 'aegis-production' } });
  fireEvent.click(button());
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ body: { reason: 'Payments are down and the old path is gone', ticket: 'INC-2291' } });
});

test('without the role there is no break glass to press', async () => {
  setPhase(aPhase({ gate: aGate({ choices: [aChoice('request'), aChoice('break-glass', 'needs the role breakglass')] }) }));
  show('', { ...ALL, breakGlass: false });
  await gateCard();
  expect(screen.queryByRole('button', { name: 'Break glass' })).toBeNull();
});

test('glass that was broken is told on top for good, reviewed or not', async () => {
  migration = aMigration({
    brokenGlass: [
      {
        request: 'r30',
        phase: 2,
        environment: 'PRD',
        by: aPerson('s.adeyemi'),
        at: NOW - 3_600_000,
        reason: 'Payments were down and nobody answered.',
        ticket: 'javascript:alert(1)',
        review: { id: 'v1', closedBy: aPerson('k.novak'), closedAt: NOW, finding: 'It was right to do it this time.' },
      },
    ],
  });
  show();
  const banner = await screen.findByRole('region', { name: 'Broken glass' });
  expect(banner.textContent).toMatch(/s.adeyemi went on without approval.*Reviewed by k.novak/);
  expect(within(banner).queryByRole('link')).toBeNull();
});

test('what another person does is said and read again', async () => {
  show();
  await screen.findByRole('table', { name: 'Checks of the gate' });
  setPhase(aPhase({ checks: [aCheck({ title: 'A check that came meanwhile' })] }));
  act(() =>
    FakeSource.last?.say({
      seq: 7,
      at: NOW,
      cluster: 'aegis-production',
      phase: 3,
      what: 'step',
      text: 'ticked 3.wireguard',
      by: aPerson('k.novak'),
    }),
  );
  expect((await screen.findAllByText(/k.novak ticked 3.wireguard/)).length).toBeGreaterThan(0);
  expect(await screen.findByText('A check that came meanwhile')).toBeDefined();
});

test('an attestation is a statement with a name to it', async () => {
  setPhase(
    aPhase({
      checks: [
        aCheck({
          id: '3.rehearsed',
          kind: 'attestation',
          status: 'unknown',
          value: '',
          statement: 'The rollback was rehearsed in DEV.',
        }),
      ],
    }),
  );
  show('?check=3.rehearsed');
  fireEvent.change(await screen.findByRole('textbox', { name: 'What you saw' }), { target: { value: 'done on 9 Feb' } });
  await press('State it');
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ method: 'PUT', body: { edit: 'attest', statement: 'done on 9 Feb' } });
});

test('a threshold is changed by an admin, with a reason; going back to the plan stores none', async () => {
  const threshold = { comparison: 'at least', value: 99.5, unit: '%', default: 99.9 } as const;
  setPhase(aPhase({ checks: [aCheck({ threshold })] }));
  show('?check=3.encrypted');
  await press('Change threshold');
  await press(/Back to the plan/);
  fireEvent.change(screen.getByRole('textbox', { name: 'Why it is changed' }), { target: { value: 'as agreed' } });
  await press(/^Set ≥/);
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.body).toEqual({ edit: 'threshold', value: null, reason: 'as agreed' });
});

test('a plan that is gone takes no decisions', async () => {
  migration = aMigration({ planGone: true, planVersion: '2025.1' });
  show();
  expect(await screen.findByText(/does not have plan 2025.1 any more/)).toBeDefined();
  const gate = await gateCard();
  expect(within(gate).queryByRole('button', { name: 'Request gate' })).toBeNull();
});

test('without a migration an admin begins one, and others read whom to ask', async () => {
  migration = undefined;
  answer = () => Response.json(aMigration(), { status: 201 });
  show();
  fireEvent.change(await screen.findByRole('combobox', { name: /DEV cluster/ }), { target: { value: 'aegis-dev' } });
  await press('Begin migration');
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.body).toEqual({
    name: 'Platform',
    clusters: { PRD: 'aegis-production', DEV: 'aegis-dev' },
    choices: { method: 'mutual-auth', route: 'node-groups' },
  });
  cleanup();
  show('', {});
  expect(await screen.findByText('An administrator begins it')).toBeDefined();
});

test('settings send only what was changed, at the version that was read', async () => {
  answer = () => Response.json(aMigration());
  show('?open=settings');
  const drawer = await screen.findByRole('complementary', { name: 'Platform' });
  fireEvent.change(within(drawer).getByRole('textbox', { name: 'Name' }), { target: { value: 'Platform 2' } });
  fireEvent.click(within(drawer).getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toMatchObject({ method: 'PATCH', body: { name: 'Platform 2' } });
});

test('text of files and people cannot hide or turn what stands beside it', async () => {
  setPhase(aPhase({ checks: [aCheck({ title: 'pass \u202eliaf', objects: ['ns/\u200bpod'] })] }));
  show('?check=3.encrypted');
  expect((await screen.findAllByText(/\\u\{202e\}/)).length).toBeGreaterThan(0);
  expect(screen.getByText('ns/\\u{200b}pod')).toBeDefined();
});
