import { CausewayError } from '#lib/errors/errors.ts';
import { flowTests } from './filter-match-flow.ts';
import { DESTINATION, sideTests, SOURCE, type LabelsOf } from './filter-match-side.ts';
import { asksNothing, isEmptyFilter, sidesOf } from './filter-sides.ts';
import type { FlowFilter, FlowQuery } from './filter.ts';
import { allOf, anyOf, type FlowTest } from './flow-test.ts';

export interface MatchOptions {
  /** The labels of an endpoint whose stream is masked, from an identity directory. Answers are remembered by list: give the same list for the same labels. */
  readonly labelsOf?: LabelsOf;
}

/**
 * A test with exactly the result that Hubble's own filters have for the same query (cilium pkg/hubble/filters, 1.19; proven by
 * `lib/testing/filter-cases.ts`, which also runs against a real relay). Built once, then fast: values become sets and compiled patterns.
 * Throws `bad-filter` for a value that Hubble would refuse, and for an empty filter, which at a relay would match everything.
 */
export function compileFilter(query: FlowQuery, { labelsOf = ({ labels }) => labels }: MatchOptions = {}): FlowTest {
  const include = query.include.map((filter) => compileOne(filter, labelsOf));
  const exclude = query.exclude.map((filter) => compileOne(filter, labelsOf));
  if (exclude.length === 0) return include.length === 0 ? () => true : anyOf(include);
  const excluded = anyOf(exclude);
  if (include.length === 0) return (flow) => !excluded(flow);
  const included = anyOf(include);
  return (flow) => included(flow) && !excluded(flow);
}

function compileOne(filter: FlowFilter, labelsOf: LabelsOf): FlowTest {
  if (isEmptyFilter(filter)) throw new CausewayError('bad-filter', 'A filter without any condition would match every flow.');
  const { source, destination, either } = sidesOf(filter);
  const tests = [
    ...flowTests(filter),
    ...sideTests(source, SOURCE, labelsOf),
    ...sideTests(destination, DESTINATION, labelsOf),
    ...(asksNothing(either)
      ? []
      : [anyOf([allOf(sideTests(either, SOURCE, labelsOf)), allOf(sideTests(either, DESTINATION, labelsOf))])]),
  ];
  return allOf(tests);
}
