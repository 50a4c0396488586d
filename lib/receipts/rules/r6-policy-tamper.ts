import { Merged } from './merged.ts';
import type { RuleReport, Sighting } from './rule.ts';

/** A change of a policy in force: its spec has another hash, or it is gone. Unix milliseconds. */
export interface PolicyChange {
  readonly ref: string;
  readonly what: 'changed' | 'deleted';
  /** `specHash` before, and after where it is still there. */
  readonly from: string;
  readonly to?: string;
  readonly generation?: number;
  /** When it was noticed, and when the policy had last been seen as it was. */
  readonly at: number;
  readonly lastSeen: number;
  /** What was known of the right to change it then. */
  readonly record: { readonly inMigration: boolean; readonly openPhase: number | undefined };
}

/** Between two looks at the objects lie seconds; after more than this nobody was looking. */
const WATCHED_MS = 2 * 60_000;

/**
 * R6: the spec of a policy changed, or a policy was deleted, and no approved phase was being carried out in the cluster at that time. A change under an
 * open phase is part of it, and a new policy is none. Where there is no migration nothing could have been approved, and where nobody was looking the
 * time is not known: then it is suspected.
 */
export function policyTamper(changes: readonly PolicyChange[], notEvaluable: readonly string[]): RuleReport {
  const found = new Merged();
  for (const change of changes) if (change.record.openPhase === undefined) found.add(sightingOf(change));
  return { rule: 'R6', sightings: found.all(), looked: changes.length, notEvaluable };
}

function sightingOf({ ref, what, from, to, generation, at, lastSeen, record }: PolicyChange): Sighting {
  const watched = at - lastSeen <= WATCHED_MS;
  const reasons = [
    what === 'deleted'
      ? `The policy is gone; its spec had the hash ${short(from)}.`
      : `The hash of its spec went from ${short(from)} to ${short(to ?? '')}${generation === undefined ? '' : `, generation ${generation}`}.`,
    record.inMigration
      ? 'No approved phase was being carried out in this cluster at that time.'
      : 'The cluster belongs to no migration, so there is no phase that could have approved it.',
    ...(watched ? [] : ['Nobody was looking when it happened: it may have been under a phase that has ended.']),
  ];
  return {
    rule: 'R6',
    key: JSON.stringify([ref]),
    severity: record.inMigration && watched ? 'confirmed' : 'suspected',
    title: what === 'deleted' ? 'A policy was deleted without approval' : 'A policy was changed without approval',
    subject: ref,
    reasons,
    about: { policies: [ref], nodes: [] },
    count: 1,
    first: at,
    last: at,
    flows: [],
  };
}

const short = (hash: string): string => hash.slice(0, 12);
