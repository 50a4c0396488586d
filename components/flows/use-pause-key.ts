'use client';
import { useEffect, useEffectEvent } from 'react';

/** Space pauses and resumes, wherever the focus is not on something that takes a space itself. */
export function usePauseKey(paused: boolean, setPaused: (paused: boolean) => unknown): void {
  const toggle = useEffectEvent(() => void setPaused(!paused));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== ' ' || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof HTMLElement ? event.target : undefined;
      if (
        target?.closest(
          'input, textarea, select, button, a, summary, [contenteditable], [role=menu], [role=dialog], [role=option]',
        )
      )
        return;
      event.preventDefault();
      toggle();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
