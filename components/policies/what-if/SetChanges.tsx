'use client';
import { X } from 'lucide-react';
import { visibleText } from '#lib/flow/text.ts';
import { Segmented } from '#components/ui/Segmented.tsx';
import { PolicyName } from '../PolicyName.tsx';
import { policyLabel } from '../links.ts';
import type { Candidate, InForce } from './judge-messages.ts';

/** How the text meets the set in force: put into it or in its place, and which policies go. */
export function SetChanges({ candidate, inForce, refs, onChange }: SetChangesProps) {
  const { mode, removes } = candidate;
  const rest = inForce?.filter(({ ref }) => !removes.includes(ref) && !refs.includes(ref)) ?? [];
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-1.5 text-12 text-ink-2">
      <Segmented
        label="How it meets the set in force"
        size="sm"
        value={mode}
        onChange={(next) => onChange({ mode: next, ...(next === 'replace' ? { removes: [] } : {}) })}
        options={[
          { value: 'merge', label: 'Into the set' },
          { value: 'replace', label: 'In its place' },
        ]}
      />
      {mode === 'merge' ? (
        <>
          <ul aria-label="Taken away" className="contents">
            {removes.map((ref) => (
              <li key={ref} className="inline-flex h-6 max-w-full items-center gap-1 rounded-sm bg-hover pl-2">
                <span className="sr-only">without </span>
                <span aria-hidden="true">−</span>
                <PolicyName policy={ref} kind={false} />
                <button
                  type="button"
                  aria-label={`Keep ${visibleText(policyLabel(ref))}`}
                  onClick={() => onChange({ removes: removes.filter((other) => other !== ref) })}
                  className="ring-focus inline-flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
                >
                  <X size={12} aria-hidden="true" />
                </button>
              </li>
            ))}
          </ul>
          {rest.length > 0 && (
            <select
              aria-label="Take a policy away"
              value=""
              onChange={(event) => onChange({ removes: [...removes, event.target.value] })}
              className="ring-focus h-9 max-w-52 rounded-md border border-control-line bg-surface px-1.5 text-12 md:h-6"
            >
              <option value="">Take away</option>
              {rest.map(({ ref }) => (
                <option key={ref} value={ref}>
                  {visibleText(policyLabel(ref))}
                </option>
              ))}
            </select>
          )}
        </>
      ) : (
        <span className="text-ink-3">the policies of the text alone</span>
      )}
    </div>
  );
}
interface SetChangesProps {
  candidate: Candidate;
  inForce: readonly InForce[] | undefined;
  refs: readonly string[];
  onChange: (part: Partial<Candidate>) => void;
}
