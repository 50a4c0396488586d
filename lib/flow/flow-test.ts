import { CausewayError } from '#lib/errors/errors.ts';
import type { Flow } from './flow.ts';
import type { Result } from './result.ts';

export type FlowTest = (flow: Flow) => boolean;

/** Whether one of `tests` holds; none of no tests does. */
export function anyOf(tests: readonly FlowTest[]): FlowTest {
  const [first, second] = tests;
  if (first && tests.length === 1) return first;
  if (first && second && tests.length === 2) return (flow) => first(flow) || second(flow);
  return (flow) => tests.some((test) => test(flow));
}

/** Whether all of `tests` hold. */
export function allOf(tests: readonly FlowTest[]): FlowTest {
  const [first, second] = tests;
  if (first && tests.length === 1) return first;
  if (first && second && tests.length === 2) return (flow) => first(flow) && second(flow);
  return (flow) => tests.every((test) => test(flow));
}

/** The value of a filter that was read before; throws `bad-filter` for one that a person or program wrote past the reader. */
export function valid<T>(result: Result<T>): T {
  if (!result.ok) throw new CausewayError('bad-filter', result.message);
  return result.value;
}
