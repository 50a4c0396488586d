'use client';
import type { PolicySource } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { SOURCE_KINDS, SOURCE_STATES, objectsOf } from './source-words.ts';

/** One line on where the objects of the cluster come from and how that stands; the drawer says the rest. */
export function SourceLine({ source, open, onOpen }: { source: PolicySource; open: boolean; onOpen: () => void }) {
  const { mark, text } = SOURCE_STATES[source.state];
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-line bg-surface px-3 py-1.5 text-13">
      <Mark name={mark} />
      <span className="min-w-0 flex-1 wrap-anywhere">
        <span className="font-label">{SOURCE_KINDS[source.kind]}</span>
        {source.kind !== 'none' && <span className="text-ink-2">, {text}</span>}
        <span className="text-12 text-ink-3">
          {' '}
          {source.state === 'ready' ? (
            <>
              <span className="num">{exact(objectsOf(source))}</span> objects, last change{' '}
              <Time at={source.updatedAt} why="nothing changed yet" />
            </>
          ) : (
            visibleText(source.detail)
          )}
        </span>
      </span>
      <Button look="quiet" size="sm" aria-expanded={open} onClick={onOpen}>
        Source
      </Button>
    </div>
  );
}
