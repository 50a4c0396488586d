import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** How the editor looks: the console's own roles, so that it follows the theme. Code is 12/18, gutters 20 + 28 + 4. */

const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)' },
  { tag: [tags.string, tags.content, tags.attributeValue], color: 'var(--code-str)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-num)' },
  {
    tag: [tags.comment, tags.lineComment, tags.meta, tags.separator, tags.punctuation, tags.squareBracket, tags.brace],
    color: 'var(--code-dim)',
  },
]);

/** Marks in the gutter are told by shape as well as by colour; drawn as masks, so that they take a role. */
const mask = (path: string) =>
  `url("data:image/svg+xml,${encodeURIComponent(`<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 12 12'>${path}</svg>`)}")`;
const stroke = "fill='none' stroke='black' stroke-width='1.5' stroke-linecap='round' stroke-linejoin='round'";
const MARKS = {
  error: mask(`<path d='M2.4 2.4 9.6 9.6M9.6 2.4 2.4 9.6' ${stroke}/>`),
  warning: mask(`<path d='M6 1.4 11.2 10.6H0.8zM6 4.6v2.7M6 9v.1' ${stroke}/>`),
  info: mask(`<circle cx='6' cy='6' r='4.7' ${stroke}/><path d='M6 5.6v2.8M6 3.5v.1' ${stroke}/>`),
};
const marker = (image: string, role: string) => ({
  content: '""',
  width: '12px',
  height: '12px',
  marginTop: '3px',
  backgroundColor: `var(${role})`,
  maskImage: image,
  maskRepeat: 'no-repeat',
});
const underline = (role: string) => ({
  backgroundImage: 'none',
  paddingBottom: '0',
  textDecoration: `underline wavy var(${role}) 1px`,
  textUnderlineOffset: '3px',
});

const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--code-str)', backgroundColor: 'transparent', fontSize: '12px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-geist-mono), ui-monospace, monospace', lineHeight: '18px', overflow: 'auto' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 12px 0 16px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-line)',
  },
  '.cm-placeholder': { color: 'var(--ink-3)', whiteSpace: 'normal' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--ink-3)', border: 'none' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '.cm-gutter-lint': { width: '20px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 4px' },
  '.cm-lint-marker-error': marker(MARKS.error, '--drop-text'),
  '.cm-lint-marker-warning': marker(MARKS.warning, '--audit-text'),
  '.cm-lint-marker-info': marker(MARKS.info, '--accent-text'),
  '.cm-lintRange-error': underline('--drop-text'),
  '.cm-lintRange-warning': underline('--audit-text'),
  '.cm-lintRange-info': underline('--accent-text'),
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '28px', padding: '0 6px 0 0' },
  '.cm-changes': { width: '4px' },
  '.cm-changes .cm-gutterElement': { padding: '0' },
  '.cm-changes .cm-added': { width: '2px', height: '100%', backgroundColor: 'var(--accent)' },
  '.cm-changes .cm-edited': { width: '2px', height: '100%', backgroundColor: 'var(--accent-line)' },
  '.cm-line.cm-addedLine': { backgroundColor: 'var(--accent-tint)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
    maxWidth: 'min(520px, calc(100vw - 24px))',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'inherit', maxHeight: '240px', padding: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    gap: '12px',
    justifyContent: 'space-between',
    padding: '3px 8px',
    borderRadius: '4px',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-tint)', color: 'var(--ink)' },
  '.cm-completionLabel': { fontFamily: 'var(--font-geist-mono), ui-monospace, monospace' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent-text)' },
  '.cm-completionDetail': {
    margin: '0',
    fontStyle: 'normal',
    color: 'var(--ink-3)',
    fontFamily: 'var(--font-geist-sans), system-ui, sans-serif',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  },
  '.cm-diagnostic': {
    padding: '6px 10px',
    border: 'none',
    fontFamily: 'var(--font-geist-sans), system-ui, sans-serif',
    fontSize: '13px',
  },
  // Added and taken away are told by a sign too.
  '&.cm-merge-b .cm-changedLine': { backgroundColor: 'var(--fwd-tint)', position: 'relative' },
  '.cm-changedLine::before': { content: '"+"', position: 'absolute', left: '4px', color: 'var(--fwd-text)' },
  '&.cm-merge-b .cm-deletedChunk': { backgroundColor: 'var(--drop-tint)', padding: '0' },
  '.cm-deletedChunk .cm-deletedLine': {
    display: 'block',
    position: 'relative',
    padding: '0 12px 0 16px',
    textDecoration: 'none',
  },
  '.cm-deletedChunk .cm-deletedLine::before': { content: '"−"', position: 'absolute', left: '4px', color: 'var(--drop-text)' },
  '&.cm-merge-b .cm-changedText, &.cm-merge-b .cm-deletedChunk .cm-deletedText': {
    background: 'none',
    textDecoration: 'none',
    fontWeight: '600',
  },
  '&.cm-merge-b .cm-changedLineGutter': { background: 'var(--fwd-fill)' },
  '&.cm-merge-b .cm-deletedLineGutter': { background: 'var(--drop-fill)' },
  '.cm-collapsedLines::before, .cm-collapsedLines::after': { content: '"…"' },
  '.cm-collapsedLines': { background: 'var(--sunken)', color: 'var(--ink-3)', padding: '2px 12px' },
});

export const editorLook: Extension = [theme, syntaxHighlighting(highlight)];
