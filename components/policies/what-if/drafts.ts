import type { Candidate } from './judge-messages.ts';

/** Texts that were edited and not stored: kept for this tab, so that a look at another page loses nothing. Browser only. */
export interface Draft extends Candidate {
  readonly key: string;
  /** Unix milliseconds of the last edit. */
  readonly at: number;
}

const MOST_DRAFTS = 8;
const MOST_CHARACTERS = 2_000_000;
const nameOf = (cluster: string) => `causeway:what-if:${cluster}`;

export function readDrafts(cluster: string): readonly Draft[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(nameOf(cluster)) ?? '[]');
    return Array.isArray(found) ? found.filter(isDraft) : [];
  } catch {
    return [];
  }
}

/** The newest draft of `key`. */
export const draftOf = (cluster: string, key: string): Draft | undefined =>
  readDrafts(cluster).find((draft) => draft.key === key);

/** Keeps the newest drafts; one that is undefined goes. A storage that is full or forbidden keeps none: the page says what is not stored anyhow. */
export function keepDraft(cluster: string, key: string, draft: Draft | undefined): void {
  const others = readDrafts(cluster).filter((other) => other.key !== key);
  const kept = (draft && draft.text.length <= MOST_CHARACTERS ? [draft, ...others] : others).slice(0, MOST_DRAFTS);
  try {
    if (kept.length === 0) sessionStorage.removeItem(nameOf(cluster));
    else sessionStorage.setItem(nameOf(cluster), JSON.stringify(kept));
  } catch {
    // Full or forbidden.
  }
}

function isDraft(value: unknown): value is Draft {
  const { key, text, mode, removes, at } = (value ?? {}) as Partial<Record<keyof Draft, unknown>>;
  return (
    typeof key === 'string' &&
    typeof text === 'string' &&
    (mode === 'merge' || mode === 'replace') &&
    Array.isArray(removes) &&
    removes.every((ref) => typeof ref === 'string') &&
    typeof at === 'number'
  );
}
