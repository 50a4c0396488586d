import type { ExplainStep, SelectingPolicy } from './explain-model.ts';
import type { DirectionDecision, L7Request, RuleRef } from './model.ts';

/** What a walk through one direction is told from. */
export interface WalkFacts {
  readonly direction: 'egress' | 'ingress';
  readonly decision: DirectionDecision;
  readonly subject: string;
  readonly peer: string;
  /** e.g. `TCP/8080`, `ICMP type 8`. */
  readonly traffic: string;
  readonly request: L7Request | undefined;
  readonly selecting: readonly SelectingPolicy[];
  /** Two rules that cannot both hold, where Cilium cannot compute the subject's policy. */
  readonly contradicting: readonly RuleRef[];
  /** `never`: policies are ignored; `always`: everything is closed without any. */
  readonly enforcement: 'default' | 'always' | 'never';
  /** A rule in words, see `describeRule`. */
  readonly wordsOf: (rule: RuleRef) => string;
}

/** The walk of one direction in the order in which Cilium decides: who is selected, denies, allows, the default, then authentication and requests. */
export function stepsOf(facts: WalkFacts): ExplainStep[] {
  return [selection(facts), ...verdictSteps(facts), ...afterwards(facts)];
}

function selection({ direction, decision, subject, selecting, enforcement }: WalkFacts): ExplainStep {
  const at = `${direction === 'egress' ? 'Egress' : 'Ingress'} at ${subject}`;
  const note = (text: string): ExplainStep => ({ tone: 'note', text: `${at}: ${text}` });
  if (decision.reason === 'not-subject') return note('no policy is enforced on it, so this direction lets everything pass.');
  if (enforcement === 'never') return note('policies are ignored, because enforcement is set to never.');
  if (decision.reason === 'resolve-error') return note('its policies contradict each other.');
  if (decision.reason === 'no-policy') return note('no policy selects it, so everything passes.');
  const count =
    selecting.length === 0
      ? 'no policy selects it'
      : `${selecting.length} ${selecting.length === 1 ? 'policy selects' : 'policies select'} it`;
  if (decision.defaultDeny && selecting.every(({ defaultDeny }) => !defaultDeny))
    return note(
      `${count}; default deny is on all the same (${enforcement === 'always' ? 'enforcement is set to always' : 'a pod without an identity yet is closed'}).`,
    );
  return note(`${count}; default deny is ${decision.defaultDeny ? 'on' : 'off'}.`);
}

function verdictSteps(facts: WalkFacts): ExplainStep[] {
  const { decision, traffic, peer, direction, wordsOf } = facts;
  const whither = direction === 'egress' ? `to ${peer}` : `from ${peer}`;
  const unknown = (decision.unknown ?? []).map(({ detail, rule }): ExplainStep => ({
    tone: 'unknown',
    text: detail,
    ...(rule && { rule }),
  }));
  switch (decision.reason) {
    case 'not-subject':
    case 'no-policy':
      return [];
    case 'resolve-error':
      return [
        ...facts.contradicting.map((rule): ExplainStep => ({
          tone: 'denied',
          text: `Contradicts the other: ${wordsOf(rule)}.`,
          rule,
        })),
        note('Cilium cannot compute its policy and keeps the one it had before: repair the contradiction first.'),
      ];
    case 'deny-rule':
      return [
        ...decision.denyRules.map((rule): ExplainStep => ({
          tone: 'denied',
          text: `A rule denies traffic ${wordsOf(rule)}.`,
          rule,
        })),
        ...(decision.allowRules.length > 0 ? [note('Rules that allow it do not help: a deny wins over every allow.')] : []),
        ...audited(decision),
      ];
    case 'allow-rule':
      return decision.allowRules.map((rule): ExplainStep => ({
        tone: 'allowed',
        text: `A rule allows traffic ${wordsOf(rule)}.`,
        rule,
      }));
    case 'localhost':
      return [{ tone: 'allowed', text: 'No rule allows it, but the pod’s own node may always reach it (allow-localhost).' }];
    case 'default-allow':
      return [
        {
          tone: 'allowed',
          text: `No rule covers ${traffic} ${whither}, and none of these policies closes this direction: it passes.`,
        },
      ];
    case 'default-deny':
      return [{ tone: 'denied', text: `No rule allows ${traffic} ${whither}.` }, ...audited(decision)];
    case 'unknown':
      return unknown;
  }
}

const note = (text: string): ExplainStep => ({ tone: 'note', text });

const audited = ({ audit }: DirectionDecision): ExplainStep[] =>
  audit === true ? [note('Audit mode is on: the denial is reported and the traffic passes.')] : [];

function afterwards({ decision, request }: WalkFacts): ExplainStep[] {
  const { auth, redirect, l7, verdict, reason } = decision;
  const steps: ExplainStep[] = [];
  if (verdict !== 'allowed') return steps;
  if (auth === 'required')
    steps.push(
      note('The two ends must authenticate each other first (mutual authentication): without it the traffic is dropped.'),
    );
  if (auth === 'test-always-fail')
    steps.push({ tone: 'denied', text: 'Authentication always fails here (mode test-always-fail): the traffic is dropped.' });
  if (redirect !== undefined) steps.push(note(`It is handed to ${PROXIES[redirect]}, which judges each request.`));
  const asked = request ? describeRequest(request) : '';
  if (l7 === 'allowed') steps.push({ tone: 'allowed', text: `The request ${asked} passes.` });
  if (l7 === 'denied')
    steps.push({
      tone: 'denied',
      text: `No rule lets the request ${asked} pass: the proxy ${request && 'dns' in request ? 'answers REFUSED' : 'answers 403'}.`,
    });
  if (l7 === 'unknown' && reason !== 'unknown')
    for (const { detail, rule } of decision.unknown ?? []) steps.push({ tone: 'unknown', text: detail, ...(rule && { rule }) });
  if (redirect !== undefined && request === undefined)
    steps.push(note('Which requests pass depends on their content; none was asked about.'));
  return steps;
}

const PROXIES = {
  http: 'the HTTP proxy (Envoy)',
  dns: 'the DNS proxy',
  kafka: 'the Kafka proxy',
  l7proto: 'the proxy',
  tls: 'the proxy for TLS',
  crd: 'an Envoy listener of its own',
} as const;

/** A request in words: `GET /v1/orders`, `DNS api.example.com`. */
export const describeRequest = (request: L7Request): string =>
  'dns' in request
    ? `DNS ${request.dns}`
    : `${request.http.method} ${request.http.path}${request.http.host === undefined ? '' : ` at ${request.http.host}`}`.trim();
