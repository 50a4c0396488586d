// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeyList } from '#lib/api/receipts.ts';
import { sha256Hex } from '#lib/receipts/hash.ts';
import { aKeyList, aSigningKey } from '#lib/testing/key-answers.ts';
import { TestNotary } from '#lib/testing/receipts.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { KeysView } from './KeysView.tsx';

const notary = new TestNotary();
const BUNDLE = JSON.stringify(notary.trustFile());
let sent: { url: string; method: string; body: unknown }[] = [];
beforeEach(() => {
  sent = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show({ list = aKeyList(), mayManage = true, search = '', fails = false }: Shown = {}) {
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    const method = init?.method ?? 'GET';
    if (method !== 'GET') sent.push({ url, method, body: typeof init?.body === 'string' ? JSON.parse(init.body) : undefined });
    if (url.startsWith('/.well-known/')) return Promise.resolve(new Response(BUNDLE));
    const problem = { type: '/problems/ingest-unreachable', title: 'ingest unreachable', status: 503, requestId: 'r1' };
    return Promise.resolve(fails ? new Response(JSON.stringify(problem), { status: 503 }) : new Response(JSON.stringify(list)));
  });
  return showPage(<KeysView mayManage={mayManage} />, search);
}
interface Shown {
  list?: KeyList;
  mayManage?: boolean;
  search?: string;
  fails?: boolean;
}

test('the keys that sign, the trust bundle with its hash, and the witnesses are in sight', async () => {
  show();
  const table = within(await screen.findByRole('table', { name: 'Keys' }));
  expect(table.getAllByRole('row')).toHaveLength(3);
  expect(table.getByText('It signs receipts now.')).toBeDefined();
  expect(await screen.findByText(sha256Hex(BUNDLE))).toBeDefined();
  expect(screen.getByText('1 of 1 needed')).toBeDefined();
  expect(screen.getByText(/No root has signed it/)).toBeDefined();
});

test('while something is not signed that is said first, with what mends it', async () => {
  show({
    list: aKeyList({ problem: 'Receipts are not signed: the key file receipt.pem has mode 0644; run: chmod 0400 receipt.pem.' }),
  });
  expect((await screen.findByRole('alert')).textContent).toContain('chmod 0400 receipt.pem');
});

test('a rotation says what happens, takes a reason, and is asked for once', async () => {
  show();
  fireEvent.click(await screen.findByRole('button', { name: 'Rotate receipt key' }));
  const drawer = within(await screen.findByRole('complementary'));
  expect(drawer.getByText(/the key in force signs receipts as before/)).toBeDefined();
  const button = drawer.getByRole('button', { name: 'Introduce a new key' });
  expect(button.hasAttribute('disabled')).toBe(true);
  fireEvent.change(drawer.getByRole('textbox', { name: 'Reason' }), { target: { value: 'yearly' } });
  fireEvent.click(button);
  await vi.waitFor(() =>
    expect(sent).toEqual([{ url: '/api/v1/keys/rotation', method: 'POST', body: { role: 'receipt', reason: 'yearly' } }]),
  );
});

test('where key files are put by others the way is told, and there is no button', async () => {
  show({ list: aKeyList({ makesKeys: false }), search: '?do=rotate-checkpoint' });
  const drawer = within(await screen.findByRole('complementary'));
  expect(drawer.getByText(/CAUSEWAY_CHECKPOINT_KEY_FILE/)).toBeDefined();
  expect(drawer.queryByRole('button', { name: 'Introduce a new key' })).toBeNull();
});

test('a key is given up only with its time, its story and its first letters typed; the loss is said before', async () => {
  const key = aSigningKey();
  show({ search: `?key=${key.kid}`, list: aKeyList({ witnesses: [], quorum: 0 }) });
  const drawer = within(await screen.findByRole('complementary'));
  const ask = drawer.getByRole('button', { name: 'Mark as compromised' });
  expect(ask.hasAttribute('disabled')).toBe(true);
  fireEvent.change(drawer.getByLabelText('Since when, UTC'), { target: { value: '2026-03-02T11:00' } });
  fireEvent.change(drawer.getByRole('textbox', { name: 'What happened' }), { target: { value: 'seen on a paste site' } });
  fireEvent.click(ask);
  const question = within(drawer.getByRole('group', { name: /Give up receipt key/ }));
  expect(question.getByText(/no receipt that this key signed will verify any more/)).toBeDefined();
  const button = question.getByRole('button', { name: 'Mark as compromised' });
  expect(button.hasAttribute('disabled')).toBe(true);
  fireEvent.change(question.getByRole('textbox'), { target: { value: key.kid.slice(0, 6) } });
  fireEvent.click(button);
  await vi.waitFor(() =>
    expect(sent).toEqual([
      {
        url: `/api/v1/keys/${key.kid}/compromise`,
        method: 'POST',
        body: { at: Date.UTC(2026, 2, 2, 11), reason: 'seen on a paste site' },
      },
    ]),
  );
});

test('a bundle without a signature is refused before it is sent', async () => {
  show({ search: '?do=take-over-bundle' });
  const drawer = within(await screen.findByRole('complementary'));
  const file = new File([BUNDLE], 'trust.json', { type: 'application/json' });
  fireEvent.change(drawer.getByLabelText('Signed trust bundle'), { target: { files: [file] } });
  expect((await drawer.findByRole('alert')).textContent).toContain('carries no signature of a root');
  expect(drawer.getByRole('button', { name: 'Take over' }).hasAttribute('disabled')).toBe(true);
});

test('who may not manage keys reads them and is offered nothing', async () => {
  show({ mayManage: false, search: `?key=${aSigningKey().kid}` });
  await screen.findByRole('table', { name: 'Keys' });
  for (const name of [/Rotate/, /Mark as compromised/, /root sign/]) expect(screen.queryByRole('button', { name })).toBeNull();
  expect(within(screen.getByRole('complementary')).getByRole('button', { name: 'Copy public key' })).toBeDefined();
});

test('without keys it says how to have one, and a failure offers to try again', async () => {
  show({ list: aKeyList({ keys: [], problem: 'Receipts are off.' }) });
  expect(await screen.findByText('No key yet')).toBeDefined();
  cleanup();
  show({ fails: true });
  expect(await screen.findByRole('button', { name: 'Try again' })).toBeDefined();
});

test('what a witness or a file is called is text, whatever it holds', async () => {
  const name = '<img src=x onerror=alert(1)>\u202E';
  show({ list: aKeyList({ witnesses: [{ name, url: name, problem: name }], keys: [aSigningKey({ source: name })] }) });
  await screen.findByRole('table', { name: 'Keys' });
  expect(document.querySelector('img')).toBeNull();
  expect(document.body.textContent).not.toContain('\u202E');
});
