// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FindingList } from '#lib/api/receipts.ts';
import { aFinding, aFindingList } from '#lib/testing/finding-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { FindingsView } from './FindingsView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/receipts/findings',
}));

let asked: string[] = [];
let sent: unknown[] = [];
let answerToPut: () => Response;
beforeEach(() => {
  asked = [];
  sent = [];
  answerToPut = () => Response.json(aFinding({ state: 'acknowledged', version: 1 }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const ID = aFinding().id;

function show(list: FindingList, { search = '', mayTriage = true } = {}) {
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    asked.push(url);
    if (init?.method !== 'PUT') return Promise.resolve(Response.json(list));
    sent.push(typeof init.body === 'string' ? JSON.parse(init.body) : init.body);
    return Promise.resolve(answerToPut());
  });
  return showPage(<FindingsView mayTriage={mayTriage} />, search);
}

const drawer = async () => within(await screen.findByRole('complementary'));

describe('the list', () => {
  test('asks for open findings of all time, and what is pressed goes into the address', async () => {
    const changes = show(aFindingList([aFinding()]));
    await screen.findByRole('table');
    expect(asked[0]).toBe('/api/v1/findings?cluster=aegis-production&state=open');
    fireEvent.click(screen.getByRole('radio', { name: 'Fixed' }));
    await vi.waitFor(() => expect(asked.at(-1)).toBe('/api/v1/findings?cluster=aegis-production&state=fixed'));
    fireEvent.click(screen.getByRole('button', { name: /R1 Enforcement gap/ }));
    await vi.waitFor(() => expect(changes.at(-1)).toContain('rule=R1'));
    await vi.waitFor(() => expect(asked.at(-1)).toContain('rule=R1'));
  });

  test('a rule says that nothing was found only where nothing was missing', async () => {
    const notEvaluable = [{ rule: 'R3' as const, reason: 'No packet was seen on its way into the tunnel.' }];
    show(aFindingList([aFinding()], { notEvaluable, windows: aFindingList([]).windows.filter(({ rule }) => rule !== 'R6') }));
    const tile = async (name: RegExp) => (await screen.findByRole('button', { name })).textContent;
    expect(await tile(/R1 Enforcement gap/)).toContain('1 open');
    expect(await tile(/R2 Unknown identity/)).toContain('nothing found');
    expect(await tile(/R3 /)).toContain('cannot sayNo packet was seen');
    expect(await tile(/R6 Policy tamper/)).toContain('has not looked yet');
  });

  test.each([
    { name: 'all was seen', list: aFindingList([]), says: /Every rule saw all of its last window/ },
    {
      name: 'something was missing',
      list: aFindingList([], { notEvaluable: [{ rule: 'R5', reason: 'x' }] }),
      says: /R5 cannot say that all is well/,
    },
    { name: 'the rules did not look', list: aFindingList([], { windows: [] }), says: /The rules have not looked yet/ },
  ])('an empty list where $name', async ({ list, says }) => {
    show(list);
    expect(await screen.findByText(says)).toBeDefined();
  });

  test('names that a workload chose are shown as text, with what is invisible made visible', async () => {
    show(aFindingList([aFinding({ subject: '<img src=x>\u202e' })]));
    expect((await screen.findAllByText(/<img src=x>/))[0]?.textContent).not.toContain('\u202e');
  });
});

describe('a finding', () => {
  test('is opened by its link and leads to flows, the explanation, the map, policies and receipts', async () => {
    show(aFindingList([aFinding()]), { search: `?finding=${ID}` });
    const opened = await drawer();
    expect(opened.getByText(/the endpoint is closed and no rule allows it/)).toBeDefined();
    const href = (name: string | RegExp) => opened.getByRole('link', { name }).getAttribute('href');
    expect(href('Open in Flows')).toContain('/flows?filter=');
    expect(href('Why?')).toBe('/c/aegis-production/policies/why?src=monitoring%2Fgrafana&dst=payments%2Fledger&port=9090');
    expect(href('Show on map')).toContain('/map?level=workload');
    expect(href(/ledger-open/)).toBe('/c/aegis-production/policies/cnp/payments/ledger-open');
    expect(href(/rcpt_/)).toBe('/c/aegis-production/receipts/rcpt_k5xw6ylpgq3dcmrtgu4wemzxha');
  });

  test('is opened by its link whatever it has become since', async () => {
    vi.stubGlobal('fetch', (url: string) =>
      Promise.resolve(
        Response.json(url.includes('state=open') ? aFindingList([]) : aFindingList([aFinding({ state: 'fixed' })])),
      ),
    );
    showPage(<FindingsView mayTriage />, `?finding=${ID}`);
    expect((await drawer()).getAllByText('Fixed').length).toBeGreaterThan(0);
  });

  test('is triaged with a note; what is expected needs one', async () => {
    show(aFindingList([aFinding()]), { search: `?finding=${ID}` });
    const opened = await drawer();
    const save = opened.getByRole<HTMLButtonElement>('button', { name: 'Save' });
    expect(save.disabled).toBe(true);
    fireEvent.click(opened.getByRole('radio', { name: 'Expected' }));
    expect(save.disabled).toBe(true);
    expect(opened.getByText('Say why it is expected.')).toBeDefined();
    fireEvent.change(opened.getByRole('textbox', { name: 'Note' }), { target: { value: ' the old policy goes on Friday ' } });
    fireEvent.click(save);
    await vi.waitFor(() => expect(sent).toEqual([{ state: 'expected', note: 'the old policy goes on Friday', version: 0 }]));
  });

  test('that someone else changed first says who, and keeps what was written', async () => {
    answerToPut = () =>
      Response.json(
        { type: '/problems/conflict', title: 'conflict', status: 409, detail: 'Omar has just changed this finding.' },
        { status: 409 },
      );
    show(aFindingList([aFinding()]), { search: `?finding=${ID}` });
    const opened = await drawer();
    fireEvent.click(opened.getByRole('radio', { name: 'Fixed' }));
    fireEvent.click(opened.getByRole('button', { name: 'Save' }));
    expect((await opened.findByRole('alert')).textContent).toContain('Omar has just changed this finding.');
    expect(opened.getByRole<HTMLInputElement>('radio', { name: 'Fixed' }).checked).toBe(true);
  });

  test('that somebody else changes while one writes is told, and theirs is taken over when one asks for it', async () => {
    let list = aFindingList([aFinding()]);
    vi.stubGlobal('fetch', (_url: string, init?: RequestInit) => {
      if (init?.method !== 'PUT') return Promise.resolve(Response.json(list));
      list = aFindingList([aFinding({ state: 'acknowledged', note: 'mine', changedBy: 'Omar', changedAt: 1, version: 1 })]);
      return Promise.resolve(Response.json({ type: '/problems/conflict', title: 'conflict', status: 409 }, { status: 409 }));
    });
    showPage(<FindingsView mayTriage />, `?finding=${ID}`);
    const opened = await drawer();
    const note = () => opened.getByRole<HTMLTextAreaElement>('textbox', { name: 'Note' });
    fireEvent.change(note(), { target: { value: 'a long thought' } });
    fireEvent.click(opened.getByRole('button', { name: 'Save' }));
    await vi.waitFor(() => expect(opened.getByText(/Omar changed this finding meanwhile: it is acknowledged now/)).toBeDefined());
    expect(note().value).toBe('a long thought');
    fireEvent.click(opened.getByRole('button', { name: 'Start from that' }));
    expect(note().value).toBe('mine');
    expect(opened.getByRole<HTMLInputElement>('radio', { name: 'Acknowledged' }).checked).toBe(true);
  });

  test('whoever may only read is told who triages', async () => {
    show(aFindingList([aFinding()]), { search: `?finding=${ID}`, mayTriage: false });
    const opened = await drawer();
    expect(opened.queryByRole('button', { name: 'Save' })).toBeNull();
    expect(opened.getByText(/Operators of this cluster/)).toBeDefined();
  });

  test('that came back after it was fixed says so', async () => {
    const { lastAt } = aFinding();
    const back = aFinding({ changedBy: 'Ada', changedAt: lastAt - 5000, reopenedAt: lastAt, version: 2 });
    show(aFindingList([back]), { search: `?finding=${ID}` });
    expect((await drawer()).getByText(/It was fixed, and seen again/)).toBeDefined();
  });
});
