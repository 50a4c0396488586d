'use client';
import { useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { problemOf } from '#components/live/api.ts';

/** Runs a change: `busy` while it runs, `problem` when it failed. `run` tells whether it went through. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await action();
      return true;
    } catch (failure) {
      setProblem(problemOf(failure));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, run, clear: () => setProblem(undefined) };
}
