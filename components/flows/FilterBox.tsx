'use client';
import { Search, X } from 'lucide-react';
import { type ChangeEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { type Completion, type SeenValues, complete } from '#lib/flow/filter-complete.ts';
import { parseFilter } from '#lib/flow/filter-text.ts';
import { visibleText } from '#lib/flow/text.ts';
import { cx } from '#components/ui/cx.ts';
import { choose, segmentsOf, settledProblems } from './filter-box.ts';

/** The search box of the filter language: completion from what is seen, problems marked in place. Enter applies. */
export function FilterBox({ value, onApply, seen, label, placeholder, onFocus, className }: FilterBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState(value);
  const [caret, setCaret] = useState<number>();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  // The filter changes from outside too: chips, links, the back button.
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    // What this box applied itself comes back here: the text stays as typed, with its space, so that the next term can follow.
    if (draft.trim() !== value) {
      setDraft(value);
      setOpen(false);
    }
  }

  const parsed = parseFilter(draft);
  const problems = parsed.ok ? [] : parsed.problems;
  const typing = caret !== undefined && draft.trim() !== value;
  const shownProblems = settledProblems(problems, typing ? caret : undefined);
  const completions = open && caret !== undefined ? complete(draft, caret, seen()) : undefined;
  const options = completions?.options ?? [];

  const place = (at: number) => {
    setCaret(at);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  const apply = (text: string) => {
    setOpen(false);
    setActive(-1);
    if (parseFilter(text).ok) onApply(text.trim());
    else setCaret(undefined);
  };
  const take = (option: Completion) => {
    if (!completions) return;
    const next = choose(draft, completions, option);
    setDraft(next.text);
    setActive(-1);
    place(next.caret);
    setOpen(!next.finished);
    if (next.finished && parseFilter(next.text).ok) onApply(next.text.trim());
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const chosen = options[active];
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        event.preventDefault();
        if (!open) return setOpen(true);
        const by = event.key === 'ArrowDown' ? 1 : -1;
        // One place beyond the options is the text itself.
        return setActive((before) => ((before + 1 + by + options.length + 1) % (options.length + 1)) - 1);
      }
      case 'Enter':
        event.preventDefault();
        return open && chosen ? take(chosen) : apply(draft);
      case 'Tab':
        if (open && chosen) {
          event.preventDefault();
          take(chosen);
        }
        return;
      case 'Escape':
        if (open) {
          event.preventDefault();
          setOpen(false);
          setActive(-1);
        } else if (draft.trim() !== value) {
          event.preventDefault();
          setDraft(value);
        }
    }
  };
  const onChange = (event: ChangeEvent<HTMLInputElement>) => {
    setDraft(event.target.value);
    setCaret(event.target.selectionStart ?? event.target.value.length);
    setOpen(true);
    setActive(-1);
  };
  useEffect(() => {
    if (active >= 0) document.getElementById(`${id}-option-${active}`)?.scrollIntoView({ block: 'nearest' });
  }, [active, id]);

  const listed = open && options.length > 0;
  const invalid = shownProblems.length > 0 && !typing;
  return (
    <div className={cx('relative min-w-0', className)}>
      <div className="relative flex items-center overflow-hidden rounded-md border border-control-line bg-surface has-focus-visible:shadow-(--ring)">
        <Search size={14} aria-hidden="true" className="pointer-events-none absolute left-2.5 z-10 text-ink-3" />
        <div
          aria-hidden="true"
          className="pointer-events-none absolute inset-y-0 right-8 left-8 flex items-center overflow-hidden"
        >
          <div ref={mirror} className="font-mono text-12 whitespace-pre text-transparent">
            {segmentsOf(draft, shownProblems).map((segment, index) => (
              <span
                // oxlint-disable-next-line react/no-array-index-key -- a segment is its place
                key={index}
                className={cx(
                  segment.term && 'rounded-sm bg-hover shadow-[0_0_0_2px_var(--hover)]',
                  segment.problem && 'underline decoration-drop-text decoration-wavy underline-offset-2',
                )}
              >
                {segment.text}
              </span>
            ))}
          </div>
        </div>
        <input
          ref={input}
          role="combobox"
          aria-label={label}
          aria-autocomplete="list"
          aria-expanded={listed}
          aria-controls={`${id}-list`}
          aria-activedescendant={active >= 0 ? `${id}-option-${active}` : undefined}
          aria-invalid={invalid || undefined}
          aria-describedby={invalid ? `${id}-problems` : undefined}
          value={draft}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          enterKeyHint="search"
          onChange={onChange}
          onKeyDown={onKeyDown}
          onFocus={() => {
            setCaret(input.current?.selectionStart ?? draft.length);
            onFocus?.();
          }}
          onClick={() => {
            setCaret(input.current?.selectionStart ?? draft.length);
            setOpen(true);
          }}
          // Enter is told as a selection, too: what was applied is no longer being typed.
          onSelect={() => setCaret((before) => (before === undefined ? before : (input.current?.selectionStart ?? undefined)))}
          onBlur={() => {
            setCaret(undefined);
            setOpen(false);
            setActive(-1);
            if (draft.trim() !== value && parsed.ok) apply(draft);
          }}
          onScroll={() => {
            if (mirror.current && input.current) mirror.current.style.transform = `translateX(${-input.current.scrollLeft}px)`;
          }}
          className="relative h-9 w-full bg-transparent text-ellipsis pr-8 pl-8 font-mono text-12 text-ink outline-none placeholder:text-ink-3 md:h-7"
        />
        {draft !== '' && (
          <button
            type="button"
            aria-label="Clear the filter"
            onClick={() => {
              setDraft('');
              apply('');
              input.current?.focus();
            }}
            className="ring-focus absolute right-1 inline-flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
          >
            <X size={14} aria-hidden="true" />
          </button>
        )}
      </div>
      {/* A listbox as ARIA's combobox pattern has it: no native element can be filtered, explained and stay open while typing. */}
      <ul
        id={`${id}-list`}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role, jsx-a11y/prefer-tag-over-role
        role="listbox"
        aria-label="Completions"
        hidden={!listed}
        className="absolute inset-x-0 top-full z-40 mt-1 max-h-80 overflow-auto rounded-md border border-line-strong bg-surface p-1 text-12 md:max-w-xl"
      >
        {options.map((option, index) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- keys are the input's
          <li
            key={option.label}
            id={`${id}-option-${index}`}
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-to-interactive-role, jsx-a11y/prefer-tag-over-role
            role="option"
            aria-selected={index === active}
            // The input keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(option)}
            onPointerMove={() => setActive(index)}
            className={cx(
              'flex min-h-9 cursor-default items-center gap-3 rounded-sm px-2 md:min-h-7',
              index === active && 'bg-hover',
            )}
          >
            <span className="max-w-[60%] shrink-0 truncate font-mono text-ink">{visibleText(option.label)}</span>
            <span className="truncate text-ink-3">{option.help}</span>
          </li>
        ))}
      </ul>
      {invalid && !listed && (
        <div
          id={`${id}-problems`}
          role="alert"
          className="absolute inset-x-0 top-full z-30 mt-1 rounded-md border border-drop-text bg-surface p-2 text-12"
        >
          <ul>
            {shownProblems.slice(0, 4).map((problem) => (
              <li key={`${problem.from} ${problem.message}`} className="flex gap-2 py-0.5">
                <button
                  type="button"
                  className="ring-focus num shrink-0 rounded-sm text-ink-3 hover:text-ink hover:underline"
                  onClick={() => {
                    input.current?.focus();
                    input.current?.setSelectionRange(problem.from, problem.to);
                  }}
                >
                  at {problem.from + 1}
                </button>
                <span className="min-w-0 wrap-anywhere text-ink-2">{problem.message}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
interface FilterBoxProps {
  /** The filter that is applied. */
  value: string;
  /** Called with a filter that can be read. */
  onApply: (filter: string) => void;
  /** Values seen, asked for when completions are shown. */
  seen: () => SeenValues;
  label: string;
  placeholder: string;
  onFocus?: () => void;
  className?: string;
}
