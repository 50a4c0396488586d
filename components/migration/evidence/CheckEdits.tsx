'use client';
import { useState } from 'react';
import type { CheckEdit, PhaseCheck } from '#lib/api/migration.ts';
import { Button } from '#components/ui/Button.tsx';
import { DrawerSection } from '#components/ui/Drawer.tsx';
import { Mark } from '#components/ui/Mark.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { Time } from '#components/ui/Time.tsx';
import { ReasonForm } from '../ReasonForm.tsx';
import { visibleLine, visibleLines } from '../visible-lines.ts';
import { thresholdWords } from './check-view.ts';

interface EditProps {
  check: PhaseCheck;
  mayEdit: boolean;
  busy: boolean;
  onEdit: (edit: CheckEdit) => void;
}

/** A statement with a name to it, always shown as such. */
export function AttestSection({ check, mayEdit, busy, onEdit }: EditProps) {
  const { attested, statement } = check;
  return (
    <DrawerSection title="A person states it">
      {statement !== undefined && <p className="mb-3 text-13 text-ink-2">“{visibleLine(statement)}”</p>}
      {attested ? (
        <Said by={attested.by.name} at={attested.at} verb="Stated" text={attested.statement}>
          {mayEdit && (
            <Button size="sm" disabled={busy} onClick={() => onEdit({ edit: 'attest', statement: null })}>
              Take back
            </Button>
          )}
        </Said>
      ) : mayEdit ? (
        <ReasonForm
          label="What you saw"
          hint="It stands with your name to it. Whoever states it cannot approve this gate."
          button="State it"
          least={3}
          busy={busy}
          onSubmit={(text) => onEdit({ edit: 'attest', statement: text })}
        />
      ) : (
        <p className="text-12 text-ink-3">Nobody has stated it yet. An operator of this cluster can.</p>
      )}
    </DrawerSection>
  );
}

/** Taking on a check that does not pass, with a reason. */
export function AcknowledgeSection({ check, mayEdit, busy, onEdit }: EditProps) {
  const { acknowledged } = check;
  if (!acknowledged && check.status === 'pass') return null;
  return (
    <DrawerSection title="Acknowledge it">
      {acknowledged ? (
        <Said by={acknowledged.by.name} at={acknowledged.at} verb="Acknowledged" text={acknowledged.reason}>
          {mayEdit && (
            <Button size="sm" disabled={busy} onClick={() => onEdit({ edit: 'acknowledge', reason: null })}>
              Take back
            </Button>
          )}
        </Said>
      ) : mayEdit ? (
        <ReasonForm
          label="Why the gate may open all the same"
          hint="The gate then takes it as met. Whoever acknowledges it cannot approve this gate."
          button="Acknowledge"
          least={3}
          busy={busy}
          onSubmit={(reason) => onEdit({ edit: 'acknowledge', reason })}
        />
      ) : (
        <p className="text-12 text-ink-3">Not acknowledged. An operator of this cluster can take it on, with a reason.</p>
      )}
    </DrawerSection>
  );
}

/** The number it decides on; an admin may set another one for this migration. */
export function ThresholdSection({ threshold, mayManage, busy, onEdit }: ThresholdProps) {
  const [value, setValue] = useState(String(threshold.value));
  const [editing, setEditing] = useState(false);
  const number = Number(value.trim().replace(',', '.'));
  const usable = value.trim() !== '' && Number.isFinite(number);
  const own = threshold.value !== threshold.default;
  return (
    <DrawerSection title="Threshold">
      <p className="text-13">
        <span className="num">{thresholdWords(threshold)}</span>{' '}
        <span className="text-12 text-ink-3">
          {own ? `the plan has ${thresholdWords(threshold, threshold.default)}` : 'as the plan has it'}
        </span>
      </p>
      {threshold.changedBy && (
        <p className="mt-1 flex items-baseline gap-1.5 text-12 text-ink-2">
          <Mark name="advice" className="translate-y-0.5" />
          <span>
            Changed by {visibleLine(threshold.changedBy.name)}, <Time at={threshold.changedAt} />
          </span>
        </p>
      )}
      {mayManage && !editing && (
        <Button size="sm" className="mt-3" onClick={() => setEditing(true)}>
          Change threshold
        </Button>
      )}
      {mayManage && editing && (
        <div className="mt-3">
          <ReasonForm
            label="Why it is changed"
            hint={`For this migration, in all its environments. It stands in the audit log.`}
            button={usable ? `Set ${thresholdWords(threshold, number)}` : 'Set'}
            least={3}
            busy={busy || !usable}
            onSubmit={(reason) => onEdit({ edit: 'threshold', value: number === threshold.default ? null : number, reason })}
            onCancel={() => setEditing(false)}
          >
            <label className="flex flex-col gap-1 text-12 font-label text-ink-2">
              {`New value${threshold.unit === '' ? '' : `, ${threshold.unit}`} (${threshold.comparison})`}
              <input
                inputMode="decimal"
                value={value}
                onChange={(event) => setValue(event.target.value)}
                aria-invalid={!usable || undefined}
                className={`${inputClass} num`}
              />
            </label>
            {own && (
              <Button size="sm" className="self-start" onClick={() => setValue(String(threshold.default))}>
                Back to the plan: {thresholdWords(threshold, threshold.default)}
              </Button>
            )}
          </ReasonForm>
        </div>
      )}
    </DrawerSection>
  );
}
interface ThresholdProps extends Omit<EditProps, 'mayEdit' | 'check'> {
  threshold: NonNullable<PhaseCheck['threshold']>;
  mayManage: boolean;
}

function Said({ by, at, verb, text, children }: SaidProps) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-2">
      <div className="min-w-0 flex-1 basis-48 text-13">
        <p className="wrap-anywhere whitespace-pre-line">{visibleLines(text)}</p>
        <p className="text-12 text-ink-3">
          {verb} by {visibleLine(by)}, <Time at={at} />
        </p>
      </div>
      {children}
    </div>
  );
}
interface SaidProps {
  by: string;
  at: number;
  verb: string;
  text: string;
  children: React.ReactNode;
}
