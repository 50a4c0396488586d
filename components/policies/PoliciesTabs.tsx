'use client';
import type { ReactNode } from 'react';
import { ViewHead, ViewTabs } from '#components/frame/ViewTabs.tsx';

/** The views of Policies, in the order of the work: what is there, does it hold, what would change, what is missing. */
export const POLICY_VIEWS = [
  { path: 'policies', name: 'Inventory' },
  { path: 'policies/audit', name: 'Audit' },
  { path: 'policies/what-if', name: 'What-if' },
  { path: 'policies/suggest', name: 'Suggest' },
  { path: 'policies/reach', name: 'Reach' },
  { path: 'policies/why', name: 'Why' },
  { path: 'policies/lint', name: 'Lint' },
] as const;

/** Leads between the views of Policies. */
export const PoliciesTabs = ({ className }: { className?: string }) => (
  <ViewTabs label="Policies" views={POLICY_VIEWS} {...(className !== undefined && { className })} />
);

/** The head of a view of Policies: title, the way to the others, and what can be done here. */
export const PoliciesHead = ({ title, actions }: { title: string; actions?: ReactNode }) => (
  <ViewHead page="Policies" title={title} tabs={<PoliciesTabs className="min-w-0" />} actions={actions} />
);
