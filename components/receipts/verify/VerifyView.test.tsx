// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { specHash } from '#lib/policy/spec-hash.ts';
import { anEvidence, TestKey, TestNotary } from '#lib/testing/receipts.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { TRUST_URL } from './use-trust.ts';
import { VerifyView } from './VerifyView.tsx';

vi.mock('next/navigation', () => ({ useParams: () => ({}), usePathname: () => '/receipts/verify' }));

const POLICY = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'a', namespace: 'shop' },
  spec: { endpointSelector: {}, ingress: [{}] },
} as const;
const notary = new TestNotary();
let receipt: Receipt;
let asked: { url: string; method: string }[] = [];

beforeAll(async () => {
  receipt = await notary.receipt([anEvidence({ policy: [{ ref: 'cnp:shop/a', spec_hash: specHash(POLICY) }] })]);
});
beforeEach(() => {
  asked = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function show(trust: string | number = JSON.stringify(notary.trustFile())) {
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    asked.push({ url, method: init?.method ?? 'GET' });
    return Promise.resolve(typeof trust === 'number' ? new Response('', { status: trust }) : new Response(trust));
  });
  showPage(<VerifyView />);
  await waitFor(() => expect(screen.queryByText(/trust bundle is being read|Reading the console/)).toBeNull());
}

function paste(text: string) {
  fireEvent.change(screen.getByRole('textbox', { name: 'Receipt as text' }), { target: { value: text } });
  fireEvent.click(screen.getByRole('button', { name: 'Verify the text' }));
}
const choose = (label: string, ...files: File[]) => fireEvent.change(screen.getByLabelText(label), { target: { files } });
const fileOf = (name: string, text: string) => new File([text], name);
const region = async (name: string) => within(await screen.findByRole('region', { name }));
const changed = () => JSON.stringify({ ...receipt, flow: receipt.flow && { ...receipt.flow, port: 5433 } });

test('a pasted receipt is verified step by step and says its sentence, and nothing of it is sent', async () => {
  await show();
  paste(JSON.stringify(receipt));
  const file = await region('Pasted text');
  expect(await file.findAllByText('10 of 10 required checks pass here')).toHaveLength(2);
  expect(within(file.getByRole('list', { name: 'Steps of the verification' })).getAllByRole('listitem')).toHaveLength(11);
  expect(file.getByText(/recorded that Hubble/, { selector: 'p' }).textContent).toContain(
    'witness security-witness saw that head',
  );
  expect(file.getByText('that the node was honest')).toBeDefined();
  expect(asked).toEqual([{ url: TRUST_URL, method: 'GET' }]);
});

test('a changed receipt says which check fails, and its sentence is not repeated', async () => {
  await show();
  paste(changed());
  const file = await region('Pasted text');
  expect(await file.findByText(/^Not valid: signature/)).toBeDefined();
  expect(file.getAllByRole('img', { name: 'not reached' })).toHaveLength(7);
  expect(file.queryByText(/recorded that/)).toBeNull();
});

test('each of several files has its own outcome', async () => {
  await show();
  choose(
    'Receipt files',
    fileOf('good.json', JSON.stringify(receipt)),
    fileOf('bad.json', changed()),
    new File([new Uint8Array([255])], 'bytes'),
  );
  expect(await (await region('good.json')).findAllByText(/required checks pass/)).toBeDefined();
  expect(await (await region('bad.json')).findByText(/^Not valid/)).toBeDefined();
  expect(await (await region('bytes')).findByText(/is not UTF-8/)).toBeDefined();
});

test('another trust bundle is believed instead, and the first is told to come from the console itself', async () => {
  await show();
  expect(screen.getByText(/not that the console is honest/)).toBeDefined();
  paste(JSON.stringify(receipt));
  await (await region('Pasted text')).findAllByText(/required checks pass/);
  const other = new TestNotary();
  choose('Trust bundle file', fileOf('other.json', JSON.stringify(other.trustFile())));
  expect(await screen.findByText(/^Not trusted: key/)).toBeDefined();
  expect(screen.getByText('other.json')).toBeDefined();
  expect(screen.queryByText(/not that the console is honest/)).toBeNull();
  fireEvent.click(screen.getByRole('button', { name: 'Back to this console’s' }));
  expect(await screen.findByText('Valid: every required check passes.')).toBeDefined();
});

test('a file that is no trust bundle says so and believes nobody', async () => {
  await show();
  choose('Trust bundle file', fileOf('trust.json', '{}'));
  expect((await screen.findByRole('alert')).textContent).toContain('this is no trust bundle');
  paste(JSON.stringify(receipt));
  expect(await screen.findByText('Nothing can be verified yet')).toBeDefined();
});

test('without a trust bundle of the console a file is asked for', async () => {
  await show(404);
  expect((await screen.findByRole('alert')).textContent).toContain('This console gives no trust bundle');
  choose('Trust bundle file', fileOf('trust.json', JSON.stringify(notary.trustFile())));
  paste(JSON.stringify(receipt));
  expect(await screen.findByText('Valid: every required check passes.')).toBeDefined();
});

test('the number of witnesses can be asked for instead of the bundle’s', async () => {
  await show();
  paste(JSON.stringify(receipt));
  await screen.findByText('Valid: every required check passes.');
  fireEvent.change(screen.getByRole('spinbutton'), { target: { value: '2' } });
  expect(await screen.findByText(/too few witnesses/)).toBeDefined();
  expect(screen.getByText(/--quorum 2$/)).toBeDefined();
});

test('the policy that is given is the one of the receipt, or is not', async () => {
  await show();
  paste(JSON.stringify(receipt));
  await screen.findByText('Valid: every required check passes.');
  const [input] = screen.getAllByLabelText('Policy files to compare');
  fireEvent.change(input as HTMLElement, { target: { files: [fileOf('a.json', JSON.stringify(POLICY))] } });
  expect(await screen.findByText('cnp:shop/a: the same')).toBeDefined();
  expect(screen.getAllByText('11 of 11 required checks pass here')).toBeDefined();
  const other = { ...POLICY, spec: { endpointSelector: {} } };
  fireEvent.change(input as HTMLElement, { target: { files: [fileOf('b.json', JSON.stringify(other))] } });
  expect(await screen.findByText(/^Not valid: policy text, cnp:shop\/a as given says something else/)).toBeDefined();
});

test('names in a file are shown, never acted on', async () => {
  await show();
  const hostile = anEvidence({ port: 9, observation: { ...anEvidence().observation, node: 'n\u202e<b>' } });
  paste(JSON.stringify(await notary.receipt([hostile])));
  const file = await region('Pasted text');
  expect((await file.findByText(/recorded that Hubble/, { selector: 'p' })).textContent).toContain(String.raw`n\u{202e}<b>`);
});

test('a witness whose key is another has not seen it', async () => {
  const witnesses = [{ name: 'security-witness', x: new TestKey().x }];
  await show(JSON.stringify(notary.trustFile({ witnesses })));
  paste(JSON.stringify(receipt));
  expect(await screen.findAllByText('not witnessed enough here')).toBeDefined();
  expect(screen.getByText(/recorded that Hubble/, { selector: 'p' }).textContent).toContain('no witness is known to have seen');
});
