'use client';
import { type CompletionContext, autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState, type Text } from '@codemirror/state';
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { useEffect, useEffectEvent, useRef } from 'react';
import { changedLinesGutter, setOriginal } from './changed-lines.ts';
import { completionsAt } from './complete.ts';
import { editorLook } from './editor-look.ts';
import type { Facts } from './facts.ts';
import type { Remark } from './remarks.ts';
import { indentBelow } from './yaml-context.ts';

/** Where the caret is to go; a new object each time, also to the same line. */
export interface Jump {
  readonly line: number;
  readonly column?: number | undefined;
}

export interface CodeEditorProps {
  text: string;
  onChange: (text: string) => void;
  remarks: readonly Remark[];
  facts: Facts;
  /** The text in force of the same policies. */
  original: string | undefined;
  /** Added and taken away lines are shown in place. */
  diff: boolean;
  jump: Jump | undefined;
  /** Ctrl S. */
  onSave?: (() => void) | undefined;
  readOnly?: boolean;
}

/** YAML of policies with completion, remarks and changed lines. Tab leaves it, as in any field; Ctrl ] and Ctrl [ indent. */
export default function CodeEditor(props: CodeEditorProps) {
  const { text, remarks, original, diff, jump, readOnly = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  const diffPart = useRef(new Compartment());
  const onChange = useEffectEvent(props.onChange);
  const onSave = useEffectEvent(() => props.onSave?.());
  const facts = useEffectEvent(() => props.facts);

  const start = useEffectEvent((parent: HTMLElement) => {
    const state = EditorState.create({
      doc: text,
      extensions: [
        lintGutter(),
        lineNumbers(),
        changedLinesGutter,
        highlightActiveLine(),
        highlightActiveLineGutter(),
        drawSelection(),
        history(),
        yaml(),
        placeholder('Write or paste policies, several with --- between them, or load one above. Ctrl Space completes.'),
        indentUnit.of('  '),
        EditorState.tabSize.of(2),
        EditorState.readOnly.of(readOnly),
        autocompletion({
          override: [(context) => complete(context, facts())],
          icons: false,
          activateOnCompletion: ({ apply }) => typeof apply === 'string' && apply.endsWith(': '),
        }),
        keymap.of([
          {
            key: 'Mod-s',
            preventDefault: true,
            run: () => {
              onSave();
              return true;
            },
          },
          ...completionKeymap,
          { key: 'Enter', run: goDeeper },
          ...defaultKeymap,
          ...historyKeymap,
          ...lintKeymap,
        ]),
        editorLook,
        diffPart.current.of([]),
        EditorView.contentAttributes.of({
          'aria-label': 'Candidate policies, YAML',
          spellcheck: 'false',
          // Focusable by itself; said for those who check that what scrolls can be reached.
          tabindex: '0',
          autocapitalize: 'off',
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    });
    return new EditorView({ state, parent });
  });
  useEffect(() => {
    if (!host.current) return undefined;
    const view = start(host.current);
    editor.current = view;
    // Remarks that appear below take room from the text: where one types stays in sight, and with it what is offered there.
    const resized = new ResizeObserver(() => {
      if (view.hasFocus) view.dispatch({ effects: EditorView.scrollIntoView(view.state.selection.main.head) });
    });
    resized.observe(view.scrollDOM);
    return () => {
      resized.disconnect();
      view.destroy();
      editor.current = undefined;
    };
  }, []);

  useEffect(() => {
    const view = editor.current;
    const doc = view?.state.doc.toString();
    // A text from outside (loaded, restored) replaces all, and can be undone.
    if (view && doc !== text) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text]);
  useEffect(() => editor.current?.dispatch({ effects: setOriginal.of(original) }), [original]);
  useEffect(() => {
    const merge = diff && original !== undefined;
    editor.current?.dispatch({
      effects: diffPart.current.reconfigure(
        merge ? unifiedMergeView({ original, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } }) : [],
      ),
    });
  }, [diff, original]);
  useEffect(() => {
    const view = editor.current;
    if (view) view.dispatch(setDiagnostics(view.state, diagnosticsOf(remarks, view.state.doc)));
  }, [remarks]);
  useEffect(() => {
    const view = editor.current;
    if (!view || !jump) return;
    const line = view.state.doc.line(Math.min(Math.max(1, jump.line), view.state.doc.lines));
    const anchor = Math.min(line.from + Math.max(0, (jump.column ?? 1) - 1), line.to);
    view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
    view.focus();
  }, [jump]);

  return <div ref={host} className="h-full min-h-0" />;
}

/** A new line below an open key belongs inside it. */
function goDeeper(view: EditorView): boolean {
  const { state } = view;
  const { head, empty } = state.selection.main;
  const line = state.doc.lineAt(head);
  const indent = empty && head === line.to ? indentBelow(line.text) : undefined;
  if (indent === undefined || state.readOnly) return false;
  const insert = `\n${' '.repeat(indent)}`;
  view.dispatch({
    changes: { from: head, insert },
    selection: { anchor: head + insert.length },
    scrollIntoView: true,
    userEvent: 'input',
  });
  return true;
}

/** In the order in which they are offered: that of use, not of the alphabet. */
function complete(context: CompletionContext, facts: Facts) {
  const text = context.state.doc.toString();
  const found = completionsAt(text, context.pos, facts);
  if (!found) return null;
  const typed = text.slice(found.from, context.pos);
  const begins = typed === '' && !/[\s"']/.test(text[context.pos - 1] ?? ' ');
  // A word that is whole needs no offer: Enter is to end the line.
  const isWhole = found.options.some(({ label }) => label === typed);
  if (!context.explicit && (begins || isWhole)) return null;
  return {
    from: found.from,
    options: found.options.map(({ label, apply, detail }, index) => ({
      label,
      detail,
      boost: 99 - Math.min(index, 198),
      apply: (view: EditorView, _completion: unknown, from: number, to: number) => {
        // What stands there already is not written twice.
        const over = overlap(apply, view.state.sliceDoc(to, to + 2));
        view.dispatch({
          changes: { from, to: to + over, insert: apply },
          selection: { anchor: from + apply.length },
          userEvent: 'input.complete',
        });
      },
    })),
  };
}

/** How many characters of the end of `apply` (a closing quote, `: `) `rest` begins with. */
const overlap = (apply: string, rest: string): number =>
  [2, 1].find((length) => rest.length >= length && apply.endsWith(rest.slice(0, length))) ?? 0;

const SEVERITIES = { error: 'error', warning: 'warning', note: 'info' } as const;

/** A remark marks the word at its place, or its line. Remarks may be older than the text by a moment: places beyond it are moved into it. */
function diagnosticsOf(remarks: readonly Remark[], doc: Text): Diagnostic[] {
  return remarks.flatMap(({ line, column, severity, message, why }) => {
    if (line === undefined || line > doc.lines || line < 1) return [];
    const at = doc.line(line);
    const first = at.from + (at.text.length - at.text.trimStart().length);
    const from = Math.min(Math.max(at.from + (column ?? 1) - 1, first), at.to);
    const word = /^"[^"]*"|^[^\s,}\]]+/.exec(doc.sliceString(from, at.to))?.[0].length ?? 0;
    return {
      from,
      to: Math.min(from + word, at.to),
      severity: SEVERITIES[severity],
      message: why === '' ? message : `${message}\n${why}`,
    };
  });
}
