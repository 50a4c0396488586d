'use client';
import { Suspense, lazy } from 'react';
import type { GeneratedValues } from '#lib/api/preflight.ts';
import { visibleText } from '#lib/flow/text.ts';
import { DIFF_VIEWS, type DiffView } from '#components/policies/policy/diff-views.ts';
import { Empty } from '#components/ui/Faces.tsx';
import { exact } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';

// The code of differences comes when one is looked at.
const PatchDiff = lazy(() => import('./PatchDiff.tsx').then(({ PatchDiff: component }) => ({ default: component })));

/** What the generated values change of what runs: value by value, and as text. */
export function ValuesChanges({ diff, view, onView }: ValuesChangesProps) {
  if (!diff)
    return (
      <Empty title="Not known what runs">
        Neither Helm values were uploaded nor is <code className="font-mono text-12">cilium-config</code> readable. Upload what{' '}
        <code className="font-mono text-12">helm get values cilium -n kube-system -o yaml</code> prints, on the page of the plan.
      </Empty>
    );
  if (diff.changes.length === 0)
    return (
      <Empty title="Nothing differs">
        <span className="flex items-baseline gap-2">
          <Mark name="pass" />
          <span>{visibleText(diff.against)} has all of these values already.</span>
        </span>
      </Empty>
    );
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2 text-12 text-ink-3">
        <span className="flex-1">
          {exact(diff.changes.length)} {diff.changes.length === 1 ? 'value changes' : 'values change'} against{' '}
          <span className="font-mono">{visibleText(diff.against)}</span>
        </span>
        {diff.text !== '' && (
          <span className="max-md:hidden">
            <Segmented
              size="sm"
              label="Difference"
              value={view}
              onChange={onView}
              options={DIFF_VIEWS.map((value) => ({ value, label: value === 'split' ? 'Side by side' : 'One below the other' }))}
            />
          </span>
        )}
      </div>
      <Table caption="Values that change">
        <thead>
          <tr>
            <Th>Value</Th>
            <Th>Runs</Th>
            <Th>Generated</Th>
          </tr>
        </thead>
        <tbody>
          {diff.changes.map(({ path, from, to }) => (
            <Tr key={path} className="align-baseline *:py-1">
              <Td className="min-w-56 font-mono text-12 wrap-anywhere max-md:min-w-36">{visibleText(path)}</Td>
              <Td className="min-w-24">
                <Side text={from} sign="−" tone="text-drop-text" />
              </Td>
              <Td className="min-w-24">
                <Side text={to} sign="+" tone="text-fwd-text" />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {diff.text !== '' && (
        <div className="border-t border-line">
          <Suspense fallback={<SkeletonRows rows={10} />}>
            <PatchDiff patch={diff.text} view={view} names={{ before: 'what runs', after: 'generated' }} />
          </Suspense>
        </div>
      )}
    </>
  );
}
interface ValuesChangesProps {
  diff: GeneratedValues['diff'];
  view: DiffView;
  onView: (view: DiffView) => void;
}

const Side = ({ text, sign, tone }: { text: string | undefined; sign: string; tone: string }) =>
  text === undefined ? (
    <span className="text-ink-3">not set</span>
  ) : (
    <span className="flex gap-1.5 font-mono text-12">
      <span aria-hidden="true" className={tone}>
        {sign}
      </span>
      <span className="min-w-0 wrap-anywhere">
        {text === '' ? <span className="font-sans text-ink-3">empty</span> : visibleText(text)}
      </span>
    </span>
  );
