// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AuditEvent, AuditVerification } from '#lib/api/audit-log.ts';
import { AT } from '#lib/testing/migration-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { AuditLog } from './AuditLog.tsx';

const anEvent = (overrides: Partial<AuditEvent> = {}): AuditEvent => ({
  seq: 41,
  at: AT,
  actor: { kind: 'person', subject: 'demo|axel', name: 'Axel Approver' },
  action: 'gate.approve',
  object: { type: 'gate-request', id: 'r1' },
  outcome: 'ok',
  reason: '',
  details: { evidence: 'a'.repeat(8) },
  cluster: 'aegis-production',
  requestId: 'req_1',
  address: '127.0.0.1',
  userAgent: 'test',
  prev: '1'.repeat(64),
  hash: '2'.repeat(64),
  ...overrides,
});
const HEAD = { seq: 41, hash: '2'.repeat(64), at: AT };

let asked: string[] = [];
beforeEach(() => {
  asked = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(events: readonly AuditEvent[], search = '', verification?: AuditVerification) {
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    if (url.includes('/verification')) return Promise.resolve(new Response(JSON.stringify(verification)));
    const older = url.includes('cursor=');
    const page = older
      ? { events: [anEvent({ seq: 7, action: 'session.sign-in' })], actions: [], head: HEAD }
      : { events, actions: ['gate.approve', 'session.sign-in'], head: HEAD, ...(events.length > 0 && { nextCursor: 'c1' }) };
    return Promise.resolve(new Response(JSON.stringify(page)));
  });
  return showPage(<AuditLog />, search);
}

test('an event opens with its details and its place in the chain, and the address carries it', async () => {
  const changes = show([anEvent({ reason: 'looked at it' })]);
  fireEvent.click(await screen.findByRole('button', { name: /gate\.approve event 41/ }));
  const drawer = within(await screen.findByRole('complementary'));
  expect(drawer.getByText('looked at it')).toBeDefined();
  expect(drawer.getByText('aaaaaaaa')).toBeDefined();
  expect(drawer.getByText('1'.repeat(64))).toBeDefined();
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?event=41'));
  fireEvent.click(drawer.getByRole('button', { name: 'Show only this: who' }));
  await vi.waitFor(() => expect(asked.at(-1)).toBe('/api/v1/audit-log?actor=demo%7Caxel'));
});

test('filters come from the address', async () => {
  show([anEvent()], '?action=gate.approve&outcome=denied&since=7d&q=axel');
  await screen.findByRole('table', { name: 'Audit log' });
  expect(asked[0]).toBe('/api/v1/audit-log?q=axel&action=gate.approve&outcome=denied&range=7d');
});

test('what is typed is asked once it stands still', async () => {
  show([anEvent()]);
  const box = await screen.findByRole('searchbox', { name: 'Find an event' });
  fireEvent.change(box, { target: { value: 'ax' } });
  fireEvent.change(box, { target: { value: 'axel' } });
  await vi.waitFor(() => expect(asked.at(-1)).toBe('/api/v1/audit-log?q=axel'));
  expect(asked.some((url) => url.endsWith('q=ax'))).toBe(false);
});

test('older events are added below', async () => {
  show([anEvent()]);
  fireEvent.click(await screen.findByRole('button', { name: 'Show older events' }));
  expect(await screen.findByRole('button', { name: /session\.sign-in event 7/ })).toBeDefined();
  expect(screen.getByRole('button', { name: /gate\.approve event 41/ })).toBeDefined();
});

test('a chain that holds says how much was read', async () => {
  show([anEvent()], '', { ok: true, events: 41, broken: [], tookMs: 12, head: HEAD });
  fireEvent.click(await screen.findByRole('button', { name: 'Verify the chain' }));
  expect((await screen.findByText('The chain holds')).parentElement?.textContent).toContain('41 events read');
  expect(screen.getByText(`41:${'2'.repeat(64)}`)).toBeDefined();
});

test('a broken chain names the places, each to be opened', async () => {
  const changes = show([anEvent()], '', {
    ok: false,
    events: 41,
    broken: [{ seq: 41, problem: 'its text does not give its hash' }],
    tookMs: 12,
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Verify the chain' }));
  expect(await screen.findByText('The chain is broken at one place')).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Event 41' }));
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?event=41'));
});

test('the export asks with the filter', async () => {
  show([anEvent()], '?action=gate.approve');
  fireEvent.pointerDown(await screen.findByRole('button', { name: 'Export' }), { button: 0, ctrlKey: false });
  expect((await screen.findByRole('menuitem', { name: /CSV/ })).getAttribute('href')).toBe(
    '/api/v1/audit-log/export?action=gate.approve&format=csv',
  );
});

test('an event that is not shown, and nothing at all, say why', async () => {
  show([anEvent()], '?event=99');
  expect(await screen.findByText('There is no event with this number')).toBeDefined();
  cleanup();
  show([anEvent()], '?event=7&outcome=denied');
  expect(await screen.findByRole('heading', { name: 'session.sign-in' })).toBeDefined();
  cleanup();
  show([]);
  expect(await screen.findByText('Nothing has been logged yet')).toBeDefined();
});

test('whoever may not read it is told so', async () => {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      new Response(JSON.stringify({ type: '/problems/forbidden', title: 'forbidden', status: 403 }), { status: 403 }),
    ),
  );
  showPage(<AuditLog />);
  expect((await screen.findByRole('alert')).textContent).toContain('You may not see this');
});
