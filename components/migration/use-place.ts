'use client';
import { parseAsNumberLiteral, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { ENVIRONMENTS } from '#lib/api/common.ts';
import { PHASES } from '#lib/migration/model.ts';

export const EVIDENCE_TABS = ['checks', 'rollback', 'history'] as const;
export type EvidenceTab = (typeof EVIDENCE_TABS)[number];

const OWN = {
  phase: parseAsNumberLiteral(PHASES),
  env: parseAsStringLiteral(ENVIRONMENTS),
  tab: parseAsStringLiteral(EVIDENCE_TABS).withDefault('checks'),
  /** Id of the step that is unfolded. */
  step: parseAsString,
  /** Id of the check whose drawer is open. */
  check: parseAsString,
  /** Id of the check whose figure the chart shows. */
  figure: parseAsString,
  /** Another drawer of the page. */
  open: parseAsStringLiteral(['uploads', 'settings']),
};

/** What of the migration page its address carries. */
export const usePlace = () => useQueryStates(OWN, { history: 'push' });
