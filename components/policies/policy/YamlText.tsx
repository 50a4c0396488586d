'use client';
import { useEffect, useRef, useState } from 'react';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { ScrollArea } from '#components/ui/ScrollArea.tsx';
import { cx } from '#components/ui/cx.ts';
import { YamlLine } from '../YamlLine.tsx';
import { type LineFacts, type RuleUse, endOfBlock, linesOf } from './policy-lines.ts';

/** Lines drawn at first: generated policies may have tens of thousands. */
const FIRST = 2000;

/** A policy's text to read: numbered lines that can be linked to, what is wrong at their left, what a rule did at their right. */
export function YamlText({ yaml, facts, chosen, onChoose, window }: YamlTextProps) {
  const lines = linesOf(yaml);
  const [whole, setWhole] = useState(false);
  const shown = whole || (chosen ?? 0) > FIRST ? lines : lines.slice(0, FIRST);
  const end = chosen === undefined ? 0 : endOfBlock(lines, chosen);
  const line = useRef<HTMLLIElement>(null);
  // A link leads to its line; a press on a line that is in sight moves nothing.
  useEffect(() => {
    if (chosen !== undefined) line.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <>
      <ScrollArea label="Text of the policy">
        <ol aria-label="Lines of the policy" className="w-max min-w-full py-1.5 font-mono text-12 leading-4.5 text-code-str">
          {shown.map((text, index) => {
            const number = index + 1;
            const inBlock = chosen !== undefined && number >= chosen && number <= end;
            return (
              <li
                // oxlint-disable-next-line react/no-array-index-key -- a line is its place
                key={number}
                ref={number === chosen ? line : undefined}
                aria-current={number === chosen ? 'location' : undefined}
                className={cx(
                  'flex h-4.5 scroll-my-20 items-center',
                  inBlock ? 'bg-accent-tint' : 'bg-surface',
                  number === chosen && 'shadow-[inset_2px_0_0_var(--accent)]',
                )}
              >
                <Gutter notes={facts.get(number)?.notes ?? []} />
                <button
                  type="button"
                  tabIndex={facts.has(number) || number === chosen ? 0 : -1}
                  aria-label={`Line ${number}`}
                  onClick={() => onChoose(number === chosen ? undefined : number)}
                  className="ring-focus w-9 shrink-0 rounded-sm pr-2 text-right text-ink-3 select-none hover:text-ink"
                >
                  {number}
                </button>
                <code className="flex-1 pr-4 whitespace-pre">
                  <YamlLine line={text} />
                </code>
                <RuleHits rule={facts.get(number)?.rule} inBlock={inBlock} window={window} />
              </li>
            );
          })}
        </ol>
      </ScrollArea>
      {shown.length < lines.length && (
        <div className="border-t border-line px-4 py-1.5">
          <Button look="quiet" size="sm" onClick={() => setWhole(true)}>
            Show all {exact(lines.length)} lines
          </Button>
        </div>
      )}
    </>
  );
}
interface YamlTextProps {
  yaml: string;
  facts: ReadonlyMap<number, LineFacts>;
  /** The line that is linked to, from 1. */
  chosen: number | undefined;
  onChoose: (line: number | undefined) => void;
  window: string;
}

/** The worst of what is wrong with a line; all of it on hover and for screen readers. */
function Gutter({ notes }: { notes: LineFacts['notes'] }) {
  const [first] = notes;
  const text = notes.map((note) => visibleText(note.text)).join('\n');
  return (
    <span className="flex w-6 shrink-0 justify-center" title={first && text}>
      {first && <Mark name={first.mark} label={text} />}
    </span>
  );
}

/** What the rule that begins here did; it stays in sight when the line is long. */
function RuleHits({ rule, inBlock, window }: { rule: RuleUse | undefined; inBlock: boolean; window: string }) {
  if (!rule) return null;
  return (
    <span
      title={`${rule.path}, ${window}`}
      className={cx(
        'sticky right-0 shrink-0 pr-3 pl-3 text-12 max-md:hidden',
        inBlock ? 'bg-accent-tint' : 'bg-surface',
        rule.flows === 0 ? 'text-ink-3' : 'text-ink-2',
      )}
    >
      {rule.flows === 0 ? 'no traffic' : `${exact(rule.flows)} ${rule.flows === 1 ? 'flow' : 'flows'}`}
    </span>
  );
}
