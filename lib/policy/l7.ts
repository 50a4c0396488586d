import type { Cover, Doubt, Localhost } from './covering.ts';
import { matchesRequest } from './http.ts';
import type { L7Request, RedirectKind } from './model.ts';
import type { Match } from './selector.ts';
import type { L7Section } from './sections.ts';

/** What the proxy says of a request; `doubts` where it cannot be told. */
export interface L7Answer {
  readonly verdict: 'allowed' | 'denied' | 'unknown';
  readonly doubts: readonly { readonly cover: Cover | undefined; readonly doubt: Doubt }[];
}

type HttpQuestion = Extract<L7Request, { http: unknown }>;

const ALLOWED: L7Answer = { verdict: 'allowed', doubts: [] };
const DENIED: L7Answer = { verdict: 'denied', doubts: [] };

/** The proxy that takes the traffic: of several the one of the lowest priority number. */
export function redirectOf(allowing: readonly Cover[]): L7Section | undefined {
  let best: L7Section | undefined;
  for (const { section } of allowing) if (section?.l7 && (!best || section.l7.priority < best.priority)) best = section.l7;
  return best;
}

/** What is asked of the proxy. */
export interface L7Question {
  readonly redirect: RedirectKind;
  readonly request: L7Request;
  readonly port: number;
  /** All allow covers, those in doubt too. */
  readonly allowing: readonly Cover[];
  readonly localhost: Localhost;
}

/** Whether a request passes; undefined when it is not of the proxy's kind. */
export function judgeRequest(question: L7Question): L7Answer | undefined {
  const { redirect, request } = question;
  if (redirect === 'http' && 'http' in request) return judgeHttp(question, request);
  if (redirect === 'dns' && 'dns' in request) return judgeDns(question, request.dns);
  return undefined;
}

/** Every covering section counts, of any width: a plain one lets every request pass. */
function judgeHttp({ allowing, localhost }: L7Question, request: HttpQuestion): L7Answer {
  const isWildcarded = localhost !== 'no' && isHostWildcarded(allowing);
  if (isWildcarded && localhost === 'yes') return ALLOWED;
  const doubts: { cover: Cover | undefined; doubt: Doubt }[] = [];
  for (const cover of allowing) {
    const answer = httpAnswer(cover.section?.l7, request);
    const doubt = cover.doubt ?? (answer === 'unknown' ? NOT_SEEN : undefined);
    if (answer === 'yes' && !doubt) return ALLOWED;
    if (answer !== 'no' && doubt) doubts.push({ cover, doubt });
    else if (localhost !== 'no' && cover.by === 'selector' && cover.section?.l7?.http)
      doubts.push({ cover, doubt: HOST_BY_EXPRESSION });
  }
  if (isWildcarded && typeof localhost !== 'string') doubts.push({ cover: undefined, doubt: localhost });
  return doubts.length > 0 ? { verdict: 'unknown', doubts } : DENIED;
}

function httpAnswer(l7: L7Section | undefined, { http, notSeen }: HttpQuestion): Match {
  if (!l7?.http) return 'yes';
  const answers = l7.http.map((rule) => matchesRequest(rule, http, notSeen));
  return answers.includes('yes') ? 'yes' : answers.includes('unknown') ? 'unknown' : 'no';
}

const NOT_SEEN: Doubt = {
  code: 'request-not-seen',
  detail: 'the rule looks at a part of the request that the record does not hold, or at a secret',
};
const HOST_BY_EXPRESSION: Doubt = {
  code: 'host-by-expression',
  detail: 'a selector covers the local host without naming it: Cilium’s answer depends on what it computed before',
};

/** With the local host always allowed, an HTTP section open to everybody asks nothing of it, unless one of the same port key names it. */
function isHostWildcarded(allowing: readonly Cover[]): boolean {
  const named = new Set(
    allowing.flatMap(({ section, by, certain }) => (section && by === 'host' && certain ? [section.key] : [])),
  );
  return allowing.some(
    ({ section, by, certain }) => section?.l7?.http && certain && by === 'everybody' && !named.has(section.key),
  );
}

/** Only the section of exactly this port counts: a wider one does not let more pass. */
function judgeDns({ allowing, port }: L7Question, name: string): L7Answer {
  const doubts: { cover: Cover; doubt: Doubt }[] = [];
  for (const cover of allowing) {
    const { section, first, last, doubt } = cover;
    if (!section || first !== port || last !== port) continue;
    const { l7 } = section;
    if (l7?.dns && !l7.dns.some((pattern) => pattern.matches(name))) continue;
    if (!doubt) return ALLOWED;
    doubts.push({ cover, doubt });
  }
  return doubts.length > 0 ? { verdict: 'unknown', doubts } : DENIED;
}
