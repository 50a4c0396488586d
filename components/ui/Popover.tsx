'use client';
import {
  type ReactElement,
  type ReactNode,
  type RefObject,
  cloneElement,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { cx } from './cx.ts';

/** Pixels between the button and what it opened, and between that and the edges of the window. */
const [OFFSET, PADDING] = [6, 12];
const FOCUSABLE = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled)';

/**
 * What opens below a button and holds more than a list of actions. `trigger` is a button that hands its properties on. Escape, a press elsewhere
 * and the focus going elsewhere close it; the focus comes back to the button from inside. The browser's own top layer carries it.
 */
export function Popover({ trigger, label, children, align = 'start', open, onOpenChange, className }: PopoverProps) {
  const id = useId();
  const [own, setOwn] = useState(false);
  const shown = open ?? own;
  const anchor = useRef<HTMLSpanElement>(null);
  const change = (next: boolean) => {
    setOwn(next);
    onOpenChange?.(next);
  };
  return (
    <>
      <span ref={anchor} className="contents">
        {cloneElement(trigger, {
          onClick: () => change(!shown),
          'aria-haspopup': 'dialog',
          'aria-expanded': shown,
          'aria-controls': shown ? id : undefined,
        })}
      </span>
      {shown && (
        <Panel id={id} label={label} align={align} className={className} anchor={anchor} onClose={() => change(false)}>
          {children}
        </Panel>
      )}
    </>
  );
}
interface PopoverProps {
  trigger: ReactElement<TriggerProps>;
  /** Names the opened part for screen readers. */
  label: string;
  children: ReactNode;
  align?: 'start' | 'end';
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  className?: string;
}
interface TriggerProps {
  onClick?: () => void;
  'aria-haspopup'?: 'dialog';
  'aria-expanded'?: boolean;
  'aria-controls'?: string | undefined;
}

const buttonIn = (anchor: HTMLElement | null) => anchor?.querySelector<HTMLElement>('button') ?? undefined;

function Panel({ id, label, align, className, anchor, onClose, children }: PanelProps) {
  const panel = useRef<HTMLDivElement>(null);
  const close = useEffectEvent(onClose);
  const place = useEffectEvent(() => {
    const [element, from] = [panel.current, buttonIn(anchor.current)?.getBoundingClientRect()];
    if (!element || !from) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const wanted = align === 'end' ? from.right - width : from.left;
    const left = Math.max(PADDING, Math.min(wanted, window.innerWidth - PADDING - width));
    const below = from.bottom + OFFSET;
    const fits = below + height + PADDING <= window.innerHeight || from.top < window.innerHeight / 2;
    element.style.left = `${left}px`;
    element.style.top = `${fits ? below : Math.max(PADDING, from.top - OFFSET - height)}px`;
  });

  useLayoutEffect(() => {
    const element = panel.current;
    // Browsers of before 2024 draw it where it stands, by its `position`.
    element?.showPopover?.();
    place();
    (element?.querySelector<HTMLElement>(FOCUSABLE) ?? element)?.focus({ preventScroll: true });
    const opener = buttonIn(anchor.current);
    return () => {
      if (element?.contains(document.activeElement) || document.activeElement === document.body)
        opener?.focus({ preventScroll: true });
    };
  }, [anchor]);
  useEffect(() => {
    const elsewhere = ({ target }: Event) =>
      target instanceof Node && !panel.current?.contains(target) && !buttonIn(anchor.current)?.contains(target);
    const onElsewhere = (event: Event) => elsewhere(event) && close();
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
    };
    const observer = new ResizeObserver(() => place());
    if (panel.current) observer.observe(panel.current);
    const follow = () => place();
    document.addEventListener('pointerdown', onElsewhere, true);
    document.addEventListener('focusin', onElsewhere);
    document.addEventListener('keydown', onKey, true);
    window.addEventListener('resize', follow);
    window.addEventListener('scroll', follow, true);
    return () => {
      observer.disconnect();
      document.removeEventListener('pointerdown', onElsewhere, true);
      document.removeEventListener('focusin', onElsewhere);
      document.removeEventListener('keydown', onKey, true);
      window.removeEventListener('resize', follow);
      window.removeEventListener('scroll', follow, true);
    };
  }, [anchor]);

  return (
    <div
      ref={panel}
      id={id}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a dialog element opens by rules of its own
      role="dialog"
      aria-label={label}
      popover="manual"
      tabIndex={-1}
      className={cx(
        'fixed inset-auto z-50 m-0 max-h-[min(70dvh,560px)] max-w-[calc(100vw-24px)] overflow-auto rounded-md border border-line-strong bg-surface p-0 text-left text-13 font-body whitespace-normal text-ink outline-none',
        className,
      )}
    >
      {children}
    </div>
  );
}
interface PanelProps extends Required<Pick<PopoverProps, 'label' | 'align' | 'children'>> {
  id: string;
  className: string | undefined;
  /** Holds the button that opened it. */
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
}
