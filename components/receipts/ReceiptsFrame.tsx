'use client';
import type { ReactNode } from 'react';
import { ViewHead, ViewTabs } from '#components/frame/ViewTabs.tsx';
import { cx } from '#components/ui/cx.ts';

/** The views of Receipts, from the single statement to what stands behind all of them. */
export const RECEIPT_VIEWS = [
  { path: 'receipts', name: 'Receipts' },
  { path: 'receipts/batches', name: 'Batches and log' },
  { path: 'receipts/findings', name: 'Findings' },
  { path: 'receipts/keys', name: 'Keys' },
  { path: 'receipts/pipeline', name: 'Pipeline' },
] as const;

/** A view of Receipts: its head with the way to the others, and what it shows. */
export function ReceiptsFrame({ title, actions, children, className }: ReceiptsFrameProps) {
  return (
    <div className={cx('mx-auto flex max-w-[1760px] flex-col gap-3 px-3 py-3 md:px-6 md:py-5', className)}>
      <ViewHead
        page="Receipts"
        title={title}
        tabs={<ViewTabs label="Receipts" views={RECEIPT_VIEWS} className="min-w-0 print:hidden" />}
        actions={actions}
      />
      {children}
    </div>
  );
}
interface ReceiptsFrameProps {
  /** Name of the view, as in `RECEIPT_VIEWS`. */
  title: string;
  /** One primary action at most. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}
