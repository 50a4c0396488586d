import { expect, test } from 'vitest';
import { type PoliciesNow, PolicyHistory } from './policy-history.ts';

const HOUR = 3_600_000;
const setOf = (setHash: string, since: number, generation = 1): PoliciesNow => ({
  since,
  setHash,
  inForce: [
    {
      ref: 'cnp:shop/api',
      hash: setHash,
      object: { kind: 'CiliumNetworkPolicy', metadata: { uid: 'u', generation, name: 'api' } },
    },
  ],
});

test('a flow is told by the set of its time, not by the one of now', () => {
  const history = new PolicyHistory();
  history.take(setOf('one', HOUR), HOUR);
  history.take(setOf('two', 2 * HOUR), 2 * HOUR);
  expect(history.at(HOUR - 1)).toBeUndefined();
  expect(history.at(2 * HOUR - 1)?.setHash).toBe('one');
  expect(history.at(2 * HOUR)?.setHash).toBe('two');
  expect(history.newest?.setHash).toBe('two');
});

test('objects that changed without changing the set count from when it was seen', () => {
  const history = new PolicyHistory();
  history.take(setOf('one', HOUR, 1), HOUR);
  history.take(setOf('one', HOUR, 2), 2 * HOUR);
  expect(history.at(2 * HOUR - 1)?.named('cnp:shop/api').generation).toBe(1);
  expect(history.at(2 * HOUR)?.named('cnp:shop/api').generation).toBe(2);
});

test('a set that was in force before a restart still is, and nobody saw what was in between', () => {
  const history = new PolicyHistory();
  history.before({ from: HOUR, to: 2 * HOUR, hash: 'one' });
  history.take(setOf('one', 3 * HOUR), 3 * HOUR);
  expect(history.at(HOUR + 1)?.unseenAt(HOUR + 1)).toBe(false);
  expect(history.at(2 * HOUR + 1)?.unseenAt(2 * HOUR + 1)).toBe(true);
  expect(history.at(3 * HOUR)?.unseenAt(3 * HOUR)).toBe(false);
  expect(history.at(3 * HOUR)?.isFreshAt(3 * HOUR)).toBe(false);
});

test('another set than the one before the restart is in force since it was seen', () => {
  const history = new PolicyHistory();
  history.before({ from: HOUR, to: 2 * HOUR, hash: 'one' });
  history.take(setOf('two', 3 * HOUR), 3 * HOUR);
  expect(history.at(3 * HOUR - 1)).toBeUndefined();
  expect(history.at(3 * HOUR + 1)?.isFreshAt(3 * HOUR + 1)).toBe(true);
});

test('a policy that is not in the set is named, and nothing is made up about it', () => {
  const history = new PolicyHistory();
  history.take(setOf('one', 0), 0);
  expect(history.newest?.named('ccnp:gone')).toEqual({ ref: 'ccnp:gone' });
  expect(history.newest?.named('cnp:shop/api')).toEqual({ ref: 'cnp:shop/api', uid: 'u', generation: 1, spec_hash: 'one' });
  history.take(
    {
      ...setOf('two', 1),
      inForce: [{ ref: 'knp:a/b', hash: 'h', object: { kind: 'NetworkPolicy', metadata: { generation: 2 ** 60 } } }],
    },
    1,
  );
  expect(history.newest?.named('knp:a/b')).toEqual({ ref: 'knp:a/b', spec_hash: 'h' });
});
