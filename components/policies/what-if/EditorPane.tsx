'use client';
import { Suspense, lazy, useMemo, useState } from 'react';
import { Button } from '#components/ui/Button.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { exact } from '#components/ui/format.ts';
import type { Jump } from './CodeEditor.tsx';
import { Remarks } from './Remarks.tsx';
import { SetChanges } from './SetChanges.tsx';
import type { Candidate } from './judge-messages.ts';
import { joined } from './use-candidate.ts';
import type { Judging } from './use-judge.ts';

// The editor is heavy and of no use to any other page: its code comes with the first text.
const CodeEditor = lazy(() => import('./CodeEditor.tsx'));
const NONE: readonly never[] = [];

/** The text of the candidate with what is to be said of it; what differs from the set in force is marked, or shown as a diff. */
export function EditorPane({ candidate, judging, shows, onShows, onChange, restored, onDiscard, onSave }: EditorPaneProps) {
  const [jump, setJump] = useState<Jump>();
  const { inForce, refs, remarks, facts } = judging;
  const original = useMemo(() => {
    if (inForce === undefined) return undefined;
    const byRef = new Map(inForce.map(({ ref, text }) => [ref, text]));
    return joined(refs.flatMap((ref) => byRef.get(ref) ?? []));
  }, [inForce, refs]);
  return (
    <section aria-label="Candidate" className="flex min-h-0 min-w-0 flex-1 flex-col bg-surface">
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
        <h2 className="text-14 font-title">Candidate</h2>
        <span className="min-w-0 flex-1 text-12 text-ink-3">
          {refs.length === 0 ? 'no policy' : `${exact(refs.length)} ${refs.length === 1 ? 'policy' : 'policies'}`} in the text
        </span>
        <Segmented
          label="Show the text as"
          size="sm"
          value={shows}
          onChange={onShows}
          options={[
            { value: 'yaml', label: 'YAML' },
            { value: 'diff', label: 'Diff' },
          ]}
        />
      </header>
      <SetChanges candidate={candidate} inForce={inForce} refs={refs} onChange={onChange} />
      {restored && (
        <p className="flex flex-wrap items-center gap-2 border-b border-line bg-sunken px-4 py-1.5 text-12 text-ink-2">
          <Mark name="stale" /> Edits of this tab that were not saved are here again.
          <Button size="sm" onClick={onDiscard}>
            Discard them
          </Button>
        </p>
      )}
      <div className="h-[52dvh] min-h-72 xl:h-auto xl:min-h-0 xl:flex-1">
        <Suspense fallback={<SkeletonRows rows={16} label="Loading the editor" />}>
          <CodeEditor
            text={candidate.text}
            onChange={(text) => onChange({ text })}
            remarks={remarks ?? NONE}
            facts={facts}
            original={original}
            diff={shows === 'diff'}
            jump={jump}
            onSave={onSave}
          />
        </Suspense>
      </div>
      <Remarks
        remarks={remarks}
        onGo={({ line, column }) => {
          if (line !== undefined) setJump({ line, column });
        }}
      />
    </section>
  );
}
interface EditorPaneProps {
  candidate: Candidate;
  judging: Judging;
  shows: 'yaml' | 'diff';
  onShows: (shows: 'yaml' | 'diff') => void;
  onChange: (part: Partial<Candidate>) => void;
  restored: boolean;
  onDiscard: () => void;
  onSave: (() => void) | undefined;
}
