'use client';
import { parseAsArrayOf, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { LEVELS, type Level } from '#lib/topology/topology.ts';
import { type FoldChoice, toggleGroup } from './fold.ts';
import { OVERLAYS } from './overlays.ts';

const STATE = {
  level: parseAsStringLiteral(LEVELS),
  overlay: parseAsStringLiteral(OVERLAYS).withDefault('verdict'),
  view: parseAsStringLiteral(['map', 'table'] as const).withDefault('map'),
  /** A node id, an edge key, or a line id. */
  selected: parseAsString,
  find: parseAsString.withDefault(''),
  hide: parseAsString.withDefault(''),
  fold: parseAsArrayOf(parseAsString).withDefault([]),
  open: parseAsArrayOf(parseAsString).withDefault([]),
  all: parseAsStringLiteral(['auto', 'folded', 'open'] as const).withDefault('auto'),
  platform: parseAsBoolean.withDefault(false),
  /** Card whose neighbourhood alone is shown. */
  focus: parseAsString,
  /** The window compared with: `from-to` in Unix milliseconds. */
  compare: parseAsString,
  /** The candidate of the what-if: what its editor was opened with, as a query. */
  candidate: parseAsString,
};

/** What of the map a link carries: level, overlay, selection, searches, folds, focus, the time compared with. */
export function useMapState() {
  const [query, set] = useQueryStates(STATE, { history: 'replace' });
  return useMemo(() => {
    const choice: FoldChoice = { all: query.all, fold: new Set(query.fold), open: new Set(query.open) };
    const setChoice = ({ all, fold, open }: FoldChoice) =>
      void set({ all, fold: [...fold], open: [...open] }, { history: 'push' });
    return {
      ...query,
      choice,
      compare: windowOf(query.compare),
      set,
      select: (selected: string | null) => void set({ selected }, { history: 'push' }),
      toggle: (group: string, isFolded: boolean) => setChoice(toggleGroup(choice, group, isFolded)),
      foldAll: (all: 'auto' | 'folded' | 'open') => setChoice({ all, fold: new Set(), open: new Set() }),
      setLevel: (level: Level) =>
        void set({ level, fold: null, open: null, all: null, focus: null, selected: null }, { history: 'push' }),
      setCompare: (window: { from: number; to: number } | null) =>
        void set({
          compare: window && `${Math.round(window.from)}-${Math.round(window.to)}`,
          overlay: window ? 'change' : 'verdict',
        }),
    };
  }, [query, set]);
}

export type MapState = ReturnType<typeof useMapState>;

function windowOf(text: string | null): { from: number; to: number } | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '');
  const [from, to] = [Number(match?.[1]), Number(match?.[2])];
  return match && to > from ? { from, to } : undefined;
}
