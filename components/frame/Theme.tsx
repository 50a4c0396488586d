'use client';
import { Moon, Sun } from 'lucide-react';
import { ThemeProvider, useTheme } from 'next-themes';
import type { ReactNode } from 'react';
import { Button } from '#components/ui/Button.tsx';

/** Light, dark or the system's choice, as `data-theme` on the document before the first paint. */
export function Theme({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  return (
    <ThemeProvider
      attribute="data-theme"
      defaultTheme="system"
      enableSystem
      disableTransitionOnChange
      {...(nonce === undefined ? {} : { nonce })}
      // React keeps no nonce in the browser's copy of the element: the difference means nothing.
      scriptProps={{ suppressHydrationWarning: true }}
    >
      {children}
    </ThemeProvider>
  );
}

/** What the theme becomes on the next press: always the other of the two in sight. */
export function useThemeSwitch(): () => void {
  const { resolvedTheme, setTheme } = useTheme();
  return () => setTheme(resolvedTheme === 'dark' ? 'light' : 'dark');
}

/** Switches between light and dark. Both icons are there and CSS shows one, so that server and browser draw the same. */
export function ThemeButton() {
  const toggle = useThemeSwitch();
  return (
    <Button
      look="quiet"
      size="icon"
      aria-label="Switch between light and dark"
      title="Switch between light and dark"
      onClick={toggle}
    >
      <Moon size={16} aria-hidden="true" className="dark:hidden" />
      <Sun size={16} aria-hidden="true" className="hidden dark:block" />
    </Button>
  );
}
