import { expect, test } from 'vitest';
import type { EncryptionCounts, MapEdge } from '#lib/topology/topology.ts';
import { NO_CHOICE } from './fold.ts';
import type { Line } from './model.ts';
import { encryptionLook, lookOf, type Overlay } from './overlays.ts';
import { toCanvas } from './to-canvas.ts';
import { anEdge, aTopology } from './world.fixture.ts';

const lineOf = (...edges: MapEdge[]): Line =>
  toCanvas(aTopology(edges), { fold: NO_CHOICE, platform: true }).lines[0] ?? expect.fail('no line');
const look = (overlay: Overlay, verdicts: MapEdge['verdicts'], more: Partial<MapEdge> = {}) =>
  lookOf(lineOf(anEdge('a/x->a/y:TCP/80', verdicts, more)), overlay);
const counts = (more: Partial<EncryptionCounts>): EncryptionCounts => ({
  encrypted: 0,
  plaintext: 0,
  sameNode: 0,
  host: 0,
  notEvaluable: 0,
  ...more,
});

test('half dropped is a dashed line with its mark; a small share is a pill on the line it is part of', () => {
  expect(look('verdict', { DROPPED: 5, FORWARDED: 5 })).toMatchObject({
    tone: 'drop',
    dash: 'dashed',
    mark: 'dropped',
    pill: undefined,
  });
  expect(look('verdict', { DROPPED: 38, REDIRECTED: 962 })).toMatchObject({
    tone: 'redir',
    double: true,
    mark: 'dropped',
    pill: 0.038,
  });
  expect(look('verdict', { DROPPED: 9, FORWARDED: 991 })).toMatchObject({ tone: 'fwd', mark: undefined, pill: undefined });
});

test.each([
  { state: { encrypted: 10 }, mark: 'encrypted', dash: 'solid', pill: undefined },
  { state: { encrypted: 991, plaintext: 9 }, mark: 'plaintext', dash: 'solid', pill: 0.009 },
  { state: { encrypted: 1, plaintext: 2 }, mark: 'plaintext', dash: 'dashed', pill: undefined },
  { state: { sameNode: 4 }, mark: 'same-node', dash: 'solid', pill: undefined },
  { state: { sameNode: 1, host: 9 }, mark: 'same-node', dash: 'solid', pill: undefined },
  { state: { host: 4 }, mark: undefined, dash: 'solid', pill: undefined },
  { state: { notEvaluable: 4 }, mark: 'unknown', dash: 'dotted', pill: undefined },
])('encryption of $state is drawn with mark $mark', ({ state, mark, dash, pill }) => {
  expect(encryptionLook(counts(state))).toMatchObject({ mark, dash, pill });
});

test('authentication: refused, unknown, not demanded, in part and whole are five different things', () => {
  expect(look('auth', { DROPPED: 5 }, { drops: { AUTH_REQUIRED: 5 } })).toMatchObject({ mark: 'dropped' });
  expect(look('auth', { FORWARDED: 5 })).toMatchObject({ mark: 'unknown', dash: 'dotted' });
  expect(look('auth', { FORWARDED: 5 }, { authEvaluated: 5 })).toMatchObject({
    mark: undefined,
    words: 'no authentication demanded',
  });
  expect(look('auth', { FORWARDED: 5 }, { authEvaluated: 100, authenticated: 97 })).toMatchObject({ mark: 'pass', pill: 0.97 });
  expect(look('auth', { FORWARDED: 5 }, { authEvaluated: 5, authenticated: 5 })).toMatchObject({ mark: 'pass', pill: undefined });
});

test('policy: a default deny names none and says so', () => {
  expect(look('policy', { DROPPED: 5 })).toMatchObject({ mark: 'dropped', words: 'denied by default: no policy allows it' });
  expect(look('policy', { FORWARDED: 5 }, { policies: ['cnp:a/x'] })).toMatchObject({ mark: 'pass', words: '1 policy named' });
  expect(look('policy', { FORWARDED: 5 })).toMatchObject({ mark: 'unknown' });
});

test('change: a line is new only when all of it is, and what changed is in its words', () => {
  const [a, b] = [anEdge('a/x->a/y:TCP/80'), anEdge('a/x->a/y:TCP/81')];
  const line = lineOf(a, b);
  const isNew = { kind: 'new', after: a } as const;
  const changed = { kind: 'changed', before: b, after: b, reasons: ['drops', 'volume'] } as const;
  expect(lookOf(line, 'change', () => isNew)).toMatchObject({ mark: 'new' });
  expect(lookOf(line, 'change', (edge) => (edge.port === 80 ? isNew : changed))).toMatchObject({
    mark: 'changed',
    words: 'changed: new, drops, volume',
  });
  expect(lookOf(line, 'change', (edge) => ({ kind: 'gone', before: edge }))).toMatchObject({ mark: 'gone', dash: 'dashed' });
  expect(lookOf(line, 'change', () => undefined)).toMatchObject({ mark: undefined, words: 'no change' });
});
