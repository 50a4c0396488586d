'use client';
import { Download } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useMemo, useState } from 'react';
import { PolicySetList, PolicySource } from '#lib/api/policies.ts';
import { downloadText, fileName } from '#components/flows/download.ts';
import { CaptureBanner } from '#components/flows/CaptureBanner.tsx';
import { useApi } from '#components/live/use-api.ts';
import { useConsole } from '#components/live/use-console.ts';
import { Button } from '#components/ui/Button.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { PoliciesTabs } from '../PoliciesTabs.tsx';
import { ShortWindow } from '../ShortWindow.tsx';
import { SIDES } from '../suggest/suggest-input.ts';
import { SourceMissing } from '../why/SourceMissing.tsx';
import { paramsOfAsked } from '../why/question.ts';
import { EditorPane } from './EditorPane.tsx';
import { Effect, Part } from './Effect.tsx';
import { LoadMenu } from './LoadMenu.tsx';
import { PatchMenu } from './PatchMenu.tsx';
import { SaveCandidate } from './SaveCandidate.tsx';
import { WouldDenyChart } from './WouldDenyChart.tsx';
import { QUESTION_STATE } from '#components/policies/why/question-state.ts';
import { setWords } from './effect-words.ts';
import { whatIfMarkdown } from './markdown.ts';
import { keyOf, originName, originOf } from './origin.ts';
import { useCandidate, useUnsavedGuard } from './use-candidate.ts';
import { useJudge, useJudged } from './use-judge.ts';

const STATE = {
  set: parseAsString,
  policy: parseAsString,
  load: parseAsString,
  ...QUESTION_STATE,
  ns: parseAsString,
  workload: parseAsString,
  side: parseAsStringLiteral(SIDES).withDefault('both'),
  l7: parseAsBoolean.withDefault(false),
  show: parseAsStringLiteral(['yaml', 'diff'] as const).withDefault('yaml'),
  /** The tuple that is open. */
  selected: parseAsString,
};

/** What would this policy do? A text, and its effect on the traffic that was seen. */
export function WhatIfView({ mayEdit }: { mayEdit: boolean }) {
  const view = useConsole();
  const router = useRouter();
  const [query, setQuery] = useQueryStates(STATE, { history: 'push' });
  const origin = useMemo(() => originOf(query), [query]);
  const source = useApi(`${view.api}/policies/source`, PolicySource);
  const sets = useApi(`${view.api}/policy-sets`, PolicySetList);
  const judge = useJudge(view);
  const inForce = judge.state.loaded?.kind === 'loaded' ? judge.state.loaded.inForce : undefined;
  const state = useCandidate(view, origin, inForce);
  const { candidate, stored } = state;
  const judging = useJudged(view, judge, candidate);
  useUnsavedGuard(state.edited);
  const [saving, setSaving] = useState<'save' | 'watch'>();
  const { report } = judging;
  const name = originName(origin, stored?.name);
  const go = (params: Record<string, string>) => router.push(view.hrefOf('policies/what-if', params));

  const onSaved = (id: string | undefined) => {
    // What is gone is not read again.
    if (id === undefined) state.discard();
    else state.saved();
    sets.reload();
    if (id !== stored?.id) go(id === undefined ? {} : { set: id });
  };
  const exportMarkdown = () => {
    if (!report) return;
    const text = whatIfMarkdown(name, view.cluster, report, window.location.href);
    downloadText(fileName(view.cluster, 'what-if', 'md', report.to), 'text/markdown', text);
  };
  return (
    <div className="flex min-h-full flex-col xl:h-full xl:min-h-0">
      <header className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-surface px-3 py-2 md:px-4">
        <h1 className="text-16 font-title">
          <Link
            className="ring-focus rounded-sm font-body text-ink-2 hover:underline max-md:sr-only"
            href={view.hrefOf('policies')}
          >
            Policies
          </Link>
          <span className="mx-2 font-body text-ink-3 max-md:hidden" aria-hidden="true">
            /
          </span>
          What-if
        </h1>
        <LoadMenu name={name} sets={sets.data?.sets} inForce={inForce} view={view} />
        {(state.edited || !stored) && candidate !== undefined && <Chip>{stored ? 'edited' : 'draft'}</Chip>}
        {report && (
          <span className="text-12 text-ink-3">
            against the set in force{' '}
            <span className="font-mono" title={report.base.hash}>
              {report.base.hash.slice(0, 8)}
            </span>
            , {setWords(report)}
          </span>
        )}
        <span className="ml-auto flex flex-wrap items-center gap-2">
          {state.edited && <Button onClick={state.discard}>Discard edits</Button>}
          {candidate && <PatchMenu candidate={candidate} name={name} />}
          <Button onClick={exportMarkdown} disabled={!report}>
            <Download size={14} aria-hidden="true" /> Export
          </Button>
          {mayEdit && candidate && (
            <SaveCandidate
              key={`${keyOf(origin)} ${state.etag ?? ''}`}
              open={saving !== undefined}
              watch={saving === 'watch'}
              onOpenChange={(open) => setSaving(open ? 'save' : undefined)}
              candidate={candidate}
              stored={stored}
              etag={state.etag}
              view={view}
              onSaved={onSaved}
            />
          )}
        </span>
      </header>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-surface px-3 md:px-4">
        <PoliciesTabs className="min-w-0" />
        <ShortWindow view={view} className="py-1" />
      </div>
      {view.capture !== null && (
        <div className="border-b border-line bg-surface px-4 py-1.5">
          <CaptureBanner view={view} />
        </div>
      )}
      {origin.kind === 'allow' && candidate?.text === '' && (
        <p className="flex gap-2 border-b border-line bg-surface px-4 py-2 text-13">
          <Mark name="trace" className="mt-1" />
          <span>
            No rule has to be added: it is allowed already, or a deny rule stands against it.{' '}
            <Link
              className="ring-focus rounded-sm text-accent-text hover:underline"
              href={view.hrefOf('policies/why', paramsOfAsked(origin.asked))}
            >
              See why
            </Link>
          </span>
        </p>
      )}
      {source.data?.kind === 'none' ? (
        <div className="bg-surface p-4 md:p-6">
          <SourceMissing source={source.data} />
        </div>
      ) : state.problem ? (
        <Failed problem={state.problem} onRetry={state.retry} className="bg-surface p-6" />
      ) : (
        <div className="grid min-h-0 flex-1 grid-cols-1 xl:grid-cols-[minmax(0,540fr)_minmax(0,844fr)]">
          <div className="flex min-h-0 flex-col border-line max-xl:border-b xl:border-r">
            {candidate ? (
              <EditorPane
                key={keyOf(origin)}
                candidate={candidate}
                judging={judging}
                shows={query.show}
                onShows={(show) => void setQuery({ show }, { history: 'replace' })}
                onChange={state.change}
                restored={state.restored}
                onDiscard={state.discard}
                onSave={mayEdit ? () => setSaving('save') : undefined}
              />
            ) : (
              <SkeletonRows rows={18} label="Loading the text" />
            )}
          </div>
          <div className="flex min-h-0 flex-col overflow-y-auto bg-surface">
            <Effect
              report={report}
              problem={judging.problem}
              onRetry={judging.retry}
              old={judging.old}
              byServer={judging.byServer}
              selected={query.selected}
              onSelect={(selected) => void setQuery({ selected }, { history: 'replace' })}
              view={view}
              mapHref={view.hrefOf('map', { level: 'workload', overlay: 'what-if', candidate: keyOf(origin) })}
            >
              {stored?.watched ? (
                <WouldDenyChart
                  set={stored.id}
                  alertAt={stored.alertAt}
                  view={view}
                  onAlert={mayEdit ? () => setSaving('watch') : undefined}
                />
              ) : (
                candidate &&
                mayEdit && (
                  <Part
                    title="Would deny"
                    hint={
                      stored
                        ? 'this candidate is not watched'
                        : 'once it is saved and watched: what it would deny, minute by minute'
                    }
                    aside={
                      <Button size="sm" look="quiet" onClick={() => setSaving('watch')}>
                        Watch it
                      </Button>
                    }
                  >
                    {null}
                  </Part>
                )
              )}
            </Effect>
          </div>
        </div>
      )}
    </div>
  );
}
