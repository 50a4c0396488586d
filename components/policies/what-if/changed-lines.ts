import { Chunk } from '@codemirror/merge';
import { type Extension, StateEffect, StateField, Text } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutter } from '@codemirror/view';

/** Lines that the text in force does not have: a bar in the gutter, and a tint where they are wholly new. */

/** Sets what is compared with; undefined: nothing, so that no line is marked. */
export const setOriginal = StateEffect.define<string | undefined>();

type Change = 'added' | 'edited';

const original = StateField.define<{ text: Text | undefined; lines: ReadonlyMap<number, Change> }>({
  create: () => ({ text: undefined, lines: new Map() }),
  update: (value, transaction) => {
    let { text } = value;
    let changed = transaction.docChanged;
    for (const effect of transaction.effects) {
      if (!effect.is(setOriginal)) continue;
      text = effect.value === undefined ? undefined : Text.of(effect.value.split('\n'));
      changed = true;
    }
    return changed ? { text, lines: text ? changedLines(text, transaction.newDoc) : new Map<number, Change>() } : value;
  },
});

/** Line numbers of `now`, from 1, with what became of them against `before`. */
export function changedLines(before: Text, now: Text): Map<number, Change> {
  const lines = new Map<number, Change>();
  for (const chunk of Chunk.build(before, now, { scanLimit: 500, timeout: 50 })) {
    if (chunk.fromB === chunk.toB) continue;
    const kind = chunk.fromA === chunk.toA ? 'added' : 'edited';
    const last = now.lineAt(Math.min(chunk.endB, now.length)).number;
    for (let line = now.lineAt(chunk.fromB).number; line <= last; line += 1) lines.set(line, kind);
  }
  return lines;
}

class Bar extends GutterMarker {
  readonly #kind: Change;
  constructor(kind: Change) {
    super();
    this.#kind = kind;
  }
  override toDOM(): HTMLElement {
    const bar = document.createElement('div');
    bar.className = this.#kind === 'added' ? 'cm-added' : 'cm-edited';
    bar.title = this.#kind === 'added' ? 'New line' : 'Changed line';
    return bar;
  }
}
const BARS = { added: new Bar('added'), edited: new Bar('edited') };
const ADDED_LINE = Decoration.line({ class: 'cm-addedLine' });

export const changedLinesGutter: Extension = [
  original,
  gutter({
    class: 'cm-changes',
    lineMarker: (view, { from }) => {
      const kind = view.state.field(original).lines.get(view.state.doc.lineAt(from).number);
      return kind === undefined ? null : BARS[kind];
    },
    lineMarkerChange: (update) => update.startState.field(original) !== update.state.field(original),
  }),
  EditorView.decorations.compute([original], (state) => {
    const added = [...state.field(original).lines].filter(([line, kind]) => kind === 'added' && line <= state.doc.lines);
    return Decoration.set(
      added.map(([line]) => ADDED_LINE.range(state.doc.line(line).from)),
      true,
    );
  }),
];
