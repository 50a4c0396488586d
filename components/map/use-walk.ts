'use client';
import { type KeyboardEvent, useState } from 'react';
import type { CanvasModel, Card, Line } from './model.ts';
import type { MapLayout } from './use-layout.ts';
import type { Viewport } from './viewport.ts';
import { type Arrow, firstCard, nextLine, step } from './walk.ts';

export interface WalkActions {
  readonly viewport: Viewport | undefined;
  readonly onCard: (card: Card) => void;
  readonly onLine: (line: Line) => void;
  readonly onGroup: (group: string) => void;
  readonly onFocus: (cardId: string | undefined) => void;
  readonly onClear: () => void;
  readonly onHelp: () => void;
  readonly onTable: () => void;
  readonly onFind: () => void;
}

/** The keyboard walk: where it stands, and what each key does. */
export function useWalk(model: CanvasModel, layout: MapLayout | undefined, actions: WalkActions) {
  const [cursor, setCursor] = useState<string>();
  const [stepped, setStepped] = useState<string>();
  const at = cursor !== undefined && model.cards.has(cursor) ? cursor : undefined;
  const line = at === undefined ? undefined : model.lines.find(({ id }) => id === stepped);

  const goTo = (id: string | undefined) => {
    if (id === undefined) return;
    setCursor(id);
    setStepped(undefined);
    const rect = layout?.map.cards.get(id);
    if (rect) actions.viewport?.show(rect);
  };
  const here = (): Card | undefined => (at === undefined ? undefined : model.cards.get(at));
  const toggleHere = () => {
    const card = here();
    if (card === undefined) return;
    const group = card.folded ? card.id : card.namespace;
    if (group !== '') actions.onGroup(group);
  };
  const enter = () => {
    const card = here();
    if (line) actions.onLine(line);
    else if (card) actions.onCard(card);
  };
  const stepLine = (by: 1 | -1) => at !== undefined && setStepped(nextLine(at, line?.id, model.lines, by)?.id);
  const clear = () => {
    setCursor(undefined);
    setStepped(undefined);
    actions.onClear();
  };

  const keys: Readonly<Record<string, () => void>> = {
    Enter: enter,
    ' ': toggleHere,
    l: () => stepLine(1),
    L: () => stepLine(-1),
    f: () => actions.onFocus(at),
    F: () => actions.onFocus(at),
    '+': () => actions.viewport?.zoom(1.25),
    '=': () => actions.viewport?.zoom(1.25),
    '-': () => actions.viewport?.zoom(0.8),
    '0': () => actions.viewport?.fit(),
    t: actions.onTable,
    '/': actions.onFind,
    '?': actions.onHelp,
    Escape: clear,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const cards = layout?.map.cards;
    if (event.key.startsWith('Arrow') && cards) {
      const visible = new Map([...cards].filter(([id]) => model.cards.has(id)));
      goTo(at === undefined ? firstCard(visible) : step(at, event.key as Arrow, visible, model.lines));
    } else {
      const action = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      if (action === undefined) return;
      action();
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return { cursor: at, line, onKeyDown };
}
