/** Ways to show a difference. Apart from `TextDiff.tsx`, whose code only comes when it is needed. */
export const DIFF_VIEWS = ['split', 'unified'] as const;
export type DiffView = (typeof DIFF_VIEWS)[number];
