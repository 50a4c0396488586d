// @vitest-environment happy-dom
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import { SWRConfig } from 'swr';
import { type ReactNode, createElement } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { retryDelayMs, useApi } from './use-api.ts';

const Count = z.object({ n: z.number() });
const wrapper = ({ children }: { children: ReactNode }) =>
  createElement(SWRConfig, { value: { provider: () => new Map(), dedupingInterval: 0 } }, children);
let respond: (url: string) => Response;

beforeEach(() => {
  vi.stubGlobal('fetch', (url: string) => Promise.resolve(respond(url)));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('an answer is parsed and comes with its ETag', async () => {
  respond = () => Response.json({ n: 1, extra: true }, { headers: { etag: '"v3"' } });
  const { result } = renderHook(() => useApi('/a', Count), { wrapper });
  expect(result.current).toMatchObject({ loading: true, data: undefined });
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));
  expect(result.current).toMatchObject({ loading: false, etag: '"v3"', error: undefined });
});

test('a failure gives the problem of the server with its request id', async () => {
  respond = () =>
    Response.json({ type: '/problems/forbidden', title: 'forbidden', status: 403, requestId: 'req_1' }, { status: 403 });
  const { result } = renderHook(() => useApi('/b', Count), { wrapper });
  await waitFor(() => expect(result.current.error).toMatchObject({ status: 403, requestId: 'req_1' }));
  expect(result.current.loading).toBe(false);
});

test('an answer of another shape is a failure, not half a page', async () => {
  respond = () => Response.json({ n: 'many' }, { headers: { 'x-request-id': 'req_2' } });
  const { result } = renderHook(() => useApi('/c', Count), { wrapper });
  await waitFor(() => expect(result.current.error).toMatchObject({ type: '/problems/unexpected-answer', requestId: 'req_2' }));
});

test('what was shown stays when the next answer fails, with its age', async () => {
  respond = () => Response.json({ n: 1 });
  const { result } = renderHook(() => useApi('/d', Count), { wrapper });
  await waitFor(() => expect(result.current.data).toEqual({ n: 1 }));
  const before = Date.now();
  respond = () => new Response('proxy says no', { status: 502 });
  await act(async () => result.current.reload());
  await waitFor(() => expect(result.current.error?.status).toBe(502));
  expect(result.current.data).toEqual({ n: 1 });
  expect(result.current.staleSince).toBeLessThanOrEqual(before);
});

test('a changed range keeps the old answer while the new one comes; another cluster does not', async () => {
  respond = (url) => Response.json({ n: url.includes('range=5m') ? 5 : 60 });
  const { result, rerender } = renderHook(({ url }) => useApi(url, Count), {
    wrapper,
    initialProps: { url: '/clusters/a/drops?range=5m' },
  });
  await waitFor(() => expect(result.current.data).toEqual({ n: 5 }));
  rerender({ url: '/clusters/a/drops?range=1h' });
  expect(result.current).toMatchObject({ data: { n: 5 }, changing: true });
  await waitFor(() => expect(result.current).toMatchObject({ data: { n: 60 }, changing: false }));
  rerender({ url: '/clusters/b/drops?range=1h' });
  expect(result.current).toMatchObject({ data: undefined, loading: true });
});

test('pauses between attempts double up to fifteen seconds and differ between browsers', () => {
  const half = () => 0.5;
  expect([1, 2, 3, 4, 5, 9].map((attempt) => retryDelayMs(attempt, half))).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
  expect(retryDelayMs(1, () => 0)).toBeLessThan(retryDelayMs(1, () => 0.9));
});
