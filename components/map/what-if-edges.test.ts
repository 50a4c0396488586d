import { expect, test } from 'vitest';
import { lookOf } from './overlays.ts';
import { NO_CHOICE } from './fold.ts';
import { toCanvas } from './to-canvas.ts';
import { wouldBeByEdge } from './what-if-edges.ts';
import { anEdge, aTopology } from './world.fixture.ts';

const row = { source: 'a/x', destination: 'b/y', protocol: 'TCP', port: 80 };

test('of several tuples on one edge the denial counts, in any order', () => {
  const rows = [
    { ...row, kind: 'unknown' },
    { ...row, kind: 'newly-denied' },
    { ...row, kind: 'newly-allowed' },
  ] as const;
  for (const order of [rows, rows.toReversed()])
    expect(wouldBeByEdge(order, 'workload').get('a/x->b/y:TCP/80')).toEqual({ kind: 'newly-denied' });
});

test('between namespaces the edges are folded, and the outside keeps its name', () => {
  const would = wouldBeByEdge([{ ...row, destination: 'fqdn:a/b.example', kind: 'newly-allowed' }], 'namespace');
  expect([...would.keys()]).toEqual(['a->fqdn:a/b.example:TCP/80']);
});

test('the overlay lets what changes stand out and leaves the rest quiet', () => {
  const [line] = toCanvas(aTopology([anEdge('a/x->b/y:TCP/80', { FORWARDED: 1 })]), { fold: NO_CHOICE, platform: true }).lines;
  if (!line) throw new Error('no line');
  const look = (kind: 'newly-denied' | 'newly-allowed' | 'undecided' | undefined) =>
    lookOf(line, 'what-if', () => kind && { kind });
  expect(look('newly-denied')).toMatchObject({ tone: 'drop', dash: 'dashed', mark: 'dropped', loud: true });
  expect(look('newly-allowed')).toMatchObject({ tone: 'fwd', mark: 'pass', loud: true });
  expect(look('undecided')).toMatchObject({ mark: 'unknown', loud: false });
  expect(look(undefined)).toMatchObject({ tone: 'trace', mark: undefined, words: 'would not change' });
});
