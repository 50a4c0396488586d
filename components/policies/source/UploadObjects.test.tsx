// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UploadObjects } from './UploadObjects.tsx';

/** The browser's request, answered by the test. */
class FakeRequest extends EventTarget {
  static last: FakeRequest | undefined;
  readonly upload = new EventTarget();
  readonly sent: { method?: string; url?: string; headers: Record<string, string>; body?: unknown; aborted?: boolean } = {
    headers: {},
  };
  status = 200;
  responseText = '';
  constructor() {
    super();
    FakeRequest.last = this;
  }
  open(method: string, url: string) {
    Object.assign(this.sent, { method, url });
  }
  setRequestHeader(name: string, value: string) {
    this.sent.headers[name] = value;
  }
  send(body: unknown) {
    this.sent.body = body;
  }
  abort() {
    this.sent.aborted = true;
  }
}

beforeEach(() => vi.stubGlobal('XMLHttpRequest', FakeRequest));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const yaml = new File(['kind: Pod'], 'objects.yaml');
const choose = (...files: File[]) => fireEvent.change(screen.getByLabelText('Files of objects'), { target: { files } });
const answer = (status: number, body: object) =>
  act(async () => {
    Object.assign(FakeRequest.last ?? {}, { status, responseText: JSON.stringify(body) });
    FakeRequest.last?.dispatchEvent(new Event('load'));
    await Promise.resolve();
  });

test('a file is sent as it is, and what was taken and what is wrong with it is told', async () => {
  const uploaded = vi.fn<() => void>();
  render(<UploadObjects api="/api/v1/clusters/c" onUploaded={uploaded} />);
  choose(yaml);
  expect(FakeRequest.last?.sent).toMatchObject({
    method: 'PUT',
    url: '/api/v1/clusters/c/policies/source',
    headers: { 'content-type': 'application/yaml' },
    body: yaml,
  });
  expect(screen.getByRole('progressbar', { name: 'Sending objects.yaml' })).toBeDefined();
  await answer(200, {
    policies: 2,
    objects: { CiliumNetworkPolicy: 2, Pod: 1 },
    problems: [{ policy: 'cnp:a/b', message: 'unknown field toPort', line: 12 }],
  });
  expect(screen.getAllByRole('status').map(({ textContent }) => textContent)).toContain(
    '2 policies of objects.yaml taken2 CiliumNetworkPolicy, 1 Pod',
  );
  expect(screen.getByRole('list', { name: 'Problems of the upload' }).textContent).toBe('cnp:a/b unknown field toPort (line 12)');
  expect(uploaded).toHaveBeenCalledOnce();
});

test('a file that cannot be read is refused in the words of the server, and can be tried again', async () => {
  const uploaded = vi.fn<() => void>();
  render(<UploadObjects api="/api/v1/clusters/c" onUploaded={uploaded} />);
  choose(yaml);
  await answer(400, {
    type: '/problems/bad-request',
    title: 'the file cannot be read',
    status: 400,
    detail: 'Line 3: tabs cannot indent.',
  });
  expect(screen.getByRole('alert').textContent).toContain('Line 3: tabs cannot indent.');
  expect(uploaded).not.toHaveBeenCalled();
  const before = FakeRequest.last;
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(FakeRequest.last).not.toBe(before);
});

test('files that cannot be sent together are refused before anything is sent', () => {
  FakeRequest.last = undefined;
  render(<UploadObjects api="/api/v1/clusters/c" onUploaded={vi.fn<() => void>()} />);
  choose(yaml, new File(['x'], 'more.yaml.gz'));
  expect(screen.getByRole('alert').textContent).toContain('more.yaml.gz is compressed');
  expect(FakeRequest.last).toBeUndefined();
});

test('sending can be stopped', async () => {
  render(<UploadObjects api="/api/v1/clusters/c" onUploaded={vi.fn<() => void>()} />);
  choose(yaml);
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    await Promise.resolve();
  });
  expect(FakeRequest.last?.sent.aborted).toBe(true);
  expect(screen.queryByRole('progressbar')).toBeNull();
});
