'use client';
import type { DiffView } from '#components/policies/policy/diff-views.ts';
import { patchRows } from '#components/policies/policy/patch-rows.ts';
import { DiffTable } from '#components/policies/policy/TextDiff.tsx';

/** A unified diff as a table. */
export const PatchDiff = ({ patch, view, names }: PatchDiffProps) => (
  <DiffTable rows={patchRows(patch)} view={view} names={names} />
);
interface PatchDiffProps {
  patch: string;
  view: DiffView;
  names: { readonly before: string; readonly after: string };
}
