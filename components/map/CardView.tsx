import {
  Box,
  Cloud,
  Database,
  Folder,
  Globe,
  Layers,
  type LucideIcon,
  Network,
  Server,
  Signpost,
  SquareTerminal,
} from 'lucide-react';
import { createElement } from 'react';
import { MixBar } from '#components/charts/MixBar.tsx';
import { cx } from '#components/ui/cx.ts';
import type { Card } from './model.ts';

const ICON = { size: 14, 'aria-hidden': true } as const;

export interface CardLook {
  readonly selected: boolean;
  readonly dimmed: boolean;
  /** The keyboard walk stands here. */
  readonly cursor: boolean;
}

/** One card: icon by kind, name, pods, mix of verdicts, marks of folded platform traffic. */
export function CardView({ card, look }: { card: Card; look: CardLook }) {
  const outside = card.place !== 'island';
  return (
    <div
      className={cx(
        'relative flex size-full min-w-0 border bg-surface text-13 text-ink transition-opacity duration-100',
        outside
          ? '@container items-center gap-2 rounded-full border-dashed border-control-line px-3'
          : 'flex-col justify-center gap-1.5 rounded-md border-line-strong px-2',
        look.selected && 'border-solid border-accent outline-2 outline-accent',
        look.cursor && 'outline-2 outline-offset-3 outline-accent',
        look.dimmed && 'opacity-45',
      )}
      title={titleOf(card)}
    >
      {outside ? (
        <>
          {/* Where there is little room the name matters more. */}
          {createElement(iconOf(card), { ...ICON, className: 'shrink-0 text-ink-3 @max-[88px]:hidden' })}
          <span className="flex min-w-0 flex-col leading-4">
            <span className="truncate font-label">{card.title}</span>
            <span className="truncate text-12 text-ink-3">{card.subtitle}</span>
          </span>
        </>
      ) : (
        <>
          <span className="flex min-w-0 items-center gap-2 leading-4">
            {createElement(iconOf(card), { ...ICON, className: 'shrink-0 text-ink-3' })}
            <span className="min-w-0 flex-1 truncate font-label">{card.title}</span>
            {!card.folded && card.pods > 0 && <span className="shrink-0 text-12 text-ink-2">×{card.pods}</span>}
          </span>
          {card.folded && <span className="-mt-1 truncate text-12 leading-4 text-ink-3">{card.subtitle}</span>}
          <span className="flex items-center gap-1">
            <MixBar verdicts={card.verdicts} height={4} className="flex-1" />
            <PlatformMarks {...card.marks} />
          </span>
        </>
      )}
    </div>
  );
}

function PlatformMarks({ dns, scrape, probe }: Card['marks']) {
  if (dns + scrape + probe === 0) return null;
  const said = [dns > 0 && `${dns} DNS`, scrape > 0 && `${scrape} scrapes`, probe > 0 && `${probe} probes`]
    .filter(Boolean)
    .join(', ');
  return (
    <span className="flex shrink-0 items-center gap-1 text-ink-2" title={`folded: ${said}`}>
      {dns > 0 && <PlatformMark kind="dns" />}
      {scrape > 0 && <PlatformMark kind="scrape" />}
      {probe > 0 && <PlatformMark kind="probe" />}
    </span>
  );
}

/** ○ DNS, □ scrapes, △ probes: 7 pixels, in ink, because they carry no verdict. */
export function PlatformMark({ kind }: { kind: 'dns' | 'scrape' | 'probe' }) {
  return (
    <svg viewBox="0 0 8 8" width={7} height={7} aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.2">
      {kind === 'dns' && <circle cx="4" cy="4" r="3" />}
      {kind === 'scrape' && <rect x="1.2" y="1.2" width="5.6" height="5.6" />}
      {kind === 'probe' && <path d="M4 1.2 7 6.8H1z" />}
    </svg>
  );
}

function iconOf(card: Card): LucideIcon {
  switch (card.kind) {
    case 'namespace':
      return Folder;
    case 'group':
    case 'external':
      return Globe;
    case 'dns':
      return Signpost;
    case 'gateway':
      return Network;
    case 'host':
      return Server;
    case 'entity':
      return card.title.startsWith('world') ? Globe : card.title === 'kube-apiserver' ? Cloud : Server;
    case 'workload':
      return WORKLOAD_ICONS.get(card.workloadKind) ?? Box;
  }
}

const WORKLOAD_ICONS: ReadonlyMap<string, LucideIcon> = new Map([
  ['StatefulSet', Database],
  ['DaemonSet', Layers],
  ['Pod', SquareTerminal],
]);

const titleOf = (card: Card): string =>
  [
    card.namespace && !card.folded ? `${card.namespace}/${card.title}` : card.title,
    card.subtitle,
    card.folded ? 'double click unfolds' : '',
  ]
    .filter(Boolean)
    .join(' · ');

/** A card in one sentence, for screen readers. */
export function spokenCard(card: Card, calls: number, calledBy: number): string {
  const name = card.namespace && !card.folded ? `${card.namespace}/${card.title}` : card.title;
  const kind = card.folded
    ? `folded ${card.kind}, ${card.subtitle}`
    : card.kind === 'workload'
      ? card.workloadKind || 'workload'
      : card.kind;
  const pods = card.pods > 0 && !card.folded ? `, ${card.pods} ${card.pods === 1 ? 'pod' : 'pods'}` : '';
  return `${name}, ${kind}${pods}, ${calls} out, ${calledBy} in`;
}
