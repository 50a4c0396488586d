import { expect, test } from 'vitest';
import { ApiFailure } from '#components/live/api.ts';
import { stepUpOf, touchedBy } from './use-migration.ts';

const refusal = (type: string, place?: Record<string, string | number>) =>
  new ApiFailure({ type, title: 'no', status: 403, ...(place && { place }) });

test('a change of one phase reads that phase of its own cluster, and the matrix of the page', () => {
  const urls = touchedBy({ cluster: 'aegis-dev', phase: 2, what: 'step' }, 'aegis-production');
  expect(urls).toContain('/api/v1/clusters/aegis-production/migration');
  expect(urls).toContain('/api/v1/clusters/aegis-dev/migration/phases/2');
  expect(urls).not.toContain('/api/v1/clusters/aegis-dev/migration/phases/3');
});

test('a change of no phase reads all phases of its cluster', () => {
  const urls = touchedBy({ cluster: 'a', phase: undefined, what: 'settings' }, 'a');
  expect(urls.filter((url) => url.includes('/phases/'))).toHaveLength(5);
});

test('a decision is news for the inbox, a file for the list of files', () => {
  expect(touchedBy({ cluster: 'a', phase: 0, what: 'gate' }, 'a')).toContain('/api/v1/approvals');
  expect(touchedBy({ cluster: 'a', phase: 0, what: 'upload' }, 'a')).toContain('/api/v1/clusters/a/migration/uploads');
});

test('only the refusal that names a step-up leads to one', () => {
  expect(stepUpOf(refusal('/problems/step-up-required', { stepUp: 'su1' }))).toBe('su1');
  expect(stepUpOf(refusal('/problems/step-up-required', { stepUp: 7 }))).toBeUndefined();
  expect(stepUpOf(refusal('/problems/forbidden', { stepUp: 'su1' }))).toBeUndefined();
  expect(stepUpOf(new Error('step-up-required'))).toBeUndefined();
});
