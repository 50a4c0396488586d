'use client';
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Button } from './Button.tsx';

/** Copies `text`; says so for a moment, also to screen readers. `children` is the visible label (an icon alone when absent). */
export function CopyButton({ text, label, children, look = 'plain', icon, size }: CopyButtonProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), 1600);
    return () => clearTimeout(timer);
  }, [state]);

  const copy = () =>
    navigator.clipboard.writeText(typeof text === 'function' ? text() : text).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  return (
    <Button
      look={look}
      size={size ?? (children === undefined ? 'icon' : 'md')}
      aria-label={children === undefined ? label : undefined}
      title={label}
      onClick={() => void copy()}
    >
      {state === 'copied' ? <Check size={14} aria-hidden="true" /> : (icon ?? <Copy size={14} aria-hidden="true" />)}
      {children}
      <output className="sr-only">
        {state === 'copied' && 'Copied'}
        {state === 'refused' && 'The browser did not allow copying'}
      </output>
    </Button>
  );
}
interface CopyButtonProps {
  text: string | (() => string);
  /** What is copied, as an accessible name and hover. */
  label: string;
  children?: ReactNode;
  look?: 'plain' | 'quiet';
  icon?: ReactNode;
  size?: 'md' | 'sm' | 'icon';
}
