'use client';
import type { ReactNode } from 'react';
import type { PolicySummary } from '#lib/api/policies.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Num } from '#components/ui/Num.tsx';
import { Time } from '#components/ui/Time.tsx';
import { SelectsText, SideText, StatusText } from '../inventory/PolicyCells.tsx';

/** What the policy is, in a line of facts; what is wrong with it as a whole stands below, each with its place. */
export function PolicyFacts({ summary, window }: { summary: PolicySummary; window: string }) {
  const problems = summary.problems.filter(({ layer }) => layer !== 'lint');
  const { reported } = summary;
  return (
    <section aria-label="Facts" className="rounded-md border border-line bg-surface">
      <dl className="flex flex-wrap gap-x-7 gap-y-2 px-4 py-2.5 text-13">
        <Fact name="Status">
          <StatusText policy={{ ...summary, problems: [] }} long />
        </Fact>
        <Fact name="Selects">
          <SelectsText selects={summary.selects} />
        </Fact>
        <Fact name="Ingress">
          <SideText side={summary.ingress} spelled />
        </Fact>
        <Fact name="Egress">
          <SideText side={summary.egress} spelled />
        </Fact>
        <Fact name={`Hits, ${window}`}>
          <Num value={summary.hits} full className="num" />
          {summary.lastHit !== undefined && (
            <span className="text-ink-3">
              , last <Time at={summary.lastHit} />
            </span>
          )}
        </Fact>
        {summary.generation !== undefined && (
          <Fact name="Generation">
            <span className="num">{summary.generation}</span>
          </Fact>
        )}
        <Fact name="Version">
          <span className="font-mono text-12" title={summary.hash}>
            {summary.hash.slice(0, 8)}
          </span>
          <span className="text-ink-3">
            , first seen <Time at={summary.firstSeen} />
          </span>
        </Fact>
      </dl>
      {problems.length > 0 && (
        <ul aria-label="Why it is not in force" className="border-t border-line bg-drop-tint px-4 py-2.5 text-13">
          {problems.map(({ path, message, place, layer }) => (
            <li key={`${path} ${message}`} className="grid grid-cols-[12px_minmax(0,1fr)] gap-x-2.5 py-0.5">
              <Mark name="fail" className="mt-1" />
              <span className="wrap-anywhere">
                {path !== '' && <span className="font-mono text-12">{visibleText(path)} </span>}
                {visibleText(message)}
                <span className="text-12 text-ink-2">
                  {place && ` (line ${place.line}, column ${place.column})`}
                  {layer === 'schema' ? ', refused by the API server' : ', refused by the agents'}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {reported !== undefined && reported.valid !== summary.valid && (
        <p className="flex items-center gap-2.5 border-t border-line bg-audit-tint px-4 py-2 text-13 text-ink-2">
          <Mark name="advice" />
          <span className="wrap-anywhere">
            The cluster itself reports it as {reported.valid ? 'valid' : 'not valid'}
            {reported.message !== '' && `: ${visibleText(reported.message)}`}. Agents of another version may read it differently.
          </span>
        </p>
      )}
    </section>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-12 text-ink-3">{name}</dt>
    <dd className="min-w-0">{children}</dd>
  </div>
);
