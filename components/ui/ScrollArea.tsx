'use client';
import { type ReactNode, useEffect, useRef, useState } from 'react';

/** Scrolls sideways when its content must. Only then it is a stop for the Tab key, so that the arrow keys reach what is hidden. */
export function ScrollArea({ label, children }: { label: string; children: ReactNode }) {
  const ref = useRef<HTMLElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const area = ref.current;
    if (!area) return undefined;
    const observer = new ResizeObserver(() => setScrolls(area.scrollWidth > area.clientWidth));
    observer.observe(area);
    if (area.firstElementChild) observer.observe(area.firstElementChild);
    return () => observer.disconnect();
  }, []);
  return (
    <section
      ref={ref}
      className="relative overflow-x-auto"
      {...(scrolls ? { tabIndex: 0, 'aria-label': `${label}, scrolls sideways` } : {})}
    >
      {children}
    </section>
  );
}
