import { cx } from '#components/ui/cx.ts';
import { Button } from '#components/ui/Button.tsx';
import { PlatformMark } from './CardView.tsx';
import { LOOK_STROKE, LookMarkIcon } from './Glyph.tsx';
import type { CanvasModel } from './model.ts';
import type { LineLook, LookMark, LookTone, Overlay } from './overlays.ts';

interface Entry {
  readonly word: string;
  readonly tone: LookTone;
  readonly dash?: LineLook['dash'];
  readonly double?: boolean;
  readonly mark?: LookMark;
}

const LEGENDS: Readonly<Record<Overlay, readonly Entry[]>> = {
  verdict: [
    { word: 'FORWARDED', tone: 'fwd' },
    { word: 'REDIRECTED', tone: 'redir', double: true },
    { word: 'DROPPED', tone: 'drop', dash: 'dashed', mark: 'dropped' },
    { word: 'AUDIT', tone: 'audit', dash: 'dotted', mark: 'audit' },
  ],
  encryption: [
    { word: 'encrypted', tone: 'fwd', mark: 'encrypted' },
    { word: 'plaintext across nodes', tone: 'drop', dash: 'dashed', mark: 'plaintext' },
    { word: 'same node', tone: 'trace', mark: 'same-node' },
    { word: 'unknown', tone: 'trace', dash: 'dotted', mark: 'unknown' },
  ],
  auth: [
    { word: 'authenticated', tone: 'fwd', mark: 'pass' },
    { word: 'refused for want of it', tone: 'drop', dash: 'dashed', mark: 'dropped' },
    { word: 'not demanded', tone: 'trace' },
    { word: 'unknown', tone: 'trace', dash: 'dotted', mark: 'unknown' },
  ],
  policy: [
    { word: 'policy named', tone: 'fwd', mark: 'pass' },
    { word: 'denied', tone: 'drop', dash: 'dashed', mark: 'dropped' },
    { word: 'none named', tone: 'trace', dash: 'dotted', mark: 'unknown' },
  ],
  change: [
    { word: 'new', tone: 'ink', mark: 'new' },
    { word: 'gone', tone: 'ink', dash: 'dashed', mark: 'gone' },
    { word: 'changed', tone: 'ink', mark: 'changed' },
    { word: 'same', tone: 'trace' },
  ],
  'what-if': [
    { word: 'newly denied', tone: 'drop', dash: 'dashed', mark: 'dropped' },
    { word: 'newly allowed', tone: 'fwd', mark: 'pass' },
    { word: 'cannot be told', tone: 'trace', dash: 'dotted', mark: 'unknown' },
    { word: 'no change', tone: 'trace' },
  ],
};

const TEXT: Readonly<Record<LookTone, string>> = {
  fwd: 'text-fwd-text',
  drop: 'text-drop-text',
  audit: 'text-audit-text',
  redir: 'text-redir-text',
  error: 'text-error-text',
  trace: 'text-trace-text',
  ink: 'text-ink',
};

/** What the lines of the overlay mean. */
export function MapLegend({ overlay }: { overlay: Overlay }) {
  return (
    <ul
      aria-label="Legend"
      className="pointer-events-auto flex min-h-8 flex-wrap items-center gap-x-3 rounded-md border border-line-strong bg-surface px-2.5 py-1 text-12"
    >
      {LEGENDS[overlay].map(({ word, tone, dash, double, mark }) => (
        <li key={word} className={cx('flex items-center gap-1.5', TEXT[tone])}>
          <svg
            width="22"
            height="8"
            aria-hidden="true"
            className={cx('fill-none', LOOK_STROKE[tone])}
            strokeWidth="1.8"
            strokeDasharray={dash === 'dashed' ? '6 4' : dash === 'dotted' ? '1.5 4' : undefined}
            strokeLinecap={dash === 'dotted' ? 'round' : 'butt'}
          >
            {double ? <path d="M0 2.5h22M0 5.5h22" strokeWidth="1.4" /> : <path d="M0 4h22" />}
          </svg>
          {mark && <LookMarkIcon mark={mark} />}
          {word}
        </li>
      ))}
    </ul>
  );
}

/** What is counted and what is folded away; unfolds it. */
export function MapCounts({
  model,
  showsPlatform,
  onPlatform,
  hidden,
}: {
  model: CanvasModel;
  showsPlatform: boolean;
  onPlatform: () => void;
  hidden: number;
}) {
  const { dns, scrape, probe } = model.platform;
  const folded = dns + scrape + probe;
  return (
    <div className="pointer-events-auto flex min-h-8 flex-wrap items-center gap-x-2 rounded-md border border-line-strong bg-surface px-2.5 py-1 text-12 text-ink-2">
      <span className="hidden @min-[900px]:inline">×n pods ·</span>
      <span>{model.edges} edges</span>
      {hidden > 0 && <span>· {hidden} hidden</span>}
      {(folded > 0 || showsPlatform) && (
        <Button
          look="quiet"
          size="sm"
          onClick={onPlatform}
          className="-mr-2 gap-1.5 text-12 font-body"
          aria-pressed={showsPlatform}
          title={showsPlatform ? 'Fold DNS, scrapes and probes into marks' : 'Draw them as lines'}
        >
          {showsPlatform ? (
            'fold DNS, scrapes, probes'
          ) : (
            <>
              folded:
              {dns > 0 && <Folded kind="dns" word="DNS" count={dns} />}
              {scrape > 0 && <Folded kind="scrape" word="scrapes" count={scrape} />}
              {probe > 0 && <Folded kind="probe" word="probes" count={probe} />}
            </>
          )}
        </Button>
      )}
    </div>
  );
}

const Folded = ({ kind, word, count }: { kind: 'dns' | 'scrape' | 'probe'; word: string; count: number }) => (
  <span className="inline-flex items-center gap-1">
    <PlatformMark kind={kind} /> {word} {count}
  </span>
);
