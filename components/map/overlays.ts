import type { EdgeChange } from '#lib/topology/diff.ts';
import { type EncryptionState, encryptionStateOf } from '#lib/topology/encryption.ts';
import type { EncryptionCounts, MapEdge } from '#lib/topology/topology.ts';
import type { Line, LineStyle } from './model.ts';
import { PILL_SHARE } from './line-style.ts';

/** What the lines of the map tell: one question at a time. */
export const OVERLAYS = ['verdict', 'encryption', 'auth', 'policy', 'change', 'what-if'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** What a candidate set of policies would do to an edge. */
export interface WouldBe {
  readonly kind: 'newly-denied' | 'newly-allowed' | 'undecided';
}
/** What an overlay knows of an edge from elsewhere: how it changed, or what would change. */
export type Told = EdgeChange | WouldBe;

export type LookTone = 'fwd' | 'drop' | 'audit' | 'redir' | 'error' | 'trace' | 'ink';
export type LookMark =
  | 'dropped'
  | 'audit'
  | 'error'
  | 'encrypted'
  | 'plaintext'
  | 'same-node'
  | 'unknown'
  | 'pass'
  | 'new'
  | 'gone'
  | 'changed';

/** How one line is drawn, and the same in words. */
export interface LineLook {
  readonly tone: LookTone;
  readonly dash: 'solid' | 'dashed' | 'dotted';
  readonly double: boolean;
  readonly mark: LookMark | undefined;
  /** Share that stands in a pill in the middle, 0..1, with the mark before it. */
  readonly pill: number | undefined;
  /** Stays readable while a selection dims the rest. */
  readonly loud: boolean;
  readonly words: string;
}

const PLAIN: LineLook = { tone: 'fwd', dash: 'solid', double: false, mark: undefined, pill: undefined, loud: false, words: '' };

const VERDICT_LOOKS: Readonly<Record<LineStyle, LineLook>> = {
  FORWARDED: { ...PLAIN, words: 'forwarded' },
  DROPPED: { ...PLAIN, tone: 'drop', dash: 'dashed', mark: 'dropped', loud: true, words: 'half or more dropped' },
  AUDIT: { ...PLAIN, tone: 'audit', dash: 'dotted', mark: 'audit', loud: true, words: 'half or more would be dropped' },
  REDIRECTED: { ...PLAIN, tone: 'redir', double: true, words: 'through the L7 proxy' },
  ERROR: { ...PLAIN, tone: 'error', dash: 'dashed', mark: 'error', loud: true, words: 'half or more errors' },
  TRACED: { ...PLAIN, tone: 'trace', words: 'traced only, or idle' },
};

/** The look of a line under an overlay. `told` is asked only by the overlays for change and what-if. */
export function lookOf(line: Line, overlay: Overlay, told?: (edge: MapEdge) => Told | undefined): LineLook {
  switch (overlay) {
    case 'verdict':
      return verdictLook(line);
    case 'encryption':
      return encryptionLook(sumEncryption(line.edges));
    case 'auth':
      return authLook(line.edges);
    case 'policy':
      return policyLook(line.edges);
    case 'change':
      return changeLook(line.edges.flatMap((edge) => told?.(edge) ?? []).filter((change) => !isWouldBe(change)));
    case 'what-if':
      return whatIfLook(line.edges.flatMap((edge) => told?.(edge) ?? []).filter(isWouldBe));
  }
}

function verdictLook({ style, droppedShare }: Line): LineLook {
  const look = VERDICT_LOOKS[style];
  if (style === 'DROPPED' || droppedShare < PILL_SHARE) return look;
  return { ...look, mark: 'dropped', pill: droppedShare, loud: true, words: `${look.words}, some dropped` };
}

const ENCRYPTION_LOOKS: Readonly<Record<EncryptionState, LineLook>> = {
  plaintext: { ...PLAIN, tone: 'drop', dash: 'dashed', mark: 'plaintext', loud: true, words: 'plaintext across nodes' },
  encrypted: { ...PLAIN, mark: 'encrypted', words: 'encrypted' },
  'same-node': { ...PLAIN, tone: 'trace', mark: 'same-node', words: 'same node, not encrypted by design' },
  host: { ...PLAIN, tone: 'trace', words: 'host traffic, encrypted only with node encryption' },
  'not-evaluable': { ...PLAIN, tone: 'trace', dash: 'dotted', mark: 'unknown', words: 'not evaluable: no trace point told' },
};

/** Plaintext is a finding however small: below half it is a pill on the line it is part of. */
export function encryptionLook(counts: EncryptionCounts): LineLook {
  const look = ENCRYPTION_LOOKS[encryptionStateOf(counts)];
  const share = counts.plaintext / (counts.encrypted + counts.plaintext);
  return share > 0 && share < 0.5
    ? { ...PLAIN, mark: 'plaintext', pill: share, loud: true, words: 'encrypted, some in clear' }
    : look;
}

export function sumEncryption(edges: readonly MapEdge[]): EncryptionCounts {
  const sum = { encrypted: 0, plaintext: 0, sameNode: 0, host: 0, notEvaluable: 0 };
  for (const { encryption } of edges) {
    sum.encrypted += encryption.encrypted;
    sum.plaintext += encryption.plaintext;
    sum.sameNode += encryption.sameNode;
    sum.host += encryption.host;
    sum.notEvaluable += encryption.notEvaluable;
  }
  return sum;
}

function authLook(edges: readonly MapEdge[]): LineLook {
  let authenticated = 0;
  let evaluated = 0;
  let refused = 0;
  for (const edge of edges) {
    authenticated += edge.authenticated;
    evaluated += edge.authEvaluated;
    refused += edge.drops.AUTH_REQUIRED ?? 0;
  }
  if (refused > 0 && refused >= authenticated)
    return {
      ...PLAIN,
      tone: 'drop',
      dash: 'dashed',
      mark: 'dropped',
      loud: true,
      words: 'authentication required and not given',
    };
  if (evaluated === 0)
    return { ...PLAIN, tone: 'trace', dash: 'dotted', mark: 'unknown', words: 'unknown: no policy verdict at ingress' };
  if (authenticated === 0) return { ...PLAIN, tone: 'trace', words: 'no authentication demanded' };
  const share = authenticated / evaluated;
  return share >= 0.995
    ? { ...PLAIN, mark: 'pass', words: 'mutually authenticated' }
    : { ...PLAIN, mark: 'pass', pill: share, words: 'authenticated in part' };
}

const POLICY_REASONS = ['POLICY_DENIED', 'POLICY_DENY', 'L7_DENIED', 'AUTH_REQUIRED'];

function policyLook(edges: readonly MapEdge[]): LineLook {
  const named = new Set(edges.flatMap(({ policies }) => policies)).size;
  const denied = edges.reduce((sum, { drops }) => sum + POLICY_REASONS.reduce((all, reason) => all + (drops[reason] ?? 0), 0), 0);
  const flows = edges.reduce((sum, edge) => sum + edge.flows, 0);
  const policies = `${named} ${named === 1 ? 'policy' : 'policies'} named`;
  if (denied > 0 && denied >= flows / 2)
    return {
      ...PLAIN,
      tone: 'drop',
      dash: 'dashed',
      mark: 'dropped',
      loud: true,
      words: named > 0 ? `denied, ${policies}` : 'denied by default: no policy allows it',
    };
  if (named > 0) return { ...PLAIN, mark: 'pass', words: policies };
  return { ...PLAIN, tone: 'trace', dash: 'dotted', mark: 'unknown', words: 'no policy named in this window' };
}

function changeLook(changes: readonly EdgeChange[]): LineLook {
  const all = (kind: EdgeChange['kind']) => changes.length > 0 && changes.every((change) => change.kind === kind);
  if (all('new')) return { ...PLAIN, tone: 'ink', mark: 'new', loud: true, words: 'new' };
  if (all('gone')) return { ...PLAIN, tone: 'ink', dash: 'dashed', mark: 'gone', loud: true, words: 'gone' };
  const said = changes.flatMap((change): readonly string[] =>
    change.kind === 'changed' ? change.reasons : change.kind === 'same' ? [] : [change.kind],
  );
  if (said.length === 0) return { ...PLAIN, tone: 'trace', words: 'no change' };
  return { ...PLAIN, tone: 'ink', mark: 'changed', loud: true, words: `changed: ${[...new Set(said)].join(', ')}` };
}

const isWouldBe = (told: Told): told is WouldBe =>
  told.kind === 'newly-denied' || told.kind === 'newly-allowed' || told.kind === 'undecided';

/** What changes stands out: a denial before what would be let in, both before what cannot be told. */
function whatIfLook(would: readonly WouldBe[]): LineLook {
  const has = (kind: WouldBe['kind']) => would.some((each) => each.kind === kind);
  if (has('newly-denied'))
    return { ...PLAIN, tone: 'drop', dash: 'dashed', mark: 'dropped', loud: true, words: 'would be newly denied' };
  if (has('newly-allowed')) return { ...PLAIN, mark: 'pass', loud: true, words: 'would be newly allowed' };
  if (has('undecided')) return { ...PLAIN, tone: 'trace', dash: 'dotted', mark: 'unknown', words: 'cannot be told' };
  return { ...PLAIN, tone: 'trace', words: 'would not change' };
}
