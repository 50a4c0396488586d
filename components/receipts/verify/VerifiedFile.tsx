'use client';
import { type ReactNode, useId, useState } from 'react';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { ReceiptSheet } from '../receipt/ReceiptSheet.tsx';
import { wayOf } from '../receipt/way.ts';
import { WayToWitness } from '../receipt/WayToWitness.tsx';
import { OutcomeChip } from './OutcomeChip.tsx';
import { outcomeOf, verifiedStanding } from './outcome.ts';
import { Steps } from './Steps.tsx';
import type { HereResult } from './verify-here.ts';

/** One file and what became of it: outcome in words, the steps, and what it says where that stands. */
export function VerifiedFile({ name, result, policyAction, open: initially }: VerifiedFileProps) {
  const id = useId();
  const [chosen, setOpen] = useState<boolean>();
  const open = chosen ?? initially;
  const verified = result?.kind === 'verified' ? result : undefined;
  const outcome = verified && outcomeOf(verified.verification);
  const receipt = verified?.verification.receipt;
  return (
    <section aria-labelledby={id} className="min-w-0 rounded-md border border-line bg-surface">
      <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1 px-4 py-2">
        <h2 id={id} className="min-w-0 text-14 font-title wrap-anywhere">
          {visibleText(name)}
        </h2>
        <span className="flex flex-wrap items-center gap-2">
          {outcome && <OutcomeChip outcome={outcome} />}
          {outcome && (
            <Button size="sm" aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? 'Hide the steps' : 'Show the steps'}
            </Button>
          )}
        </span>
      </header>
      <output className="block border-t border-line px-4 py-3 text-13 wrap-anywhere text-ink-2">
        {outcome && visibleText(outcome.long)}
        {result?.kind === 'unable' && (
          <span className="flex gap-2">
            <Mark name="unknown" className="mt-1" />
            <span>Nothing was verified here: {result.why}. Use the command beside, or a current browser over HTTPS.</span>
          </span>
        )}
        {verified && (
          <span className="block text-12 text-ink-3">
            In this browser, no network, {verified.tookMs < 1 ? 'under 1' : Math.round(verified.tookMs)} ms.
          </span>
        )}
      </output>
      {verified && open && (
        <div className="border-t border-line">
          <Steps verification={verified.verification} policyAction={policyAction} />
        </div>
      )}
      {verified && outcome?.stands && receipt && (
        <div className="flex flex-col items-center gap-5 bg-bg p-3 sm:p-5">
          <ReceiptSheet
            level={3}
            receipt={receipt}
            standing={verifiedStanding(verified.verification)}
            chip={<OutcomeChip outcome={outcome} />}
          />
          <WayToWitness way={wayOf(receipt, verified.verification)} />
        </div>
      )}
    </section>
  );
}
interface VerifiedFileProps {
  name: string;
  result: HereResult | undefined;
  policyAction: ReactNode;
  /** Whether its steps are shown from the start. */
  open: boolean;
}
