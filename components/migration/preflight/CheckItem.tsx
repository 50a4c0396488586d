'use client';
import { useEffect, useRef, useState } from 'react';
import type { PreflightEntry, PreflightReport } from '#lib/api/preflight.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Button } from '#components/ui/Button.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { cx } from '#components/ui/cx.ts';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Link2 } from 'lucide-react';
import { UploadEvidence } from '../uploads/UploadEvidence.tsx';
import { CheckWord } from './CheckWord.tsx';
import { InputHint } from './InputHint.tsx';
import { PhaseChips } from './PhaseChips.tsx';
import { takesFile } from './preflight-view.ts';

/** Findings shown before all are asked for. */
const FEW = 6;

/** One check: what it says and on what; opened also why it is asked, how to mend it and who says so. What does not pass shows its findings unasked. */
export function CheckItem({ entry, inputs, open, onToggle, upload }: CheckItemProps) {
  const { check, title, status, gates, acknowledge, findings, findingsTotal, missing, why, fix, links } = entry;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  const shown = open || status !== 'pass';
  const details = `check-${check}-details`;
  return (
    <li
      ref={row}
      id={`check-${check}`}
      className={cx('scroll-m-4 border-t border-line first:border-t-0', open && 'shadow-[inset_2px_0_0_var(--accent)]')}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
        <CheckWord status={status} className="w-20 text-13" />
        <h3 className="min-w-0 flex-1 basis-60 text-13 font-title max-md:order-first max-md:basis-full">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={open ? details : undefined}
            onClick={onToggle}
            className="ring-focus min-h-6 rounded-sm text-left wrap-anywhere hover:underline"
          >
            <span className="num mr-2 inline-block min-w-5 text-right font-body text-ink-3">{check}</span>
            {title}
          </button>
        </h3>
        <span className="flex flex-wrap items-center gap-1.5">
          <PhaseChips gates={gates} acknowledge={acknowledge} />
          <CopyButton
            look="quiet"
            size="icon"
            label={`Copy link to check ${check}`}
            icon={<Link2 size={14} aria-hidden="true" />}
            text={() => {
              const url = new URL(window.location.href);
              url.searchParams.set('check', String(check));
              return url.href;
            }}
          />
        </span>
      </div>
      {shown && (
        <div id={details} className="flex flex-col gap-3 px-4 pb-4 md:pl-27">
          {findings.length > 0 && <Findings findings={findings} total={findingsTotal} of={status} />}
          {missing.length > 0 && <Missing missing={missing} inputs={inputs} upload={open ? upload : undefined} />}
          {open && (
            <>
              <p className="max-w-prose text-13 text-ink-2">
                <span className="font-label text-ink">Why: </span>
                {why}
              </p>
              {fix !== '' && (
                <p className="max-w-prose text-13 wrap-anywhere text-ink-2">
                  <span className="font-label text-ink">What to do: </span>
                  {fix}
                </p>
              )}
              {links.length > 0 && (
                <ul aria-label="Behind it" className="flex flex-wrap gap-x-4 gap-y-1 text-13">
                  {links.map(({ title: name, url }) => (
                    <li key={url}>
                      <a
                        href={url}
                        target="_blank"
                        rel="noopener noreferrer"
                        className="ring-focus rounded-sm text-accent-text hover:underline"
                      >
                        {name}
                      </a>
                    </li>
                  ))}
                </ul>
              )}
            </>
          )}
        </div>
      )}
    </li>
  );
}
interface CheckItemProps {
  entry: PreflightEntry;
  inputs: PreflightReport['inputs'];
  open: boolean;
  onToggle: () => void;
  /** Where a missing file can be given; undefined for those who may not. */
  upload: UploadTarget | undefined;
}
export interface UploadTarget {
  readonly cluster: string;
  readonly onUploaded: () => void;
}

/** What was found, in the order of its weight. */
function Findings({
  findings,
  total,
  of,
}: {
  findings: PreflightEntry['findings'];
  total: number;
  of: PreflightEntry['status'];
}) {
  const [all, setAll] = useState(false);
  const list = all ? findings : findings.slice(0, FEW);
  return (
    <div className="flex flex-col items-start gap-1.5">
      <ul className="flex w-full flex-col gap-1.5">
        {list.map(({ status, object, message, fix }) => (
          <li
            key={`${status} ${object} ${message}`}
            className="grid grid-cols-[12px_minmax(0,1fr)] items-baseline gap-x-2 text-13"
          >
            {/* Only what says something else than its check needs its own mark. */}
            {status === of ? (
              <span aria-hidden="true" className="text-center text-ink-3">
                ·
              </span>
            ) : (
              <Mark name={status} label={status} className="translate-y-0.5" />
            )}
            <span className="min-w-0">
              <span className="mr-2 font-mono text-12 wrap-anywhere text-ink">{visibleText(object)}</span>
              <span className="wrap-anywhere text-ink-2">{visibleText(message)}</span>
              {fix !== undefined && (
                <span className="block text-12 wrap-anywhere text-ink-3">
                  <span className="font-label text-ink-2">Fix: </span>
                  {visibleText(fix)}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {!all && findings.length > FEW && (
        <Button look="quiet" size="sm" onClick={() => setAll(true)}>
          Show {findings.length < total ? `${exact(findings.length)} of ${exact(total)}` : `all ${exact(total)}`} findings
        </Button>
      )}
      {all && findings.length < total && (
        <p className="text-12 text-ink-3">
          The first {exact(findings.length)} of {exact(total)}; the command line lists all.
        </p>
      )}
    </div>
  );
}

/** Inputs without which it cannot say, each with the command that provides it. */
function Missing({
  missing,
  inputs,
  upload,
}: Pick<CheckItemProps, 'inputs' | 'upload'> & { missing: PreflightEntry['missing'] }) {
  return (
    <div className="flex flex-col gap-2">
      <ul aria-label="Missing inputs" className="flex flex-col gap-1">
        {missing.map((name) => {
          const input = inputs.find((each) => each.name === name);
          return (
            <li key={name} className="flex min-w-0 flex-wrap items-center gap-x-2 text-13">
              <span className="flex items-center gap-1.5">
                <Mark name="unknown" />
                <span className="font-mono text-12">{name}</span> <span className="text-ink-3">missing</span>
              </span>
              {input && <InputHint input={input} />}
            </li>
          );
        })}
      </ul>
      {upload && missing.some(takesFile) && <UploadEvidence kinds={[]} {...upload} />}
    </div>
  );
}
