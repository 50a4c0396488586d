'use client';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '#components/ui/Button.tsx';
import { cx } from '#components/ui/cx.ts';
import { inputClass } from '#components/ui/SearchBox.tsx';

/**
 * Asks in place for words before something is done: a reason, a comment, a statement. `least` characters are needed; with `typeName` the
 * name of what is at stake as well.
 */
export function ReasonForm({
  label,
  hint,
  button,
  look = 'plain',
  least = 0,
  typeName,
  busy,
  onSubmit,
  onCancel,
  children,
}: ReasonFormProps) {
  const [text, setText] = useState('');
  const [typed, setTyped] = useState('');
  const id = useId();
  const short = text.trim().length < least;
  const unnamed = typeName !== undefined && typed.trim() !== typeName;
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!short && !unnamed) onSubmit(text.trim());
      }}
    >
      {children}
      <label htmlFor={id} className="text-12 font-label text-ink-2">
        {label}
      </label>
      <textarea
        id={id}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the form took the place of the button that had the focus
        autoFocus={onCancel !== undefined}
        value={text}
        onChange={(event) => setText(event.target.value)}
        maxLength={2000}
        rows={3}
        aria-describedby={`${id}-hint`}
        className={cx(inputClass, 'h-auto! resize-y py-1.5')}
      />
      <p id={`${id}-hint`} className="text-12 text-ink-3">
        {hint}
        {least > 0 && ` At least ${least} characters${text === '' ? '' : `: ${text.trim().length} so far`}.`}
      </p>
      {typeName !== undefined && (
        <label className="flex flex-col gap-1 text-12 font-label text-ink-2">
          Type {typeName} to confirm
          <input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" className={inputClass} />
        </label>
      )}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look={look} disabled={busy || short || unnamed}>
          {button}
        </Button>
        {onCancel && <Button onClick={onCancel}>Cancel</Button>}
      </div>
    </form>
  );
}
interface ReasonFormProps {
  label: ReactNode;
  hint?: ReactNode;
  /** The verb. */
  button: string;
  look?: 'plain' | 'primary' | 'danger';
  least?: number;
  typeName?: string | undefined;
  busy: boolean;
  onSubmit: (text: string) => void;
  /** Absent where the form stands there always. */
  onCancel?: (() => void) | undefined;
  /** Above the field: what will happen. */
  children?: ReactNode;
}
