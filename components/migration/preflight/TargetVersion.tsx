'use client';
import { type FormEvent, useId, useState } from 'react';
import { PreflightQuery } from '#lib/api/preflight.ts';
import { Button } from '#components/ui/Button.tsx';
import { cx } from '#components/ui/cx.ts';
import { inputClass } from '#components/ui/SearchBox.tsx';

/** The Cilium version it goes to: asked for with Enter, so that half a version is no question. */
export function TargetVersion({ target, shown, action, onChange }: TargetVersionProps) {
  const [typed, setTyped] = useState(target);
  const [wrong, setWrong] = useState(false);
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const version = typed.trim();
    const fine = version === '' || isVersion(version);
    setWrong(!fine);
    if (fine) onChange(version);
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-wrap items-center gap-2">
      <label htmlFor={id} className="text-12 text-ink-3">
        Target version
      </label>
      <input
        id={id}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder={isVersion(shown) ? shown : '1.19.5'}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={wrong || undefined}
        aria-describedby={wrong ? `${id}-problem` : undefined}
        className={cx(inputClass, 'w-24 font-mono text-12')}
      />
      <Button type="submit">{action}</Button>
      {wrong && (
        <p id={`${id}-problem`} role="alert" className="text-12 text-drop-text">
          A version, for example 1.19.5
        </p>
      )}
    </form>
  );
}
interface TargetVersionProps {
  /** What the address asks for; empty where it leaves it to the console. */
  target: string;
  /** What the console took. */
  shown: string;
  /** Words of the button. */
  action: string;
  onChange: (target: string) => void;
}

const isVersion = (text: string): boolean => text !== '' && PreflightQuery.shape.target.safeParse(text).success;
