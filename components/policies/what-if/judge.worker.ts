import { type JudgeInputJson, judgeInputOfJson } from '#lib/audit/judge-input.ts';
import { problemOf, readProblem } from '#components/live/api.ts';
import { NO_FACTS } from './facts.ts';
import { Judge } from './judge.ts';
import type { JudgeAnswer, JudgeRequest } from './judge-messages.ts';

/** Off the main thread: loads the input once, then judges each candidate it is sent. */

/** Bytes of an input that a page should hold at most: a week of a large cluster is a few megabytes. */
const MOST_BYTES = 48 * 1024 * 1024;

let judge: Judge | undefined;
const answer = (message: JudgeAnswer): void => self.postMessage(message, {});

self.addEventListener('message', ({ data }: MessageEvent<JudgeRequest>) => {
  if (data.kind === 'load') void load(data.id, data.url);
  else answerCandidate(data);
});

function answerCandidate({ id, candidate }: Extract<JudgeRequest, { kind: 'judge' }>): void {
  try {
    judge ??= new Judge(undefined);
    answer({ kind: 'judged', id, ...judge.judge(candidate, () => performance.now()) });
  } catch (failure) {
    answer({ kind: 'failed', id, problem: problemOf(failure) });
  }
}

async function load(id: number, url: string): Promise<void> {
  judge = undefined;
  try {
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    if (!response.ok) {
      answer({ kind: 'failed', id, problem: await readProblem(response) });
      return;
    }
    const text = await textUpTo(response, MOST_BYTES);
    if (text === undefined) {
      answer({ kind: 'too-large', id, bytes: MOST_BYTES });
      return;
    }
    // The server made it with the same code, of its own data: its form is not checked again for each of 30,000 rows.
    judge = new Judge(judgeInputOfJson(JSON.parse(text) as JudgeInputJson));
    answer({ kind: 'loaded', id, facts: judge.facts() ?? NO_FACTS, inForce: judge.inForce() });
  } catch (failure) {
    answer({ kind: 'failed', id, problem: problemOf(failure) });
  }
}

/** The body as text; undefined when it is longer than `most` bytes, of which no more is read. */
async function textUpTo(response: Response, most: number): Promise<string | undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return response.text();
  const parts: string[] = [];
  let length = 0;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a stream is read in its order
    const { done, value } = await reader.read();
    if (done) return parts.join('');
    length += value.length;
    if (length > most) {
      await reader.cancel();
      return undefined;
    }
    parts.push(value);
  }
}
