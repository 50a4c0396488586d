import type { Problem } from '#lib/api/common.ts';
import type { Candidate, JudgeAnswer, JudgeRequest, Judged } from './judge-messages.ts';

/** What a worker gives and takes here. */
export interface JudgePort {
  postMessage: (request: JudgeRequest) => void;
  addEventListener: ((type: 'message', listener: (event: MessageEvent<JudgeAnswer>) => void) => void) &
    ((type: 'error', listener: () => void) => void);
  terminate: () => void;
}

export type Loaded = Extract<JudgeAnswer, { kind: 'loaded' | 'too-large' }> | { readonly kind: 'no-worker' };

export interface JudgeState {
  readonly loaded: Loaded | undefined;
  readonly failed: Problem | undefined;
  readonly judged: Judged | undefined;
  /** What was judged. */
  readonly judgedOf: Candidate | undefined;
}

export const NOTHING_YET: JudgeState = { loaded: undefined, failed: undefined, judged: undefined, judgedOf: undefined };

/** A worker with its input, one candidate at a time: while it judges, only the newest waits. */
export class JudgeClient {
  #state = NOTHING_YET;
  #port: JudgePort | undefined;
  #id = 0;
  #judging: Candidate | undefined;
  #waiting: Candidate | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #url: string;
  readonly #start: () => JudgePort | undefined;

  /** `url` of the input; `start` makes the worker, undefined where there are none. */
  constructor(url: string, start: () => JudgePort | undefined) {
    this.#url = url;
    this.#start = start;
  }

  readonly snapshot = (): JudgeState => this.#state;

  /** Loads the input with the first listener; the worker goes with the last. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#port === undefined) this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  };

  judge(candidate: Candidate): void {
    if (this.#port === undefined || this.#judging === candidate) return;
    if (this.#judging) this.#waiting = candidate;
    else this.#send(candidate);
  }

  #open(): void {
    const port = this.#start();
    if (port === undefined) {
      this.#change({ loaded: { kind: 'no-worker' } });
      return;
    }
    this.#port = port;
    port.addEventListener('message', ({ data }) => this.#port === port && this.#take(data));
    port.addEventListener('error', () =>
      this.#change({ failed: { type: '/problems/unexpected', title: 'the judge of this page stopped', status: 0 } }),
    );
    this.#id += 1;
    port.postMessage({ kind: 'load', id: this.#id, url: this.#url });
  }

  #close(): void {
    this.#port?.terminate();
    this.#port = undefined;
    this.#judging = undefined;
    this.#waiting = undefined;
    this.#state = NOTHING_YET;
  }

  #send(candidate: Candidate): void {
    this.#judging = candidate;
    this.#id += 1;
    this.#port?.postMessage({ kind: 'judge', id: this.#id, candidate });
  }

  #take(answer: JudgeAnswer): void {
    switch (answer.kind) {
      case 'failed':
        this.#judging = undefined;
        this.#change({ failed: answer.problem });
        break;
      case 'loaded':
      case 'too-large':
        this.#change({ loaded: answer, failed: undefined });
        break;
      case 'judged': {
        const judgedOf = this.#judging;
        const next = this.#waiting;
        this.#judging = undefined;
        this.#waiting = undefined;
        this.#change({ judged: answer, judgedOf, ...(answer.report && { failed: undefined }) });
        if (next) this.#send(next);
      }
    }
  }

  #change(part: Partial<JudgeState>): void {
    this.#state = { ...this.#state, ...part };
    for (const listener of this.#listeners) listener();
  }
}
