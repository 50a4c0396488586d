import { expect, test } from 'vitest';
import { NO_FACTS } from './facts.ts';
import { JudgeClient, type JudgePort } from './judge-client.ts';
import type { Candidate, JudgeAnswer, JudgeRequest } from './judge-messages.ts';

/** A worker that the test plays. */
class Port implements JudgePort {
  readonly sent: JudgeRequest[] = [];
  ended = false;
  #take: (event: MessageEvent<JudgeAnswer>) => void = () => undefined;
  #fail: () => void = () => undefined;
  readonly addEventListener = ((type: string, listener: (event: MessageEvent<JudgeAnswer>) => void) => {
    if (type === 'message') this.#take = listener;
    else this.#fail = () => listener(new MessageEvent('error'));
  }) as JudgePort['addEventListener'];
  postMessage(request: JudgeRequest) {
    this.sent.push(request);
  }
  terminate() {
    this.ended = true;
  }
  answer(data: JudgeAnswer) {
    this.#take(new MessageEvent('message', { data }));
  }
  stop() {
    this.#fail();
  }
}

const candidate = (text: string): Candidate => ({ text, mode: 'merge', removes: [] });
const judged = (id: number): JudgeAnswer => ({ kind: 'judged', id, remarks: [], refs: [], report: undefined });
const texts = (port: Port) => port.sent.flatMap((request) => (request.kind === 'judge' ? [request.candidate.text] : []));

function start() {
  const port = new Port();
  const client = new JudgeClient('/judge-input', () => port);
  const leave = client.subscribe(() => undefined);
  port.answer({ kind: 'loaded', id: 1, facts: NO_FACTS, inForce: [] });
  return { port, client, leave };
}

test('while one is judged, only the newest waits', () => {
  const { port, client } = start();
  for (const text of ['a', 'ab', 'abc', 'abcd']) client.judge(candidate(text));
  expect(texts(port)).toEqual(['a']);
  port.answer(judged(2));
  expect(client.snapshot().judgedOf?.text).toBe('a');
  expect(texts(port)).toEqual(['a', 'abcd']);
  port.answer(judged(3));
  expect(client.snapshot().judgedOf?.text).toBe('abcd');
  expect(texts(port)).toHaveLength(2);
});

test('the worker goes with the last who looks, and its late answers change nothing', () => {
  const { port, client, leave } = start();
  client.judge(candidate('a'));
  leave();
  expect(port.ended).toBe(true);
  port.answer(judged(2));
  expect(client.snapshot().judged).toBeUndefined();
});

test('a worker that stops is a failure that is shown', () => {
  const { port, client } = start();
  port.stop();
  expect(client.snapshot().failed?.title).toContain('stopped');
});

test('where there are no workers that is said, and nothing is sent', () => {
  const client = new JudgeClient('/judge-input', () => undefined);
  client.subscribe(() => undefined);
  client.judge(candidate('a'));
  expect(client.snapshot().loaded).toEqual({ kind: 'no-worker' });
});
