/** What is to be said of a candidate's text: what Cilium would refuse, and what lint thinks of the rest. */
export interface Remark {
  readonly id: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** From 1; absent where it has no place in the text. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** One sentence. */
  readonly message: string;
  /** Why it matters and what to do. */
  readonly why: string;
  /** Class of the validation or id of the lint rule. */
  readonly rule: string;
}

const ORDER = { error: 0, warning: 1, note: 2 } as const;

/** Errors first, then from top to bottom. */
export const sortRemarks = (remarks: readonly Remark[]): Remark[] =>
  remarks.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity] || (a.line ?? 0) - (b.line ?? 0));

/** `1 error, 2 warnings, 0 notes`. */
export function countWords(remarks: readonly Remark[]): string {
  const of = (severity: Remark['severity']) => remarks.filter((remark) => remark.severity === severity).length;
  const word = (count: number, name: string) => `${count} ${name}${count === 1 ? '' : 's'}`;
  return [word(of('error'), 'error'), word(of('warning'), 'warning'), word(of('note'), 'note')].join(', ');
}
