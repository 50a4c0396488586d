'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { FindingEntry } from '#lib/api/receipts.ts';
import { visibleText } from '#lib/flow/text.ts';
import { useConsole } from '#components/live/use-console.ts';
import { PolicyLink } from '#components/policies/PolicyName.tsx';
import { ButtonLink } from '#components/ui/Button.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { Drawer, DrawerSection } from '#components/ui/Drawer.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { receiptPath, shortHash } from '../receipt-words.ts';
import { linksOf, RULES_TOLD, ruleName, SEVERITY_LOOK, STATE_LOOK } from './finding-words.ts';
import { TriageForm } from './TriageForm.tsx';

/** One finding: why, what it rests on, where to look, its receipts, and what becomes of it. */
export function FindingDrawer({ finding, mayTriage, onClose, onChanged }: FindingDrawerProps) {
  const view = useConsole();
  const { rule, severity, state, title, subject, reasons } = finding;
  const { flows, why, edge } = linksOf(finding);
  return (
    <Drawer
      kind={`${rule} · ${ruleName(rule)}`}
      wide
      title={title}
      chips={
        <>
          <Chip title={SEVERITY_LOOK[severity].means}>
            <Mark name={SEVERITY_LOOK[severity].mark} />
            {severity}
          </Chip>
          <Chip title={STATE_LOOK[state].means}>
            <Mark name={STATE_LOOK[state].mark} />
            {STATE_LOOK[state].name}
          </Chip>
        </>
      }
      onClose={onClose}
      footer={
        flows !== undefined && (
          <>
            <ButtonLink look="primary" href={view.hrefOf('flows', { filter: flows })}>
              Open in Flows
            </ButtonLink>
            {why && <ButtonLink href={view.hrefOf('policies/why', why)}>Why?</ButtonLink>}
            {edge !== undefined && (
              <ButtonLink look="quiet" className="ml-auto" href={view.hrefOf('map', { level: 'workload', selected: edge })}>
                Show on map
              </ButtonLink>
            )}
          </>
        )
      }
    >
      <DrawerSection title="Why">
        <p className="font-mono text-12 wrap-anywhere">{visibleText(subject)}</p>
        <ul className="mt-2 flex flex-col gap-1.5 text-13">
          {reasons.map((reason) => (
            <li key={reason} className="wrap-anywhere">
              {visibleText(reason)}
            </li>
          ))}
        </ul>
      </DrawerSection>
      <DrawerSection tone="advice">
        <h3 className="flex items-center gap-2.5 text-14 font-title">
          <Mark name="advice" /> Look at this first
        </h3>
        <p className="mt-1 pl-5.5 text-13 text-ink-2">{RULES_TOLD[rule].look}</p>
      </DrawerSection>
      <Evidence finding={finding} />
      <DrawerSection title="Triage">
        <Changed finding={finding} />
        {mayTriage ? (
          <TriageForm finding={finding} onSaved={onChanged} />
        ) : (
          <p className="text-12 text-ink-3">Operators of this cluster say what becomes of it.</p>
        )}
      </DrawerSection>
      <DrawerSection title={`What ${rule} asks`}>
        <p className="text-13 text-ink-2">{RULES_TOLD[rule].fires}</p>
        <p className="mt-1.5 text-12 text-ink-3">Not: {lowerFirst(RULES_TOLD[rule].not)}</p>
      </DrawerSection>
    </Drawer>
  );
}
interface FindingDrawerProps {
  finding: FindingEntry;
  mayTriage: boolean;
  onClose: () => void;
  onChanged: () => void;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function Evidence({ finding: { about, firstAt, lastAt, count, receipts } }: { finding: FindingEntry }) {
  const view = useConsole();
  return (
    <DrawerSection title="Evidence" aside={`${exact(count)} seen`}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2 text-13">
        <Fact name="First seen">
          <Time at={firstAt} />
        </Fact>
        <Fact name="Last seen">
          <Time at={lastAt} />
        </Fact>
        {about.nodes.length > 0 && (
          <Fact name={about.nodes.length === 1 ? 'Node' : 'Nodes'}>
            <span className="font-mono text-12 wrap-anywhere">{about.nodes.map(visibleText).join(', ')}</span>
          </Fact>
        )}
        {about.request !== undefined && (
          <Fact name="Request">
            <span className="font-mono text-12 wrap-anywhere">{visibleText(about.request)}</span>
          </Fact>
        )}
        {about.policies.length > 0 && (
          <Fact name="Policies">
            <span className="flex flex-col items-start">
              {about.policies.map((policy) => (
                <PolicyLink key={policy} policy={policy} />
              ))}
            </span>
          </Fact>
        )}
        <Fact name="Receipts">
          {receipts.length === 0 ? (
            <span className="text-12 text-ink-3">none yet</span>
          ) : (
            <ul className="flex flex-wrap gap-x-3 gap-y-1">
              {receipts.map((receipt) => (
                <li key={receipt}>
                  <Link
                    href={view.hrefOf(receiptPath(receipt))}
                    className="ring-focus inline-flex min-h-6 items-center rounded-sm font-mono text-12 text-accent-text hover:underline"
                  >
                    {shortHash(receipt, 10, 4)}
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Fact>
      </dl>
      {receipts.length > 0 && (
        <p className="mt-2 text-12 text-ink-3">
          The newest, at most three a minute: the count tells the rest. A receipt is what an observer says, no proof that a packet
          was stopped or delivered.
        </p>
      )}
    </DrawerSection>
  );
}

function Changed({ finding: { changedBy, changedAt, reopenedAt, state } }: { finding: FindingEntry }) {
  if (changedBy === undefined || changedAt === undefined) return null;
  return (
    <p className="mb-3 text-12 text-ink-2">
      {visibleText(changedBy)} changed it last, <Time at={changedAt} />.
      {reopenedAt !== undefined && reopenedAt > changedAt && state === 'open' && (
        <>
          {' '}
          It was fixed, and seen again <Time at={reopenedAt} />.
        </>
      )}
    </p>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-12 whitespace-nowrap text-ink-3">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
