'use client';
import { useSyncExternalStore } from 'react';

let asked = false;

const paper = () => (typeof window.matchMedia === 'function' ? window.matchMedia('print') : undefined);

function subscribe(listener: () => void): () => void {
  const say = (next: boolean) => () => {
    asked = next;
    listener();
  };
  const [begin, end, media] = [say(true), say(false), paper()];
  window.addEventListener('beforeprint', begin);
  window.addEventListener('afterprint', end);
  media?.addEventListener('change', listener);
  return () => {
    window.removeEventListener('beforeprint', begin);
    window.removeEventListener('afterprint', end);
    media?.removeEventListener('change', listener);
  };
}

/** Whether the page is being drawn for paper: only then its document stands in the page, so that nothing is there twice. */
export const usePrinting = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => asked || paper()?.matches === true,
    () => false,
  );
