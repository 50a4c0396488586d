'use client';
import { useId } from 'react';
import type { PhaseDetail, PhaseStep } from '#lib/api/migration.ts';
import { visibleLine } from '../visible-lines.ts';
import { Card } from '#components/ui/Card.tsx';
import { EnvironmentTag } from '#components/ui/Chip.tsx';
import { cx } from '#components/ui/cx.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Time } from '#components/ui/Time.tsx';
import { StateMark } from '../StateMark.tsx';
import type { Change } from '../use-migration.ts';
import { StepBody } from './StepBody.tsx';
import { stepLook } from './step-view.ts';

/** The steps of a phase in their order; one at a time is unfolded. */
export function StepsCard({ phase, open, mayEdit, change, onOpen, onTick, onCheck }: StepsCardProps) {
  const done = phase.steps.filter((step) => step.done).length;
  return (
    <Card
      flush
      title={
        <span className="flex items-center gap-2">
          Phase {phase.cell.phase} in <EnvironmentTag environment={phase.environment} />
        </span>
      }
      aside={`${done} of ${phase.steps.length} steps`}
    >
      <ol className="flex flex-col">
        {phase.steps.map((step, index) => (
          <StepItem
            key={step.id}
            step={step}
            number={index + 1}
            open={open === step.id}
            onOpen={() => onOpen(open === step.id ? null : step.id)}
          >
            <StepBody
              step={step}
              checks={phase.checks}
              mayEdit={mayEdit}
              change={change}
              onTick={(ticked, note) => onTick(step, ticked, note)}
              onCheck={onCheck}
            />
          </StepItem>
        ))}
      </ol>
      <p className="border-t border-line px-4 py-3 text-12 text-ink-3">
        {visibleLine(phase.leaves)} Typical length: {visibleLine(phase.typicalLength)}.
      </p>
    </Card>
  );
}
interface StepsCardProps {
  phase: PhaseDetail;
  /** Id of the step that is unfolded. */
  open: string | null;
  mayEdit: boolean;
  change: Change;
  onOpen: (step: string | null) => void;
  onTick: (step: PhaseStep, done: boolean, note: string) => void;
  onCheck: (check: string) => void;
}

function StepItem({ step, number, open, onOpen, children }: StepItemProps) {
  const id = useId();
  const { shape, words } = stepLook(step);
  return (
    <li className={cx('border-line not-first:border-t', open && 'bg-accent-tint/40')}>
      <h3>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={onOpen}
          className={cx(
            'grid w-full grid-cols-[12px_minmax(0,1fr)] items-baseline gap-x-2.5 px-4 py-1.5 text-left outline-none focus-visible:shadow-[inset_0_0_0_2px_var(--accent)]',
            open ? 'bg-accent-tint shadow-[inset_2px_0_0_var(--accent)]' : 'hover:bg-hover',
          )}
        >
          <span className="translate-y-0.5">{shape === 'unknown' ? <Mark name="unknown" /> : <StateMark shape={shape} />}</span>
          <span className="min-w-0">
            <span className="block text-13 font-label wrap-anywhere">
              {number} {visibleLine(step.title)}
            </span>
            <span className="block text-12 font-body text-ink-3">
              {step.done && <span className="sr-only">ticked </span>}
              {words === '' && step.done ? <Time at={step.done.at} /> : words}
            </span>
          </span>
        </button>
      </h3>
      {open && <div id={id}>{children}</div>}
    </li>
  );
}
interface StepItemProps {
  step: PhaseStep;
  number: number;
  open: boolean;
  onOpen: () => void;
  children: React.ReactNode;
}
