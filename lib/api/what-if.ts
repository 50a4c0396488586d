import * as z from 'zod';
import { POLICY_PROTOCOLS } from '#lib/policy/model.ts';
import { RangeQuery, Time } from './common.ts';
import { DirectionVerdict, PolicyRef, PolicyProblem, PolicyText, RuleRef } from './policies.ts';

/** Which set a question is put to: the one in force, or a stored candidate by its id. */
const SetChoice = z.string().max(64).default('in-force');

/** One side as a person types it: `namespace/workload`, `namespace/pod`, `entity:host`, `fqdn:api.example.com` or an address. */
const PeerText = z.string().min(1).max(400);

/** `GET .../policies/why`: a question with its own link. */
export const WhyQuery = z.object({
  from: PeerText,
  to: PeerText,
  protocol: z.enum(POLICY_PROTOCOLS).default('TCP'),
  port: z.coerce.number().int().min(0).max(65535),
  method: z.string().max(32).optional(),
  path: z.string().max(8192).optional(),
  host: z.string().max(400).optional(),
  dns: z.string().max(255).optional(),
  set: SetChoice,
});
export type WhyQuery = z.infer<typeof WhyQuery>;

/** A rule of a selecting policy that covers all but what `failed` names. */
export const NearRule = z.object({
  rule: RuleRef,
  kind: z.enum(['allow', 'deny']),
  text: z.string(),
  failed: z.array(
    z.object({ what: z.enum(['peer', 'port', 'protocol', 'http', 'dns', 'auth']), wanted: z.string(), got: z.string() }),
  ),
});

export const DirectionExplanation = DirectionVerdict.extend({
  /** Who is judged here: an endpoint's name, or what is not a subject. */
  subject: z.string(),
  labels: z.array(z.string()),
  /** Policies that select the subject in this direction. */
  selecting: z.array(z.object({ policy: PolicyRef, rules: z.number(), defaultDeny: z.boolean() })),
  /** The walk, a sentence a step, in the order in which it is decided. */
  steps: z.array(
    z.object({ tone: z.enum(['allowed', 'denied', 'note', 'unknown']), text: z.string(), rule: RuleRef.optional() }),
  ),
  /** Rules that came near, nearest first, at most 5. */
  near: z.array(NearRule),
});
export type DirectionExplanation = z.infer<typeof DirectionExplanation>;

/** The smallest change that would allow it, and what else that change would allow of what was seen. */
export const NearestRule = z.object({
  direction: z.enum(['egress', 'ingress']),
  /** The policy it adds to, or a new one. */
  policy: PolicyRef,
  isNew: z.boolean(),
  /** One sentence. */
  text: z.string(),
  /** The policy with the rule in it: what would be applied. */
  yaml: z.string(),
  /** Lines of `yaml` that are new, from 1. */
  lines: z.array(z.number()),
  /** Traffic of the last 24 hours that is denied today and would pass with it, this one left out. */
  alsoAllows: z.array(
    z.object({ source: z.string(), destination: z.string(), protocol: z.string(), port: z.number(), flows: z.number() }),
  ),
  /** Whom it would let in beside those seen: how many endpoints the peer selector matches. */
  peers: z.number(),
});

export const Explanation = z.object({
  question: z.object({
    from: z.string(),
    to: z.string(),
    protocol: z.string(),
    port: z.number(),
    l7: z.string(),
  }),
  set: z.object({ id: z.string(), hash: z.string() }),
  verdict: z.enum(['allowed', 'denied', 'error', 'unknown']),
  /** One sentence. */
  headline: z.string(),
  egress: DirectionExplanation,
  ingress: DirectionExplanation,
  /** One for each direction that denies; empty when it is allowed or no rule can help (an explicit deny). */
  nearest: z.array(NearestRule),
});
export type Explanation = z.infer<typeof Explanation>;

/** Body of `POST .../policies/what-if`. */
export const WhatIfInput = RangeQuery.extend({
  /** A stored candidate, or policies as text. */
  set: z.string().max(64).optional(),
  yaml: PolicyText.optional(),
  mode: z.enum(['merge', 'replace']).default('merge'),
  removes: z.array(PolicyRef).max(2000).default([]),
  /** Judge this capture instead of the ledger. */
  capture: z.string().max(64).optional(),
  /** Rows of each kind at most. */
  limit: z.number().int().min(1).max(5000).default(500),
});
export type WhatIfInput = z.infer<typeof WhatIfInput>;

const Share = z.object({ tuples: z.number(), flows: z.number() });

const Judged = z.object({
  verdict: z.enum(['allowed', 'denied', 'error', 'unknown']),
  /** e.g. `REDIRECTED by http[1]`, `no egress rule`, `at L7: path matches no rule`. */
  text: z.string(),
  rules: z.array(RuleRef),
});

/** A traffic tuple as it is shown. */
const SeenTraffic = z.object({
  source: z.string(),
  destination: z.string(),
  protocol: z.string(),
  port: z.number(),
  /** e.g. `GET /v1/balances/{id}`; empty where no request is known. */
  l7: z.string(),
  flows: z.number(),
  firstSeen: Time,
  lastSeen: Time,
});

export const ChangedTuple = SeenTraffic.extend({
  kind: z.enum(['newly-denied', 'newly-allowed', 'unknown']),
  id: z.string(),
  observed: z.string(),
  before: Judged,
  after: Judged,
});
export type ChangedTuple = z.infer<typeof ChangedTuple>;

/** What a candidate changes for traffic that was seen. */
export const WhatIfReport = z.object({
  from: Time,
  to: Time,
  base: z.object({ hash: z.string(), policies: z.number() }),
  candidate: z.object({ hash: z.string(), policies: z.number() }),
  added: z.array(PolicyRef),
  removed: z.array(PolicyRef),
  changed: z.array(PolicyRef),
  total: Share,
  newlyDenied: Share,
  newlyAllowed: Share,
  unknown: Share,
  unchanged: Share,
  /** Of each kind the tuples with most flows, at most `limit`. */
  rows: z.array(ChangedTuple),
  /** Why tuples are unknown, most first; `tuples` of them are so in the candidate. */
  unknownReasons: z.array(z.object({ code: z.string(), detail: z.string(), tuples: z.number(), flows: z.number() })),
  /** Endpoints that were open by default in a direction and are closed by the candidate. */
  isolated: z.array(
    z.object({ workload: z.string(), direction: z.enum(['ingress', 'egress']), endpoints: z.array(z.string()), of: z.number() }),
  ),
  byWorkload: z.array(z.object({ workload: z.string(), newlyDenied: z.number(), newlyAllowed: z.number(), unknown: z.number() })),
  problems: z.array(PolicyProblem.extend({ policy: z.string() })),
  /** How long judging took, in milliseconds. */
  judgedMs: z.number(),
  incompleteMinutes: z.number(),
});
export type WhatIfReport = z.infer<typeof WhatIfReport>;

/** `POST .../policies/suggest`. */
export const SuggestInput = RangeQuery.extend({
  namespace: z.string().max(63),
  /** Only this workload; absent: all of the namespace. */
  workload: z.string().max(253).optional(),
  directions: z
    .array(z.enum(['ingress', 'egress']))
    .min(1)
    .default(['ingress', 'egress']),
  /** Generalise HTTP requests to rules. */
  l7: z.boolean().default(false),
  capture: z.string().max(64).optional(),
});
export type SuggestInput = z.infer<typeof SuggestInput>;

export const Suggestion = z.object({
  from: Time,
  to: Time,
  /** All policies in one text, ready for an editor. */
  yaml: z.string(),
  policies: z.array(
    z.object({
      policy: PolicyRef,
      workload: z.string(),
      yaml: z.string(),
      rules: z.array(
        z.object({
          path: z.string(),
          text: z.string(),
          traffic: z.array(SeenTraffic),
          trafficTotal: z.number(),
          confidence: z.enum(['high', 'medium', 'low']),
          /** What would break it, a sentence each. */
          cautions: z.array(z.string()),
        }),
      ),
    }),
  ),
  /** What was added or left out on purpose, a sentence each (DNS, API server, probes, metadata address). */
  guardRails: z.array(z.string()),
  /** The set in force with the suggestion, judged over the same traffic. */
  check: z.object({ tuples: z.number(), newlyDenied: z.number(), newlyAllowed: z.number(), unknown: z.number() }),
  /** Traffic no rule was made of, with the reason. */
  leftOut: z.array(z.object({ reason: z.string(), tuples: z.number(), flows: z.number() })),
});
export type Suggestion = z.infer<typeof Suggestion>;

export const ReachQuery = RangeQuery.extend({
  level: z.enum(['namespace', 'workload']).default('namespace'),
  /** At workload level: only rows and columns of this namespace and its peers. */
  namespace: z.string().max(63).optional(),
  set: SetChoice,
});
export type ReachQuery = z.infer<typeof ReachQuery>;

export const ReachMatrix = z.object({
  level: z.enum(['namespace', 'workload']),
  from: Time,
  to: Time,
  /** Rows (sources) and columns (destinations) in the same order: namespaces or workloads, then entities and `world`. */
  names: z.array(z.string()),
  /** Cells that are not plainly denied and untried; all others are `denied`. */
  cells: z.array(
    z.object({
      source: z.number(),
      destination: z.number(),
      policy: z.enum(['allowed', 'denied', 'conditional', 'unknown']),
      /** Ports that are open, e.g. `TCP/8080 (http)`, `every port`; at most 12. */
      ports: z.array(z.string()),
      /** `http`, `dns`, `auth`: what it depends on. */
      conditions: z.array(z.string()),
      /** Flows let through and flows denied in the window. */
      used: z.number(),
      tried: z.number(),
    }),
  ),
});
export type ReachMatrix = z.infer<typeof ReachMatrix>;

/** `GET .../policies/judge-input`: the answer is `JudgeInput` of `lib/audit/judge-input.ts`. */
export const JudgeInputQuery = RangeQuery.extend({ capture: z.string().max(64).optional() });

/** The outer form of the judge input, for programs; the console's own judge reads it by `judgeInputOfJson`. */
export const JudgeInputForm = z.object({
  /** Facts of the cluster, in the form of policy vectors. */
  world: z.record(z.string(), z.unknown()),
  /** The set in force, as the API server gives its objects. */
  policies: z.array(z.record(z.string(), z.unknown())),
  setHash: z.string(),
  from: Time,
  to: Time,
  incompleteMinutes: z.number(),
  labelSets: z.array(z.tuple([z.string(), z.array(z.string())])),
  peers: z.array(z.record(z.string(), z.unknown())),
  tuples: z.array(z.array(z.unknown())),
});

/** `GET .../policies/audit`: expected against observed. */
export const AuditQuery = RangeQuery.extend({ capture: z.string().max(64).optional() });

export const AuditFinding = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  title: z.string(),
  source: z.string(),
  destination: z.string(),
  protocol: z.string().optional(),
  port: z.number().optional(),
  l7: z.string().optional(),
  flows: z.number(),
  firstSeen: Time,
  lastSeen: Time,
  nodes: z.array(z.string()),
  policies: z.array(z.string()),
  exampleUuid: z.string(),
  /** The first thing to look at. */
  look: z.string(),
  /** What cannot be known about it, a sentence each. */
  unknown: z.array(z.string()),
});
export type AuditFinding = z.infer<typeof AuditFinding>;

export const AuditReport = z.object({
  from: Time,
  to: Time,
  set: z.object({ hash: z.string(), policies: z.number() }),
  agree: Share,
  disagree: Share,
  notJudgeable: Share,
  notJudgeableReasons: z.array(z.object({ code: z.string(), detail: z.string(), tuples: z.number(), flows: z.number() })),
  /** Of all these, judged by the set in force now because nobody recorded which one was then. */
  assumed: Share.optional(),
  /** By kind, worst first. */
  groups: z.array(
    z.object({
      kind: z.string(),
      title: z.string(),
      explanation: z.string(),
      findings: z.array(AuditFinding),
      total: z.number(),
    }),
  ),
  incompleteMinutes: z.number(),
});
export type AuditReport = z.infer<typeof AuditReport>;
