// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FlowLogsImport } from '#lib/api/flow-logs.ts';
import { aBaseline, aFlowLogsImport } from '#lib/testing/migration-answers.ts';
import { showPage } from '#lib/testing/show-page.tsx';
import { BaselineView } from './BaselineView.tsx';

vi.mock('next/navigation', () => ({
  useParams: () => ({ cluster: 'aegis-production' }),
  usePathname: () => '/c/aegis-production/migration/baseline',
}));

/** The browser's request that tells how much was sent, answered by the test. */
class FakeRequest extends EventTarget {
  static answer = { status: 201, text: '' };
  static sent: { url: string; type: string }[] = [];
  upload = new EventTarget();
  status = 0;
  responseText = '';
  #url = '';
  #type = '';
  open(_method: string, url: string) {
    this.#url = url;
  }
  setRequestHeader(_name: string, value: string) {
    this.#type = value;
  }
  send() {
    FakeRequest.sent.push({ url: this.#url, type: this.#type });
    ({ status: this.status, text: this.responseText } = FakeRequest.answer);
    queueMicrotask(() => this.dispatchEvent(new Event('load')));
  }
  abort() {
    // Nothing is under way.
  }
}

beforeEach(() => {
  FakeRequest.sent = [];
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(imports: readonly FlowLogsImport[], search = '', mayEdit = true) {
  vi.stubGlobal('fetch', (url: string) =>
    Promise.resolve(new Response(JSON.stringify(url.endsWith('/flow-logs') ? { imports } : aBaseline()))),
  );
  return showPage(<BaselineView mayEdit={mayEdit} />, search);
}

const choose = async (name: string) =>
  fireEvent.change(await screen.findByLabelText('File of VPC Flow Logs'), { target: { files: [new File(['x'], name)] } });

test('the newest import is in sight: coverage with denominators, unknown addresses, pairs with what was rejected', async () => {
  show([aFlowLogsImport()]);
  const figures = within(await screen.findByRole('region', { name: 'Coverage of the import' }));
  expect(figures.getByText('58 of 60 minutes have a record')).toBeDefined();
  expect(figures.getByText('8 of 10 records')).toBeDefined();
  const rows = within(screen.getByRole('table', { name: 'Pairs of the baseline' })).getAllByRole('row');
  expect(rows[2]?.textContent).toContain('REJECT');
  expect(within(screen.getByRole('table', { name: 'Addresses not known' })).getByText('198.51.100.7')).toBeDefined();
});

test('a file is sent as it lies there and opens when it is read', async () => {
  FakeRequest.answer = { status: 201, text: JSON.stringify(aFlowLogsImport({ id: 'i2' })) };
  const changes = show([]);
  fireEvent.change(await screen.findByRole('textbox'), { target: { value: '${srcaddr} ${dstaddr}' } });
  await choose('a.log.gz');
  await screen.findByText('10 records of monday.log.gz are kept as 2 tuples.');
  expect(FakeRequest.sent).toEqual([
    {
      url: '/api/v1/clusters/aegis-production/flow-logs?name=a.log.gz&format=%24%7Bsrcaddr%7D+%24%7Bdstaddr%7D',
      type: 'application/gzip',
    },
  ]);
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?import=i2'));
});

test('a broken line is told with its place, and nothing is kept', async () => {
  const problem = {
    type: '/problems/bad-file',
    title: 'the file cannot be read',
    status: 400,
    detail: 'srcport is no number',
    place: { line: 7000 },
  };
  FakeRequest.answer = { status: 400, text: JSON.stringify(problem) };
  show([]);
  await choose('a.log');
  expect((await screen.findByRole('alert')).textContent).toContain('srcport is no number');
  expect(screen.getByText('Line 7,000')).toBeDefined();
});

test('without an import it says which command brings one', async () => {
  show([], '', false);
  expect(await screen.findByText(/^aws s3 sync/)).toBeDefined();
  expect(screen.queryByLabelText('File of VPC Flow Logs')).toBeNull();
});

test('an action narrows the pairs and the address carries it', async () => {
  const changes = show([aFlowLogsImport()]);
  fireEvent.click(await screen.findByRole('radio', { name: 'REJECT' }));
  await vi.waitFor(() => expect(changes.at(-1)).toBe('?action=REJECT'));
  expect(within(screen.getByRole('table', { name: 'Pairs of the baseline' })).getAllByRole('row')).toHaveLength(2);
});
