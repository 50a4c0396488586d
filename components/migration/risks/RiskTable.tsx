'use client';
import type { RiskEntry } from '#lib/api/migration.ts';
import { visibleText } from '#lib/flow/text.ts';
import { CheckCounts } from '#components/migration/preflight/CheckWord.tsx';
import { countStatuses } from '#components/migration/preflight/preflight-view.ts';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { LevelWord } from './LevelWord.tsx';
import { RiskStateWord } from './RiskStateWord.tsx';

/** The register: what may happen, how likely and how bad, who looks after it, and what moves it. */
export function RiskTable({ risks, chosen, onChoose }: RiskTableProps) {
  return (
    <Table caption="Risk register">
      <thead>
        <tr>
          <Th>State</Th>
          <Th>Risk</Th>
          <Th className="max-md:hidden">Phases</Th>
          <Th className="max-lg:hidden">Likelihood</Th>
          <Th className="max-lg:hidden">Impact</Th>
          <Th className="max-md:hidden">Owner</Th>
          <Th className="max-lg:hidden">Moved by</Th>
        </tr>
      </thead>
      <tbody>
        {risks.map((risk) => (
          <Tr key={risk.id} dense={false} selected={risk.id === chosen} className="align-top *:py-2">
            <Td>
              <RiskStateWord state={risk.state} />
            </Td>
            <Td className="min-w-52">
              <button
                type="button"
                onClick={() => onChoose(risk.id)}
                className="ring-focus min-h-6 rounded-sm text-left font-label hover:underline"
              >
                {risk.title}
              </button>
              <span className="block text-12 text-ink-3 lg:hidden">
                likelihood {risk.likelihood}, impact {risk.impact}
              </span>
              {risk.stateReason !== '' && (
                <span className="block max-w-prose text-12 wrap-anywhere text-ink-3">{visibleText(risk.stateReason)}</span>
              )}
            </Td>
            <Td className="num whitespace-nowrap text-ink-2 max-md:hidden">{risk.phases.join(', ')}</Td>
            <Td className="max-lg:hidden">
              <LevelWord level={risk.likelihood} />
            </Td>
            <Td className="max-lg:hidden">
              <LevelWord level={risk.impact} />
            </Td>
            <Td className="max-w-40 truncate max-md:hidden">
              {risk.owner === '' ? <span className="text-ink-3">nobody</span> : visibleText(risk.owner)}
            </Td>
            <Td className="whitespace-nowrap max-lg:hidden">
              {risk.checks.length === 0 ? (
                <span className="text-12 text-ink-3">people only</span>
              ) : (
                <CheckCounts counts={countStatuses(risk.checks)} />
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
interface RiskTableProps {
  risks: readonly RiskEntry[];
  chosen: string | null;
  onChoose: (risk: string) => void;
}
