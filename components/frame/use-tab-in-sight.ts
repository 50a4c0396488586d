'use client';
import { type RefObject, useEffect, useRef } from 'react';

/** For a row of links that scrolls on phones: the one at `place` is brought into sight. */
export function useTabInSight(place: number): RefObject<HTMLElement | null> {
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    const { current } = row;
    const tab = current?.querySelectorAll<HTMLElement>('a')[place];
    if (current && tab) current.scrollLeft = tab.offsetLeft + tab.offsetWidth - current.clientWidth;
  }, [place]);
  return row;
}
