import type { ApprovalInbox } from '#lib/api/migration.ts';

export type InboxItem = ApprovalInbox['items'][number];

/** What the caller may decide now, what they asked for, and what waits for others; in each the one that lapses first is first. */
export function sortedInbox(items: readonly InboxItem[]): {
  readonly mine: readonly InboxItem[];
  readonly asked: readonly InboxItem[];
  readonly others: readonly InboxItem[];
} {
  const urgent = items.toSorted((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity) || a.at - b.at);
  return {
    mine: urgent.filter(({ mine }) => mine),
    asked: urgent.filter(({ mine, kind }) => !mine && kind === 'own'),
    others: urgent.filter(({ mine, kind }) => !mine && kind !== 'own'),
  };
}

/** How many things wait for the caller. */
export const waitingFor = ({ items }: ApprovalInbox): number => items.filter(({ mine }) => mine).length;

export const KIND_WORDS: Readonly<Record<InboxItem['kind'], string>> = {
  gate: 'Gate',
  elevation: 'Elevation',
  review: 'Review of broken glass',
  own: 'Your request',
};

/** Where an item is decided: the phase it is about, in its own cluster. */
export const itemHref = ({ cluster, phase, environment }: InboxItem): string =>
  `/c/${encodeURIComponent(cluster.id)}/migration?phase=${phase}&env=${environment}`;
