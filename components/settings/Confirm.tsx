'use client';
import { type ReactNode, useId, useState } from 'react';
import { Button } from '#components/ui/Button.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { inputClass } from '#components/ui/SearchBox.tsx';
import { useAction } from './use-action.ts';

/**
 * A change that takes something away, asked for in place: it names its object and effect before the button that does it. Where the loss
 * is large the name has to be typed.
 */
export function Confirm({ button, question, effect, action, typeName, disabled = false }: ConfirmProps) {
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const { busy, problem, run, clear } = useAction();
  const id = useId();
  const close = () => {
    setAsking(false);
    setTyped('');
    clear();
  };
  if (!asking) {
    return (
      <Button size="sm" disabled={disabled} onClick={() => setAsking(true)}>
        {button}
      </Button>
    );
  }
  return (
    <fieldset
      aria-describedby={id}
      className="flex flex-col items-start gap-2 rounded-md border border-drop-text bg-surface p-3 text-left whitespace-normal"
    >
      <legend className="contents text-13 font-title">{question}</legend>
      <p id={id} className="text-13 text-ink-2">
        {effect}
      </p>
      {typeName !== undefined && (
        <label className="flex flex-col gap-1 text-12 text-ink-3">
          Type {typeName} to confirm
          <input value={typed} onChange={(event) => setTyped(event.target.value)} className={inputClass} autoComplete="off" />
        </label>
      )}
      {problem !== undefined && <Failed problem={problem} className="p-0" />}
      <div className="flex gap-2">
        <Button
          look="danger"
          disabled={busy || (typeName !== undefined && typed !== typeName)}
          onClick={() => void run(action).then((done) => done && close())}
        >
          {button}
        </Button>
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the question replaced the button that had the focus; the safe answer gets it */}
        <Button autoFocus onClick={close}>
          Cancel
        </Button>
      </div>
    </fieldset>
  );
}
interface ConfirmProps {
  /** The verb, on both buttons: `Revoke`. */
  button: string;
  question: ReactNode;
  /** What will be different afterwards. */
  effect: ReactNode;
  action: () => Promise<unknown>;
  /** Has to be typed first. */
  typeName?: string | undefined;
  disabled?: boolean;
}
