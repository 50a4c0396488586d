import type { GeneratedValues } from '#lib/api/preflight.ts';
import type { Phase } from '#lib/migration/model.ts';
import type { Stage } from '#lib/preflight/values/model.ts';

/** What the page of values asks for and shows. Pure. */

export const SHOWN = ['values', 'application', 'objects', 'changes'] as const;
export type Shown = (typeof SHOWN)[number];

/** The two steps of phases that have two, in words. */
export const STAGE_WORDS: Partial<Record<Phase, Record<Stage, string>>> = {
  2: { begin: 'Audit mode', finish: 'Enforcement' },
  4: { begin: 'Side by side', finish: 'Cilium alone' },
};

/** The question for the API. */
export function valuesQuery(phase: Phase, stage: Stage, target: string): string {
  const query = new URLSearchParams({ phase: String(phase) });
  if (STAGE_WORDS[phase] && stage !== 'begin') query.set('stage', stage);
  if (target !== '') query.set('target', target);
  return query.toString();
}

/** Places of lines in which one of `missing` stands as `<name>`. */
export function placeholderLines(lines: readonly string[], missing: readonly string[]): ReadonlySet<number> {
  const marks = missing.map((name) => `<${name}>`);
  return new Set(lines.flatMap((line, index) => (marks.some((mark) => line.includes(mark)) ? [index] : [])));
}

/** Notes that hold all words of `find`. */
export function findNotes(notes: GeneratedValues['notes'], find: string): GeneratedValues['notes'] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  return notes.filter(({ path, value, why }) => {
    const text = `${path} ${value} ${why}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The file of what is shown: its name and its text. Changes are a patch. */
export function fileOf(
  values: GeneratedValues,
  shown: Shown,
): { readonly name: string; readonly text: string; readonly type: string } {
  const { phase } = values;
  switch (shown) {
    case 'values':
      return { name: `values-phase-${phase}.yaml`, text: values.values, type: 'application/yaml' };
    case 'application':
      return { name: `application-phase-${phase}.yaml`, text: values.application, type: 'application/yaml' };
    case 'objects':
      return {
        name: `objects-phase-${phase}.yaml`,
        text: values.manifests.map(({ yaml }) => yaml.replace(/\n*$/, '\n')).join('---\n'),
        type: 'application/yaml',
      };
    case 'changes':
      return { name: `values-phase-${phase}.diff`, text: values.diff?.text ?? '', type: 'text/x-diff' };
  }
}
