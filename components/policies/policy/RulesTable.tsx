'use client';
import { visibleText } from '#lib/flow/text.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { RuleLink } from '../PolicyName.tsx';
import { ruleName } from '../links.ts';
import type { RuleUse } from './policy-lines.ts';

/** The rules in the order of the text, in words, with what each was used for and which others make it needless. */
export function RulesTable({ rules, chosen, onChoose, window }: RulesTableProps) {
  return (
    <Table caption={`Rules, ${window}`}>
      <thead>
        <tr>
          <Th>Rule</Th>
          <Th number>Flows</Th>
          <Th number className="max-sm:hidden">
            Tuples
          </Th>
          <Th number>Last hit</Th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <Tr key={rule.path} selected={rule.path === chosen} className="align-top hover:bg-hover">
            <Td className="w-full min-w-48 py-1.5">
              <button
                type="button"
                aria-pressed={rule.path === chosen}
                onClick={() => onChoose(rule)}
                className="group ring-focus flex w-full flex-col items-start rounded-sm text-left"
              >
                <span className="flex items-center gap-1.5">
                  <Mark name={rule.kind === 'deny' ? 'dropped' : 'forwarded'} />
                  <span className="font-mono text-12 group-hover:underline">{visibleText(ruleName(rule.path))}</span>
                  <span className="text-12 text-ink-3">
                    {rule.kind === 'deny' ? 'denies' : 'allows'} {rule.direction}
                  </span>
                </span>
                <span className="pl-4.5 text-12 wrap-anywhere text-ink-2">{visibleText(rule.text)}</span>
              </button>
              {rule.shadowedBy.length > 0 && <ShadowedBy rules={rule.shadowedBy} />}
            </Td>
            <Td number className="py-1.5">
              <Num value={rule.flows} full />
            </Td>
            <Td number className="py-1.5 max-sm:hidden">
              <Num value={rule.tuples} full />
            </Td>
            <Td number className="py-1.5">
              <Time at={rule.lastHit} why="no traffic of this time is covered by it" />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
interface RulesTableProps {
  rules: readonly RuleUse[];
  /** Path of the rule that is marked in the text. */
  chosen: string | undefined;
  onChoose: (rule: RuleUse) => void;
  window: string;
}

/** Rules that cover all that this one does: without it nothing would change as long as they stay. */
function ShadowedBy({ rules }: { rules: RuleUse['shadowedBy'] }) {
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2 pl-4.5 text-12 text-ink-2">
      <Mark name="advice" />
      Covered by
      {rules.slice(0, 3).map((rule) => (
        <RuleLink key={`${rule.policy} ${rule.path}`} rule={rule} />
      ))}
      {rules.length > 3 && `and ${rules.length - 3} more`}
    </p>
  );
}
