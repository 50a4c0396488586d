'use client';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { WhatIfReport } from '#lib/api/what-if.ts';
import type { Console } from '#components/live/use-console.ts';
import { useSettled } from '#components/live/use-settled.ts';
import { bytes } from '#components/ui/format.ts';
import { windowInput } from '../suggest/suggest-input.ts';
import { usePost } from '../use-post.ts';
import { type Facts, NO_FACTS } from './facts.ts';
import { JudgeClient, type Loaded, NOTHING_YET } from './judge-client.ts';
import type { Candidate, InForce, Judged } from './judge-messages.ts';

/** Judging waits so long for the next key, in milliseconds: here, and where the server is asked. */
const SETTLES = { browser: 120, server: 700 } as const;

export interface Judging {
  readonly report: WhatIfReport | undefined;
  readonly remarks: Judged['remarks'] | undefined;
  readonly problem: Problem | undefined;
  readonly facts: Facts;
  /** The set in force; undefined until it is here, and where it never will be. */
  readonly inForce: readonly InForce[] | undefined;
  /** Policies in the text, by reference. */
  readonly refs: readonly string[];
  readonly old: 'judging' | 'unreadable' | undefined;
  readonly byServer: string | undefined;
  readonly retry: () => void;
}

const startWorker = () =>
  typeof Worker === 'undefined' ? undefined : new Worker(new URL('./judge.worker.ts', import.meta.url), { type: 'module' });

/**
 * The judge of a window: a worker of this page, with the engine of the server and an input that is loaded once. It judges what `useJudged` gives it; where the
 * input is too large for a page, the server does.
 */
export function useJudge(view: Console) {
  const url = `${view.api}/policies/judge-input?${view.rangeQuery()}`;
  const [attempt, setAttempt] = useState(0);
  const client = useMemo(
    () => new JudgeClient(typeof window === 'undefined' ? url : new URL(url, window.location.href).href, startWorker),
    // Another attempt is another worker.
    // oxlint-disable-next-line react/exhaustive-deps -- see above
    [url, attempt],
  );
  const state = useSyncExternalStore(client.subscribe, client.snapshot, () => NOTHING_YET);
  return { client, state, again: () => setAttempt(attempt + 1) };
}

/** Judges a candidate as it is written. `undefined` judges nothing yet. */
export function useJudged(
  view: Console,
  { client, state, again }: ReturnType<typeof useJudge>,
  candidate: Candidate | undefined,
): Judging {
  const { loaded, failed, judged, judgedOf } = state;
  const settled = useSettled(candidate, SETTLES.browser);
  // Without its input the worker still says what is wrong with the text.
  const ready = loaded !== undefined || failed !== undefined;
  useEffect(() => {
    if (settled !== undefined && ready) client.judge(settled);
  }, [settled, ready, client]);

  const byServer = loaded?.kind === 'too-large' || loaded?.kind === 'no-worker';
  const late = useSettled(candidate, SETTLES.server);
  const body = useMemo(
    () =>
      byServer && late !== undefined
        ? { ...windowInput(view), yaml: late.text, mode: late.mode, removes: late.removes, limit: 500 }
        : null,
    [byServer, late, view],
  );
  const server = usePost(`${view.api}/policies/what-if`, body, WhatIfReport);
  // While the text cannot be read, what was judged last stays.
  const [last, setLast] = useState<{ client: JudgeClient; report: WhatIfReport }>();
  if (judged?.report !== undefined && judged.report !== last?.report) setLast({ client, report: judged.report });

  const here = judged?.report ?? (last?.client === client ? last.report : undefined);
  const waits = byServer ? candidate !== late || server.changing || server.loading : judgedOf !== candidate;
  const unreadable = loaded?.kind === 'loaded' && judged !== undefined && judged.report === undefined;
  return {
    report: byServer ? server.data : here,
    remarks: judged?.remarks,
    problem: byServer ? server.error : failed,
    facts: loaded?.kind === 'loaded' ? loaded.facts : NO_FACTS,
    inForce: loaded?.kind === 'loaded' ? loaded.inForce : undefined,
    refs: judged?.refs ?? [],
    old: waits && failed === undefined ? 'judging' : unreadable ? 'unreadable' : undefined,
    byServer: loaded && serverWords(loaded),
    retry: byServer ? server.reload : again,
  };
}

function serverWords(loaded: Loaded): string | undefined {
  switch (loaded.kind) {
    case 'loaded':
      return undefined;
    case 'too-large':
      return `Judged by the server: the traffic of this time is too much for a page (more than ${bytes(loaded.bytes)}). Completion knows fields only.`;
    case 'no-worker':
      return 'Judged by the server: this browser has no workers.';
  }
}
