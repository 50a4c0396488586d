'use client';
import type { ReactNode } from 'react';
import { ViewHead, ViewTabs } from '#components/frame/ViewTabs.tsx';

/** The views of Migration, in the order of the work: where it stands, what is in the way, what to set, what was before, what can go wrong. */
export const MIGRATION_VIEWS = [
  { path: 'migration', name: 'Plan' },
  { path: 'migration/preflight', name: 'Preflight' },
  { path: 'migration/values', name: 'Values' },
  { path: 'migration/baseline', name: 'Baseline' },
  { path: 'migration/risks', name: 'Risks' },
] as const;

/** Leads between the views of Migration. */
export const MigrationTabs = ({ className }: { className?: string }) => (
  <ViewTabs label="Migration" views={MIGRATION_VIEWS} {...(className !== undefined && { className })} />
);

/** The head of a view of Migration: title, the way to the others, and what can be done here. */
export const MigrationHead = ({ title, actions }: { title: string; actions?: ReactNode }) => (
  <ViewHead page="Migration" title={title} tabs={<MigrationTabs className="min-w-0" />} actions={actions} />
);
