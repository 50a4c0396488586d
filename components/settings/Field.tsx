import { type ReactElement, type ReactNode, cloneElement, useId } from 'react';

/** A labelled field with its hint and its problem, tied together for screen readers. `children` is the one input. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const described = [hint === undefined ? '' : `${id}-hint`, problem === undefined ? '' : `${id}-problem`]
    .filter(Boolean)
    .join(' ');
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-12 font-label text-ink-2">
        {label}
      </label>
      {cloneElement(children, {
        id,
        ...(described === '' ? {} : { 'aria-describedby': described }),
        ...(problem === undefined ? {} : { 'aria-invalid': true }),
      })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-12 text-ink-3">
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p id={`${id}-problem`} role="alert" className="text-12 text-drop-text">
          {problem}
        </p>
      )}
    </div>
  );
}
interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string | undefined;
  children: ReactElement<{ id?: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }>;
}
