'use client';
import { useEffect, useRef } from 'react';
import { Button } from '#components/ui/Button.tsx';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['← ↑ → ↓', 'walk to the next card, along lines first'],
  ['Enter', 'select the card, or the line stepped to'],
  ['L, Shift L', 'step through the lines of the card'],
  ['Space', 'fold or unfold the namespace'],
  ['F', 'show the neighbourhood of the card alone, or all again'],
  ['+ −', 'zoom'],
  ['0', 'fit the map'],
  ['T', 'map or table'],
  ['/', 'find'],
  ['Esc', 'clear selection, focus, walk'],
  ['?', 'this list'],
];

/** The keys of the map. */
export function MapHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="map-keys"
      onClose={onClose}
      className="m-auto w-96 max-w-[calc(100vw-24px)] rounded-md border border-line-strong bg-surface p-4 text-13 text-ink backdrop:bg-ink/30"
    >
      <h2 id="map-keys" className="mb-2 text-14 font-title">
        Keys of the map
      </h2>
      <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1.5">
        {KEYS.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt className="font-mono text-12 text-ink-2">{keys}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <Button className="mt-4" onClick={onClose}>
        Close
      </Button>
    </dialog>
  );
}
