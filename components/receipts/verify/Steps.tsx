'use client';
import type { ReactNode } from 'react';
import { visibleText } from '#lib/flow/text.ts';
import type { Verification } from '#lib/receipts/verify.ts';
import { cx } from '#components/ui/cx.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { type ShownStep, shownSteps, STEP_MARKS } from './outcome.ts';

const STATUS_WORDS: Readonly<Record<ShownStep['status'], string>> = {
  pass: 'pass',
  fail: 'fail',
  absent: 'not present',
  'not-reached': 'not reached',
};

/** The steps of a verification, each with what was compared; `policyAction` stands in the last, which needs a file. */
export function Steps({ verification, policyAction }: { verification: Verification; policyAction?: ReactNode }) {
  return (
    <ol aria-label="Steps of the verification">
      {shownSteps(verification).map((step) => (
        <li
          key={step.id}
          className={cx(
            'grid min-h-12 grid-cols-[12px_18px_minmax(0,1fr)_auto] items-start gap-x-2 border-b border-line px-4 py-1.5 text-13',
            step.status === 'fail' && 'bg-drop-tint',
          )}
        >
          <Mark name={STEP_MARKS[step.status]} label={STATUS_WORDS[step.status]} className="mt-1" />
          <span aria-hidden="true" className="num text-right text-12 leading-5 text-ink-3">
            {step.number}
          </span>
          <span className="min-w-0">
            <span className={cx('block font-label', step.status === 'not-reached' && 'text-ink-3')}>{step.name}</span>
            <span className="block text-12 wrap-anywhere text-ink-3">{visibleText(step.detail)}</span>
          </span>
          {step.id === 'policy' && policyAction}
        </li>
      ))}
    </ol>
  );
}
