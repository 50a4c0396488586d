'use client';
import { useEffect, useState } from 'react';
import { Time } from '#components/ui/Time.tsx';
import type { SeenChange } from './use-migration.ts';
import { asSentence, visibleLine } from './visible-lines.ts';

/** Changes may come many a second; more than one in this time is not read out. */
const SPEAK_MS = 3000;

/** What was changed last, by whom, while one looks: "k.novak ticked 3.wireguard, 2 s ago". Read out politely, and not too often. */
export function ChangeLine({ seen }: { seen: SeenChange | undefined }) {
  const words = seen === undefined ? '' : sentenceOf(seen);
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    if (words === '') return undefined;
    const timer = setTimeout(() => setSpoken(words), spoken === '' ? 0 : SPEAK_MS);
    return () => clearTimeout(timer);
  }, [words, spoken]);
  return (
    <>
      <output className="sr-only">{spoken}</output>
      {seen && (
        <p className="flex min-w-0 items-center gap-2 text-12 text-ink-3 print:hidden">
          <span aria-hidden="true" className="size-2 shrink-0 rounded-full bg-fwd-fill" />
          <span className="min-w-0 truncate">
            {words}, <Time at={seen.at} />
          </span>
        </p>
      )}
    </>
  );
}

const sentenceOf = ({ change }: SeenChange): string =>
  visibleLine(change.by ? `${change.by.name} ${change.text}` : asSentence(change.text));
