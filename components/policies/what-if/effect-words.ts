import type { ChangedTuple, WhatIfReport } from '#lib/api/what-if.ts';
import { day, clock, exact, humanised, percent } from '#components/ui/format.ts';

/** What a what-if says, in words. Pure. */

export const CHANGES = ['newly-denied', 'newly-allowed', 'unknown'] as const;
export type Change = (typeof CHANGES)[number];

/** `GET /v1/balances/{id}`, or `TCP/4317` where no request is known. */
export const requestOf = ({ l7, protocol, port }: Pick<ChangedTuple, 'l7' | 'protocol' | 'port'>): string =>
  l7 === '' ? portOf(protocol, port) : l7;

export const portOf = (protocol: string, port: number): string => (port > 0 ? `${protocol}/${port}` : protocol);

/** `5 tuples`, `1 tuple`. */
export const tuples = (count: number): string => `${exact(count)} ${count === 1 ? 'tuple' : 'tuples'}`;

/** `23 Feb 14:03 – 2 Mar 14:03`. */
export const windowOf = ({ from, to }: Pick<WhatIfReport, 'from' | 'to'>): string =>
  `${day(from)} ${clock(from)} – ${day(to)} ${clock(to)} UTC`;

/** What was judged: `2,418 distinct tuples, 316.2 M flows`. */
export const totalWords = ({ total }: Pick<WhatIfReport, 'total'>): string =>
  `${exact(total.tuples)} distinct ${total.tuples === 1 ? 'tuple' : 'tuples'}, ${humanised(total.flows)} flows`;

/** `of 2,418, 99.2 %`. */
export const unchangedWords = ({ unchanged, total }: Pick<WhatIfReport, 'unchanged' | 'total'>): string =>
  [`of ${exact(total.tuples)}`, percent(unchanged.tuples, total.tuples)].filter(Boolean).join(', ');

/** What the candidate does to the set: `27 policies, 1 changed, 1 added`. */
export function setWords({
  base,
  added,
  changed,
  removed,
}: Pick<WhatIfReport, 'base' | 'added' | 'changed' | 'removed'>): string {
  const parts = [
    changed.length > 0 && `${changed.length} changed`,
    added.length > 0 && `${added.length} added`,
    removed.length > 0 && `${removed.length} taken away`,
  ].filter(Boolean);
  return [
    `${exact(base.policies)} ${base.policies === 1 ? 'policy' : 'policies'}`,
    ...(parts.length > 0 ? parts : ['nothing changed']),
  ].join(', ');
}

/** The rows of one kind, most flows first. */
export const rowsOf = (report: Pick<WhatIfReport, 'rows'>, kind: Change): ChangedTuple[] =>
  report.rows.filter((row) => row.kind === kind);

/** Policies of the text that would not be enforced as they stand, each once: the agent leaves them out, or only the API server would refuse them. */
export function refusedOf({ problems }: Pick<WhatIfReport, 'problems'>): { readonly agent: string[]; readonly server: string[] } {
  const of = (layer: 'engine' | 'schema') => [
    ...new Set(problems.filter((problem) => problem.layer === layer).map(({ policy }) => policy)),
  ];
  const agent = of('engine');
  return { agent, server: of('schema').filter((ref) => !agent.includes(ref)) };
}
