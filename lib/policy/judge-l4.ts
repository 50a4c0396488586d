import { authOf } from './auth.ts';
import { type Cover, type Doubt, LOCAL_OR_NOT, type Localhost } from './covering.ts';
import { redirectOf } from './l7.ts';
import type { DirectionDecision, PolicyRef, RuleRef, UnknownReason } from './model.ts';

/** What a direction says whoever the peer is. */
export interface DirectionState {
  readonly enforced: boolean;
  readonly defaultDeny: boolean;
  /** Denials are reports. */
  readonly audit: boolean;
}

/** One direction judged for a range of ports in which nothing changes. */
export interface Judged {
  readonly decision: DirectionDecision;
  /** What the direction does to the connection: a reported denial lets it pass. */
  readonly effect: DirectionDecision['verdict'];
  /** All allow covers of what is allowed, those in doubt too. */
  readonly allowing: readonly Cover[];
  readonly localhost: Localhost;
  /** The same for a peer that may as well be the local host. */
  readonly asHost?: Judged;
}

const NONE: readonly never[] = Object.freeze([]);
/** More reasons than these say nothing new. */
const MAX_REASONS = 8;

/** The verdict at L3/L4 of the covers of a flow. A deny wins over all; then any allow; then the local host; then what the direction does by default. */
export function judgeL4(covers: readonly Cover[], port: number, localhost: Localhost, state: DirectionState): Judged {
  const denying = covers.filter(({ entry }) => entry.deny);
  const allowing = covers.filter(({ entry }) => !entry.deny);
  const denies = denying.filter(({ certain }) => certain);
  const allows = allowing.filter(({ certain }) => certain);
  const matched = {
    enforced: state.enforced,
    defaultDeny: state.defaultDeny,
    matchAllow: policiesOf(allows),
    matchDeny: policiesOf(denies),
    allowRules: rulesOf(allows),
    denyRules: rulesOf(denies),
  };
  const done = (decision: DirectionDecision): Judged => ({
    decision: Object.freeze(decision),
    effect: decision.audit ? 'allowed' : decision.verdict,
    allowing: decision.verdict === 'allowed' ? allowing : NONE,
    localhost,
  });
  const denied = (reason: 'deny-rule' | 'default-deny') =>
    done({ ...matched, verdict: 'denied', reason, ...(state.audit && { audit: true }) });
  const unknown = (doubts: readonly { cover: Cover | undefined; doubt: Doubt }[]) =>
    done({ ...matched, verdict: 'unknown', reason: 'unknown', unknown: reasonsOf(doubts) });

  if (denies.length > 0) return denied('deny-rule');
  const deniesInDoubt = inDoubt(denying);
  const allowsInDoubt = inDoubt(allowing);
  const isAllowed = allows.length > 0 || localhost === 'yes' || !state.defaultDeny;
  if (!isAllowed && allowsInDoubt.length === 0 && localhost === 'no') return denied('default-deny');
  if (!isAllowed || deniesInDoubt.length > 0)
    return unknown([
      ...deniesInDoubt,
      ...allowsInDoubt,
      ...(typeof localhost === 'string' ? [] : [{ cover: undefined, doubt: localhost }]),
    ]);
  if (allows.length === 0)
    return done({ ...matched, verdict: 'allowed', reason: localhost === 'yes' ? 'localhost' : 'default-allow' });
  const auth = authOf(allows, port);
  const redirect = redirectOf(allows)?.kind;
  return done({ ...matched, verdict: 'allowed', reason: 'allow-rule', ...(auth && { auth }), ...(redirect && { redirect }) });
}

const inDoubt = (covers: readonly Cover[]) => covers.flatMap((cover) => (cover.doubt ? [{ cover, doubt: cover.doubt }] : []));

/** What is said of a node that is the local host or a remote one: where the two differ, it cannot be told. */
export function judgeEither(remote: Judged, host: Judged): Judged {
  if (remote.effect === host.effect && remote.decision.verdict === host.decision.verdict) return { ...remote, asHost: host };
  const { auth: _auth, redirect: _redirect, audit: _audit, ...rest } = remote.decision;
  const doubts = [{ cover: undefined, doubt: LOCAL_OR_NOT }];
  const decision = { ...rest, verdict: 'unknown', reason: 'unknown', unknown: reasonsOf(doubts) } as const;
  return { decision: Object.freeze(decision), effect: 'unknown', allowing: NONE, localhost: 'no' };
}

/** Reasons for people and programs: one for each rule and fact. */
export function reasonsOf(
  doubts: readonly { readonly cover: Cover | undefined; readonly doubt: Doubt }[],
): readonly UnknownReason[] {
  const reasons = new Map<string, UnknownReason>();
  for (const { cover, doubt } of doubts) {
    const rule = cover && { policy: cover.entry.policy, path: cover.entry.path };
    reasons.set(`${doubt.code} ${rule?.policy} ${rule?.path}`, Object.freeze({ ...doubt, ...(rule && { rule }) }));
    if (reasons.size === MAX_REASONS) break;
  }
  return Object.freeze([...reasons.values()]);
}

function policiesOf(covers: readonly Cover[]): readonly PolicyRef[] {
  return covers.length === 0 ? NONE : Object.freeze([...new Set(covers.map(({ entry }) => entry.policy))].toSorted());
}

function rulesOf(covers: readonly Cover[]): readonly RuleRef[] {
  if (covers.length === 0) return NONE;
  const entries = new Set(covers.map(({ entry }) => entry));
  return Object.freeze(Array.from(entries, ({ policy, path }) => Object.freeze({ policy, path })));
}
