// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { on, useStream } from './use-stream.ts';

/** The browser's EventSource, driven by the test. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState = 0;
  readonly url: string;
  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.opened.push(this);
  }
  close() {
    this.readyState = 2;
  }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  say(name: string, data: unknown, lastEventId = '') {
    this.dispatchEvent(new MessageEvent(name, { data: typeof data === 'string' ? data : JSON.stringify(data), lastEventId }));
  }
  fail(final: boolean) {
    this.readyState = final ? 2 : 0;
    this.dispatchEvent(new Event('error'));
  }
}

const newest = () => FakeSource.opened.at(-1) as FakeSource;
let answer: () => Promise<Response>;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.opened = [];
  answer = () => Promise.resolve(new Response(''));
  vi.stubGlobal('EventSource', FakeSource);
  vi.stubGlobal('fetch', () => answer());
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a stream is connecting until it opens, then live, and hands over parsed events with their cursor', () => {
  const seen: unknown[] = [];
  const { result } = renderHook(() => useStream('/flows/stream', { flows: (data, id) => seen.push([data, id]) }));
  expect(result.current.state).toBe('connecting');
  act(() => newest().open());
  act(() => newest().say('flows', { matched: 2 }, 'c7'));
  expect(result.current.state).toBe('live');
  expect(seen).toEqual([[{ matched: 2 }, 'c7']]);
});

test('no address means no stream', () => {
  const { result } = renderHook(() => useStream(null, {}));
  expect(result.current.state).toBe('closed');
  expect(FakeSource.opened).toHaveLength(0);
});

test('a message of another shape is left out and ends nothing', () => {
  const seen: number[] = [];
  const { result } = renderHook(() => useStream('/s', { n: on(z.number(), (value) => seen.push(value)) }));
  act(() => {
    newest().open();
    newest().say('n', 'not json');
    newest().say('n', { n: 1 });
    newest().say('n', 3);
  });
  expect(seen).toEqual([3]);
  expect(result.current.state).toBe('live');
});

test('a handler may change at each render without opening the stream again', () => {
  const first: unknown[] = [];
  const second: unknown[] = [];
  const { rerender } = renderHook(({ to }) => useStream('/s', { e: (data) => to.push(data) }), { initialProps: { to: first } });
  rerender({ to: second });
  act(() => newest().say('e', 1));
  expect([first, second]).toEqual([[], [1]]);
  expect(FakeSource.opened).toHaveLength(1);
});

test('a lost line is left to the browser, which resumes from the last event', () => {
  const { result } = renderHook(() => useStream('/s', {}));
  act(() => newest().open());
  act(() => newest().fail(false));
  expect(result.current.state).toBe('reconnecting');
  expect(FakeSource.opened).toHaveLength(1);
  act(() => newest().open());
  expect(result.current.state).toBe('live');
});

test('a failing server is asked again after a pause, and the reason is kept', async () => {
  answer = () =>
    Promise.resolve(
      Response.json({ type: '/problems/ingest-unreachable', title: 'ingest does not answer', status: 502 }, { status: 502 }),
    );
  const { result } = renderHook(() => useStream('/s', {}));
  await act(async () => {
    newest().fail(true);
    await vi.advanceTimersByTimeAsync(10);
  });
  expect(result.current).toMatchObject({ state: 'reconnecting', problem: { status: 502 } });
  await act(() => vi.advanceTimersByTimeAsync(2000));
  expect(FakeSource.opened).toHaveLength(2);
});

test('a refusal is final', async () => {
  answer = () =>
    Promise.resolve(Response.json({ type: '/problems/forbidden', title: 'forbidden', status: 403 }, { status: 403 }));
  const { result } = renderHook(() => useStream('/s', {}));
  await act(async () => {
    newest().fail(true);
    await vi.advanceTimersByTimeAsync(60_000);
  });
  expect(result.current).toMatchObject({ state: 'closed', problem: { status: 403 } });
  expect(FakeSource.opened).toHaveLength(1);
});

test('a line that has gone silent is opened again', async () => {
  renderHook(() => useStream('/s', {}));
  act(() => newest().open());
  await act(() => vi.advanceTimersByTimeAsync(25_000));
  expect(FakeSource.opened).toHaveLength(2);
  expect(FakeSource.opened[0]?.readyState).toBe(FakeSource.CLOSED);
});

test('a stream that is opened anew goes on after its last event, where the server can', async () => {
  renderHook(() => useStream('/flows/stream?rows=20', { flows: () => {} }, { resumes: true }));
  act(() => newest().open());
  act(() => newest().say('flows', {}, 'run/7'));
  await act(() => vi.advanceTimersByTimeAsync(25_000));
  expect(newest().url).toBe('/flows/stream?rows=20&cursor=run%2F7');
  act(() => newest().say('flows', {}, 'run/8'));
  await act(async () => {
    newest().fail(true);
    await vi.advanceTimersByTimeAsync(2000);
  });
  expect(newest().url).toBe('/flows/stream?rows=20&cursor=run%2F8');
});

test('a stream that starts with a whole picture each time is opened at its own address', async () => {
  renderHook(() => useStream('/topology/stream', { delta: () => {} }));
  act(() => newest().open());
  act(() => newest().say('delta', {}, '7'));
  await act(() => vi.advanceTimersByTimeAsync(25_000));
  expect(FakeSource.opened.map(({ url }) => url)).toEqual(['/topology/stream', '/topology/stream']);
});

test('leaving the page closes the stream', () => {
  const { unmount } = renderHook(() => useStream('/s', {}));
  unmount();
  expect(newest().readyState).toBe(FakeSource.CLOSED);
});
