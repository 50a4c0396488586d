'use client';
import type { FindingList } from '#lib/api/receipts.ts';
import { RULES } from '#lib/receipts/rules/rule.ts';
import { cx } from '#components/ui/cx.ts';
import { clock } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { type Rule, RULES_TOLD, ruleName, STANDING_MARK, standingOf } from './finding-words.ts';

/** The rules side by side: what is open, and whether silence of a rule means that all was well. Pressing one narrows the list to it. */
export function RuleStrip({ list, chosen, onChoose }: RuleStripProps) {
  return (
    <ul aria-label="Rules" className="grid grid-cols-2 gap-2 lg:grid-cols-3 2xl:grid-cols-6">
      {RULES.map((rule) => (
        <li key={rule} className="min-w-0">
          <Tile rule={rule} list={list} pressed={chosen === rule} onPress={() => onChoose(chosen === rule ? null : rule)} />
        </li>
      ))}
    </ul>
  );
}
interface RuleStripProps {
  list: FindingList;
  chosen: Rule | null;
  onChoose: (rule: Rule | null) => void;
}

function Tile({ rule, list, pressed, onPress }: { rule: Rule; list: FindingList; pressed: boolean; onPress: () => void }) {
  const { kind, words, reasons, window } = standingOf(rule, list);
  const [reason] = reasons;
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      title={RULES_TOLD[rule].fires}
      className={cx(
        'ring-focus flex h-full w-full flex-col items-start gap-1 rounded-md border px-3 py-2.5 text-left',
        pressed ? 'border-accent bg-accent-tint' : 'border-line bg-surface hover:bg-hover',
      )}
    >
      <span className="flex w-full items-baseline gap-2">
        <span className="num text-12 text-ink-3">{rule}</span>
        <span className="min-w-0 text-13 leading-tight font-label">{ruleName(rule)}</span>
      </span>
      <span className="flex items-baseline gap-1.5 text-12">
        <Mark name={STANDING_MARK[kind]} className="self-center" />
        <span className={kind === 'open' ? 'font-label text-ink' : 'text-ink-2'}>
          {words}
          {window && kind === 'clean' && (
            <span className="text-ink-3">
              , all seen to <span className="num">{clock(window.to)}</span>
            </span>
          )}
        </span>
      </span>
      {reason !== undefined && (
        <span className="line-clamp-2 text-12 text-ink-3" title={reasons.join('\n')}>
          {reason}
        </span>
      )}
    </button>
  );
}
