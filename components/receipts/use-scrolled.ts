'use client';
import { useEffect } from 'react';

/** Tells whether the page is scrolled down. */
export function useScrolled(scrolled: (down: boolean) => void): void {
  useEffect(() => {
    const content = document.getElementById('content');
    const tell = () => scrolled((content?.scrollTop ?? 0) > 0);
    content?.addEventListener('scroll', tell, { passive: true });
    return () => content?.removeEventListener('scroll', tell);
  }, [scrolled]);
}
