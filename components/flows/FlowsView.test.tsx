// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { NuqsTestingAdapter } from 'nuqs/adapters/testing';
import { SWRConfig } from 'swr';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FlowBatch, FlowJson, FlowPage } from '#lib/api/flows.ts';
import { aDroppedFlow, aFlow } from '#lib/testing/flows.ts';
import { FlowsView } from './FlowsView.tsx';

vi.mock('next/navigation', () => ({ useParams: () => ({ cluster: 'aegis-production' }) }));

/** The browser's EventSource, driven by the test. */
class FakeSource extends EventTarget {
  static opened: FakeSource[] = [];
  static readonly CLOSED = 2;
  readyState = 1;
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.opened.push(this);
  }
  close() {
    this.readyState = FakeSource.CLOSED;
  }
}

const flow = (id: string, time: number): FlowJson => aFlow({ uuid: id, time }) as FlowJson;
const page: FlowPage = {
  flows: [flow('b', 2), flow('a', 1)],
  coverage: { nodesReporting: 4, nodesExpected: 4, missing: [], lost: {}, lostTotal: 0, gaps: [] },
};
let asked: string[] = [];
/** What is answered to a page by its cursor, where it is not `page`. */
let answers: Record<string, () => Response> = {};

beforeEach(() => {
  asked = [];
  answers = {};
  FakeSource.opened = [];
  vi.stubGlobal('EventSource', FakeSource);
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url);
    const answer = answers[new URL(url, 'http://console').searchParams.get('cursor') ?? 'first'];
    return Promise.resolve(answer?.() ?? Response.json(page));
  });
  // happy-dom lays nothing out: the virtual list needs a window to fill.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1200);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function show(search = '') {
  const changes: string[] = [];
  render(
    <SWRConfig value={{ provider: () => new Map() }}>
      <NuqsTestingAdapter searchParams={search} hasMemory onUrlUpdate={({ queryString }) => changes.push(queryString)}>
        <FlowsView mayCapture mayAttest />
      </NuqsTestingAdapter>
    </SWRConfig>,
  );
  return changes;
}

/** Until the first page is on the screen. */
const rows = async () => {
  await screen.findByRole('table');
  await act(frame);
};

const frame = () => new Promise((resolve) => setTimeout(resolve, 60));

/** What the stream sends, until it is on the screen. */
const send = (batch: Partial<FlowBatch>) =>
  act(async () => {
    const source = FakeSource.opened.at(-1);
    source?.dispatchEvent(new Event('open'));
    const data = JSON.stringify({ flows: [], matched: batch.flows?.length ?? 0, verdicts: {}, skipped: 0, ...batch });
    source?.dispatchEvent(new MessageEvent('flows', { data }));
    await frame();
  });

const times = () =>
  within(screen.getByRole('table', { name: 'Flows, newest first' }))
    .getAllByRole('button')
    .map((button) => button.textContent);

test('the newest flows are shown at once and live ones arrive above them', async () => {
  show();
  await rows();
  expect(times()).toEqual(['00:00:00.002', '00:00:00.001']);
  await send({ flows: [flow('c', 3), flow('d', 4)] });
  expect(times()).toEqual(['00:00:00.004', '00:00:00.003', '00:00:00.002', '00:00:00.001']);
  expect(FakeSource.opened[0]?.url).toBe('/api/v1/clusters/aegis-production/flows/stream?filter=&rows=20');
});

test('while a flow is open new rows wait and are counted; one press shows them', async () => {
  const changes = show();
  await rows();
  fireEvent.click(screen.getByRole('button', { name: /^00:00:00.001 FORWARDED/ }));
  await act(frame);
  expect(changes.at(-1)).toBe('?selected=a');
  await send({ flows: [flow('c', 3), flow('d', 4), flow('e', 5)] });
  expect(times()).toEqual(['00:00:00.002', '00:00:00.001']);
  fireEvent.click(screen.getByRole('button', { name: /^3 new/ }));
  await act(frame);
  expect(times()).toHaveLength(5);
  expect(times()[0]).toBe('00:00:00.005');
});

test('Space pauses: rows wait, and the line says that it is paused', async () => {
  show();
  await rows();
  fireEvent.keyDown(document.body, { key: ' ' });
  await act(frame);
  await send({ flows: [flow('c', 3)] });
  expect(screen.getByRole('button', { name: '1 new, paused' })).toBeDefined();
  fireEvent.keyDown(document.body, { key: ' ' });
  await act(frame);
  expect(times()[0]).toBe('00:00:00.003');
});

test('j and k move through the rows, and the drawer follows', async () => {
  const changes = show('?selected=b');
  await rows();
  fireEvent.keyDown(document.body, { key: 'j' });
  await act(frame);
  expect(changes.at(-1)).toBe('?selected=a');
  fireEvent.keyDown(document.body, { key: 'k' });
  await act(frame);
  expect(changes.at(-1)).toBe('?selected=b');
});

test('what matches but is not sent is told, with the rate of both', async () => {
  show('?filter=ns:payments');
  await rows();
  await send({ flows: [flow('c', 3)], matched: 41 });
  expect(screen.getByText(/flows\/s match/).textContent).toMatch(/^41 flows\/s match, showing the newest 1\/s/);
});

test('a filter that cannot be read asks for nothing, since part of it would show too much', async () => {
  show('?filter=verdict:DROPED');
  expect(await screen.findByText('The filter cannot be read')).toBeDefined();
  expect(asked.filter((url) => url.includes('/flows'))).toEqual([]);
  expect(FakeSource.opened).toEqual([]);
});

test('hostile text in a flow is shown as text', async () => {
  page.flows.unshift(
    aDroppedFlow({
      uuid: 'x',
      time: 9,
      dropReason: 'POLICY_DENIED',
      sourceNames: [],
      source: { ...aFlow().source, workload: { name: '<img src=x onerror=alert(1)>\u202e', kind: '' } },
    }) as FlowJson,
  );
  show();
  await rows();
  expect(document.querySelector('img')).toBeNull();
  expect(screen.getByRole('button', { name: /<img src=x onerror=alert\(1\)>\\u\{202e\}/ })).toBeDefined();
  page.flows.shift();
});

test('a page that was cut short before anything matched is searched on from, until a flow is found', async () => {
  answers = {
    first: () => Response.json({ ...page, flows: [], nextCursor: 'second' }),
    second: () => Response.json({ ...page, flows: [], nextCursor: 'third' }),
    third: () => Response.json({ ...page, flows: [flow('far', 1)] }),
  };
  show('?filter=verdict:DROPPED');
  await rows();
  expect(screen.queryByText('No flow matches the filter')).toBeNull();
  expect(asked.filter((url) => url.includes('/flows?')).map((url) => /cursor=(\w+)/.exec(url)?.[1])).toEqual([
    undefined,
    'second',
    'third',
  ]);
});

test('a search that fails is not asked for again and again', async () => {
  answers = {
    first: () => Response.json({ ...page, nextCursor: 'second' }),
    second: () => Response.json({ type: '/problems/ingest-unreachable', title: 'away', status: 503 }, { status: 503 }),
  };
  show();
  await rows();
  await act(frame);
  expect(asked.filter((url) => url.includes('cursor='))).toHaveLength(1);
});
