'use client';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { Suggestion } from '#lib/api/what-if.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Card } from '#components/ui/Card.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { EndpointName, PairName, endpointOfId } from '#components/ui/EndpointName.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { Time } from '#components/ui/Time.tsx';
import { cx } from '#components/ui/cx.ts';
import { exact } from '#components/ui/format.ts';
import { YamlBlock } from '../YamlBlock.tsx';
import { PolicyName } from '../PolicyName.tsx';
import { ruleName } from '../links.ts';
import { requestOf } from '../what-if/effect-words.ts';

type Policy = Suggestion['policies'][number];
type Rule = Policy['rules'][number];

/** One suggested policy: its rules with the traffic behind each, or its text. */
export function SuggestedPolicy({ policy }: { policy: Policy }) {
  const [shows, setShows] = useState<'rules' | 'yaml'>('rules');
  return (
    <Card
      flush
      title={<PolicyName policy={policy.policy} />}
      hint={
        <>
          for <EndpointName {...endpointOfId(visibleText(policy.workload))} />, {policy.rules.length}{' '}
          {policy.rules.length === 1 ? 'rule' : 'rules'}
        </>
      }
      aside={
        <>
          <Segmented
            label={`Show of ${policy.policy}`}
            size="sm"
            value={shows}
            onChange={setShows}
            options={[
              { value: 'rules', label: 'Rules' },
              { value: 'yaml', label: 'YAML' },
            ]}
          />
          <CopyButton size="sm" look="quiet" text={policy.yaml} label="Copy this policy as YAML" />
        </>
      }
    >
      {shows === 'yaml' ? (
        <div className="p-4">
          <YamlBlock yaml={policy.yaml} label={`YAML of ${policy.policy}`} />
        </div>
      ) : (
        <ul>
          {policy.rules.map((rule) => (
            <RuleRow key={rule.path} rule={rule} />
          ))}
        </ul>
      )}
    </Card>
  );
}

const CONFIDENCE = {
  high: { mark: 'pass', tone: 'neutral' },
  medium: { mark: 'trace', tone: 'neutral' },
  low: { mark: 'advice', tone: 'audit' },
} as const;

function RuleRow({ rule }: { rule: Rule }) {
  const { mark, tone } = CONFIDENCE[rule.confidence];
  const flows = rule.traffic.reduce((sum, row) => sum + row.flows, 0);
  return (
    <li className="border-b border-line last:border-b-0">
      <details className="group">
        <summary className="ring-focus grid min-h-9 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-1.5 hover:bg-hover md:min-h-8 md:grid-cols-[112px_minmax(0,1fr)_auto_96px]">
          <span className="flex items-center gap-1.5 font-mono text-12 text-ink-3 max-md:order-2">
            <ChevronRight size={14} aria-hidden="true" className="shrink-0 group-open:rotate-90" />
            {ruleName(rule.path)}
          </span>
          <span className="min-w-0 text-13 wrap-anywhere max-md:order-1">{visibleText(rule.text)}</span>
          <Chip tone={tone} className="justify-self-start max-md:order-3">
            <Mark name={mark} />
            {rule.confidence} confidence
          </Chip>
          <span className="num text-right text-ink-2 max-md:order-4">
            {exact(rule.trafficTotal)} {rule.trafficTotal === 1 ? 'tuple' : 'tuples'}
          </span>
        </summary>
        <div className="flex flex-col gap-2 bg-sunken px-4 py-3 md:pl-8">
          {rule.cautions.length > 0 && (
            <ul aria-label="What would break it" className="flex flex-col gap-1">
              {rule.cautions.map((caution) => (
                <li key={caution} className="flex gap-2.5 text-13 text-ink-2">
                  <Mark name="advice" className="mt-1" />
                  {visibleText(caution)}
                </li>
              ))}
            </ul>
          )}
          <ul aria-label="Traffic behind it">
            {rule.traffic.map((row) => (
              <li
                key={`${row.source} ${row.destination} ${row.protocol} ${row.port} ${row.l7}`}
                className={cx(
                  'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 border-t border-line py-1 text-12 first:border-t-0',
                  'md:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)_104px_104px]',
                )}
              >
                <PairName source={visibleText(row.source)} destination={visibleText(row.destination)} />
                <span className="truncate font-mono max-md:order-3" title={visibleText(requestOf(row))}>
                  {visibleText(requestOf(row))}
                </span>
                <span className="num text-right">{exact(row.flows)} flows</span>
                <span className="text-right text-ink-3 max-md:order-4">
                  <Time at={row.lastSeen} />
                </span>
              </li>
            ))}
          </ul>
          {rule.trafficTotal > rule.traffic.length && (
            <p className="text-12 text-ink-3">
              The {exact(rule.traffic.length)} with most flows ({exact(flows)}) of {exact(rule.trafficTotal)} are listed.
            </p>
          )}
        </div>
      </details>
    </li>
  );
}
