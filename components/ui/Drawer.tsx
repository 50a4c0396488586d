'use client';
import { Link2, X } from 'lucide-react';
import { type ReactNode, useEffect, useEffectEvent, useId, useRef, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { Button } from './Button.tsx';
import { CopyButton } from './CopyButton.tsx';
import { cx } from './cx.ts';

/** Where the frame makes room for a drawer. Without a frame (a test) the drawer stands where it is rendered. */
export const DRAWER_SLOT = 'drawer-slot';
const findSlot = () => document.getElementById(DRAWER_SLOT);
const notYet = () => undefined;
const never = () => () => undefined;

/**
 * Detail at the right. From 1280 pixels on it takes room beside the page, below it lies over the page, on phones it is a bottom sheet.
 * It is no modal: the page stays usable. Esc closes it, and focus goes back to where it came from.
 */
export function Drawer({ kind, title, chips, onClose, footer, children, wide = false, shareLabel = 'Copy link' }: DrawerProps) {
  const titleId = useId();
  const panel = useRef<HTMLElement>(null);
  const slot = useSyncExternalStore(never, findSlot, notYet);

  const ready = slot !== undefined;
  useEffect(() => {
    if (!ready) return undefined;
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    const own = panel.current;
    return () => {
      // Only give focus back when it would be lost with the drawer; the person may have moved on.
      const lost = document.activeElement === document.body || own?.contains(document.activeElement);
      if (lost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [ready]);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    const target = event.target instanceof HTMLElement ? event.target : undefined;
    // Esc in a field of the page belongs to the field.
    if (target?.matches('input, textarea, select') && !panel.current?.contains(target)) return;
    onClose();
  });
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  if (!ready) return null;
  const drawer = (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-labelledby={titleId}
      data-drawer
      className={cx(
        'z-30 flex min-w-0 flex-col bg-surface outline-none',
        'fixed inset-x-0 bottom-0 max-h-[62dvh] rounded-t-lg border-t border-line-strong',
        'md:absolute md:inset-y-0 md:right-0 md:left-auto md:max-h-none md:rounded-none md:border-t-0 md:border-l md:border-line',
        'xl:static xl:h-full',
        wide ? 'md:w-[440px]' : 'md:w-[420px]',
      )}
    >
      <span aria-hidden="true" className="mx-auto mt-2 h-1 w-9 shrink-0 rounded-full bg-line-strong md:hidden" />
      <header className="flex shrink-0 items-start gap-2 border-b border-line px-4 pt-2 pb-3 md:pt-4">
        <div className="flex min-w-0 flex-1 flex-col gap-2">
          <div className="min-w-0">
            {kind !== undefined && <p className="text-12 text-ink-3">{kind}</p>}
            <h2 id={titleId} className="min-w-0 text-16 font-title wrap-anywhere">
              {title}
            </h2>
          </div>
          {chips !== undefined && <div className="flex flex-wrap items-center gap-2 text-12 text-ink-3">{chips}</div>}
        </div>
        <CopyButton
          look="quiet"
          text={() => window.location.href}
          label={shareLabel}
          icon={<Link2 size={15} aria-hidden="true" />}
        />
        <Button look="quiet" size="icon" aria-label="Close" onClick={onClose}>
          <X size={16} aria-hidden="true" />
        </Button>
      </header>
      <div
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and may hold nothing that the keyboard could stop at
        tabIndex={0}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain outline-offset-[-2px]!"
      >
        {children}
      </div>
      {footer !== undefined && (
        <footer className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line px-4 py-2.5">{footer}</footer>
      )}
    </aside>
  );
  return slot ? createPortal(drawer, slot) : drawer;
}
interface DrawerProps {
  /** What it is, in a word: `Edge`, `Dropped pair`. */
  kind?: ReactNode;
  title: ReactNode;
  chips?: ReactNode;
  onClose: () => void;
  /** Actions; the primary one first. */
  footer?: ReactNode;
  children: ReactNode;
  wide?: boolean;
  shareLabel?: string;
}

/** A part of a drawer, with its heading and a hairline to the next. */
export function DrawerSection({ title, aside, children, tone }: DrawerSectionProps) {
  return (
    <section
      className={cx('border-b border-line px-4 py-4', tone === 'advice' && 'bg-audit-tint', tone === 'drop' && 'bg-drop-tint')}
    >
      {(title !== undefined || aside !== undefined) && (
        <div className="mb-2 flex items-baseline justify-between gap-3">
          <h3 className="text-14 font-title">{title}</h3>
          {aside !== undefined && <span className="text-12 text-ink-3">{aside}</span>}
        </div>
      )}
      {children}
    </section>
  );
}
interface DrawerSectionProps {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  tone?: 'advice' | 'drop';
}
