'use client';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { useSWRConfig } from 'swr';
import type { Problem } from '#lib/api/common.ts';
import { MigrationChanged, PhaseDetail, type PhaseNumber } from '#lib/api/migration.ts';
import { ApiFailure, callApi, problemOf } from '#components/live/api.ts';
import { on, useStream } from '#components/live/use-stream.ts';

/** Base of a cluster's migration in the API. */
export const migrationApi = (cluster: string): string => `/api/v1/clusters/${encodeURIComponent(cluster)}/migration`;

export const phaseApi = (cluster: string, phase: PhaseNumber): string => `${migrationApi(cluster)}/phases/${phase}`;

export const APPROVALS_API = '/api/v1/approvals';

/** The change seen last, and when it came, by the browser's clock. */
export interface SeenChange {
  readonly change: MigrationChanged;
  readonly at: number;
}

/**
 * Follows what others do: each change makes SWR read again what it names, so that two people see each other within a second. After a lost
 * line everything is read again. Gives the change seen last.
 */
export function useMigrationChanges(cluster: string | null): SeenChange | undefined {
  const { mutate } = useSWRConfig();
  const [seen, setSeen] = useState<SeenChange>();
  const [readAgain] = useState(() =>
    gathered((bases) => void mutate((key) => typeof key === 'string' && bases.has(key.split('?', 1)[0] ?? ''))),
  );
  const { state } = useStream(
    cluster === null ? null : `${migrationApi(cluster)}/stream`,
    {
      changed: on(MigrationChanged, (change) => {
        if (change.text !== '') setSeen((before) => (outlasts(before, change) ? before : seenNow(change)));
        readAgain(touchedBy(change, cluster ?? ''));
      }),
      // Says that the line lives while nothing changes.
      beat: () => undefined,
    },
    { resumes: true },
  );

  const wasLive = useRef(false);
  useEffect(() => {
    if (state !== 'live') return;
    // What happened while the line was down may be more than the server still knows.
    if (wasLive.current) void mutate((key) => typeof key === 'string' && MIGRATION_KEY.test(key));
    wasLive.current = true;
  }, [state, mutate]);
  return seen;
}

const MIGRATION_KEY = /^\/api\/v1\/(clusters\/[^/]+\/migration|approvals)/;

/** What a person did is told for so long, though evidence moves by itself right after it. */
const TOLD_MS = 10_000;

const outlasts = (before: SeenChange | undefined, next: MigrationChanged): boolean =>
  before?.change.by !== undefined && next.by === undefined && Date.now() - before.at < TOLD_MS;

const seenNow = (change: MigrationChanged): SeenChange => ({ change, at: Date.now() });

/** Changes come in bursts (a decision moves a request, a cell, a history): what they name is read once, this much later. */
const GATHER_MS = 120;

function gathered(run: (items: ReadonlySet<string>) => void): (items: readonly string[]) => void {
  let due = new Set<string>();
  return (items) => {
    if (due.size === 0) {
      setTimeout(() => {
        const wanted = due;
        due = new Set();
        run(wanted);
      }, GATHER_MS);
    }
    for (const item of items) due.add(item);
  };
}

/** Addresses whose answer a change may have changed. The matrix is read by the cluster of the page, whichever cluster changed. */
export function touchedBy(
  { cluster, phase, what }: Pick<MigrationChanged, 'cluster' | 'phase' | 'what'>,
  page: string,
): readonly string[] {
  const own = migrationApi(cluster);
  const phases = phase === undefined ? ([0, 1, 2, 3, 4] as const) : [phase];
  return [
    migrationApi(page),
    own,
    ...phases.map((number) => phaseApi(cluster, number)),
    ...(what === 'upload' ? [`${own}/uploads`] : []),
    ...(what === 'gate' || what === 'elevation' ? [APPROVALS_API] : []),
    ...(what === 'risk' || what === 'check' || what === 'evidence' ? [`${own}/risks`] : []),
  ];
}

/**
 * Runs changes of a migration. `busy` while one runs, `problem` when it failed; a decision that needs a fresh sign-in leads there, and comes
 * back by itself. Afterwards the page is read again, and a phase that was answered is shown at once.
 */
export function useChange(page: string) {
  const router = useRouter();
  const { mutate } = useSWRConfig();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();

  const reread = (urls: readonly string[]) => Promise.all(urls.map((url) => mutate(url)));
  const run = async <T>(change: () => Promise<T>, cluster: string, phase?: PhaseNumber): Promise<T | undefined> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const result = await change();
      await reread(touchedBy({ cluster, phase, what: 'gate' }, page).filter((url) => !isAnswer(result, url)));
      return result;
    } catch (failure) {
      const stepUp = stepUpOf(failure);
      if (stepUp === undefined) setProblem(problemOf(failure));
      else router.push(`/step-up/${encodeURIComponent(stepUp)}`);
      // Somebody was faster, or the evidence moved: what is shown is old.
      const { status } = problemOf(failure);
      if (status === 409 || status === 412) await reread(touchedBy({ cluster, phase, what: 'gate' }, page));
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  /** A change that answers with the phase as it is now. */
  const runOnPhase = (cluster: string, phase: PhaseNumber, path: string, init: { method: 'PUT' | 'POST'; json?: unknown }) =>
    run(
      async () => {
        const url = phaseApi(cluster, phase);
        const answer = await callApi(`${url}${path}`, PhaseDetail, init);
        await mutate(url, { url, body: answer.body, etag: answer.etag, at: Date.now() }, { revalidate: false });
        return answer.body;
      },
      cluster,
      phase,
    );
  return { busy, problem, run, runOnPhase, clear: () => setProblem(undefined) };
}
export type Change = ReturnType<typeof useChange>;

/** Whether `result` is what `url` would answer: then nobody needs to ask. */
function isAnswer(result: unknown, url: string): boolean {
  const parsed = PhaseDetail.pick({ cluster: true, cell: true }).safeParse(result);
  return parsed.success && url === phaseApi(parsed.data.cluster, parsed.data.cell.phase);
}

/** Id of the step-up that a refusal asks for. */
export function stepUpOf(failure: unknown): string | undefined {
  if (!(failure instanceof ApiFailure) || failure.problem.type !== '/problems/step-up-required') return undefined;
  const id = failure.problem.place?.['stepUp'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** Headers of a command that must not be done twice. */
export const onceHeaders = (): Record<string, string> => ({ 'idempotency-key': crypto.randomUUID() });
