// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Webhook, WebhookDelivery } from '#lib/api/webhooks.ts';
import { AT } from '#lib/testing/migration-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { Webhooks } from './Webhooks.tsx';

const ALLOWED = 'https://hooks.example.com';
const aWebhook = (overrides: Partial<Webhook> = {}): Webhook => ({
  id: 'w1',
  name: 'chat',
  url: `${ALLOWED}/in`,
  events: ['gate.requested'],
  clusters: [],
  active: true,
  createdAt: AT,
  createdBy: 'Ada Admin',
  counts: { waiting: 0, delivered: 3, dead: 1 },
  lastProblem: 'answered 500',
  version: 2,
  ...overrides,
});
const dead: WebhookDelivery = {
  id: 'd1',
  event: 'gate.requested',
  at: AT,
  state: 'dead',
  attempts: 8,
  status: 500,
  problem: 'answered 500',
  text: 'Phase 3 in PRD is asked for',
};

let sent: { url: string; method: string; body: unknown; etag: string | null }[] = [];
beforeEach(() => {
  sent = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show({ webhooks = [aWebhook()], allowed = [ALLOWED], search = '', mayManage = true }: Shown = {}) {
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    const method = init?.method ?? 'GET';
    if (method !== 'GET') {
      const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
      sent.push({ url, method, body, etag: new Headers(init?.headers).get('if-match') });
      return Promise.resolve(new Response(JSON.stringify({ ...aWebhook({ name: 'new' }), secret: 'whsec_abc' })));
    }
    return Promise.resolve(
      new Response(JSON.stringify(url.endsWith('/deliveries') ? { deliveries: [dead] } : { webhooks, allowed })),
    );
  });
  return showPage(<Webhooks mayManage={mayManage} clusters={[{ id: 'aegis-test', name: 'aegis-test' }]} />, search);
}
interface Shown {
  webhooks?: Webhook[];
  allowed?: string[];
  search?: string;
  mayManage?: boolean;
}

test('a webhook is added to an allowed target, and its secret is shown once', async () => {
  show();
  fireEvent.click(await screen.findByRole('button', { name: 'Add webhook' }));
  const drawer = within(await screen.findByRole('complementary'));
  fireEvent.change(drawer.getByRole('textbox', { name: 'Name' }), { target: { value: 'pipeline' } });
  fireEvent.change(drawer.getByRole('textbox', { name: 'Address' }), { target: { value: 'https://elsewhere.example/x' } });
  fireEvent.click(drawer.getByRole('button', { name: 'Add webhook' }));
  expect(drawer.getByRole('alert').textContent).toContain('not on the list');
  fireEvent.change(drawer.getByRole('textbox', { name: 'Address' }), { target: { value: `${ALLOWED}/x` } });
  fireEvent.click(drawer.getByRole('checkbox', { name: /^aegis-test/ }));
  fireEvent.click(drawer.getByRole('button', { name: 'Add webhook' }));
  const secret = within(await screen.findByRole('region', { name: 'The secret of new' }));
  expect(secret.getByText('whsec_abc')).toBeDefined();
  expect(sent[0]?.body).toMatchObject({ name: 'pipeline', url: `${ALLOWED}/x`, clusters: ['aegis-test'], active: true });
  fireEvent.click(secret.getByRole('button', { name: 'I have stored it' }));
  expect(screen.queryByText('whsec_abc')).toBeNull();
});

test('a change names the version it was made from', async () => {
  show({ search: '?edit=w1' });
  const drawer = within(await screen.findByRole('complementary'));
  fireEvent.click(drawer.getByRole('checkbox', { name: /^Send/ }));
  fireEvent.click(drawer.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() =>
    expect(sent[0]).toMatchObject({ url: '/api/v1/webhooks/w1', method: 'PUT', etag: '"v2"', body: { active: false } }),
  );
});

test('what was given up is shown with its reason and can be sent again', async () => {
  show({ search: '?deliveries=w1' });
  const list = within(await screen.findByRole('list', { name: 'Deliveries' }));
  expect(list.getByRole('listitem').textContent).toContain('8 attempts, answered 500');
  fireEvent.click(list.getByRole('button', { name: 'Send again' }));
  await vi.waitFor(() => expect(sent[0]).toMatchObject({ url: '/api/v1/webhooks/w1/deliveries/d1', method: 'POST' }));
});

test('an auditor reads and changes nothing', async () => {
  show({ mayManage: false, search: '?edit=w1' });
  await screen.findByRole('table', { name: 'Webhooks' });
  for (const name of ['Add webhook', 'Edit', 'Remove']) expect(screen.queryByRole('button', { name })).toBeNull();
  expect(screen.queryByRole('complementary')).toBeNull();
  expect(screen.getByRole('button', { name: 'Deliveries' })).toBeDefined();
});

test('where no target is allowed it says which setting does it', async () => {
  show({ webhooks: [], allowed: [] });
  expect(await screen.findByText('CAUSEWAY_WEBHOOK_ORIGINS')).toBeDefined();
  expect(screen.queryByRole('button', { name: 'Add webhook' })).toBeNull();
});
