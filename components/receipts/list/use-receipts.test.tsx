// @vitest-environment happy-dom
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { SWRConfig } from 'swr';
import { afterEach, expect, test, vi } from 'vitest';
import type { ReceiptSummary } from '#lib/api/receipts.ts';
import { aReceiptSummary } from '#lib/testing/receipt-answers.ts';
import { useReceipts } from './use-receipts.ts';

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const one = (letter: string) => aReceiptSummary({ id: `rcpt_${letter.repeat(26)}` });
let newest: readonly ReceiptSummary[] = [];

function start(reading: boolean) {
  vi.stubGlobal('fetch', (url: string) => {
    const page = url.includes('cursor=') ? { receipts: [one('a')], total: 3 } : { receipts: newest, total: 3, nextCursor: 'c1' };
    return Promise.resolve(new Response(JSON.stringify(page)));
  });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <SWRConfig value={{ provider: () => new Map() }}>{children}</SWRConfig>
  );
  const hook = renderHook((props) => useReceipts('cluster=x', { refreshMs: 450, reading: props.reading }), {
    wrapper,
    initialProps: { reading },
  });
  const letters = () => hook.result.current.rows.map(({ id }) => id.at(-1)).join('');
  return { ...hook, letters };
}

test('newer rows appear by themselves while nobody reads', async () => {
  newest = [one('b')];
  const { letters } = start(false);
  await waitFor(() => expect(letters()).toBe('b'));
  newest = [one('c'), one('b')];
  await waitFor(() => expect(letters()).toBe('cb'), { timeout: 3000 });
});

test('while somebody reads newer rows wait, and appear when reading ends', async () => {
  newest = [one('b')];
  const { result, letters, rerender } = start(true);
  await waitFor(() => expect(letters()).toBe('b'));
  newest = [one('c'), one('b')];
  await waitFor(() => expect(result.current.waiting).toBe(1), { timeout: 3000 });
  expect(letters()).toBe('b');
  rerender({ reading: false });
  await waitFor(() => expect(letters()).toBe('cb'));
});

test('older rows stay open until the newest are asked for', async () => {
  newest = [one('b')];
  const { result, letters } = start(false);
  await waitFor(() => expect(result.current.loadOlder).toBeDefined());
  act(() => result.current.loadOlder?.());
  await waitFor(() => expect(letters()).toBe('ba'));
  expect(result.current.loadOlder).toBeUndefined();
  newest = [one('c'), one('b')];
  await waitFor(() => expect(result.current.waiting).toBe(1), { timeout: 3000 });
  expect(letters()).toBe('ba');
  act(() => result.current.release());
  await waitFor(() => expect(letters()).toBe('cb'));
});
