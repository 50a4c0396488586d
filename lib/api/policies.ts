import * as z from 'zod';
import { DECISION_REASONS, POLICY_KINDS, WORLD_PARTS } from '#lib/policy/model.ts';
import { RangeQuery, Time, Title } from './common.ts';

/** `cnp:namespace/name`, `ccnp:name` or `knp:namespace/name`. */
export const PolicyRef = z
  .string()
  .regex(/^(cnp|knp):[^/\s]{1,63}\/[^/\s]{1,253}$|^ccnp:[^/\s]{1,253}$/, 'cnp:namespace/name, ccnp:name or knp:namespace/name');

/** SHA-256 in lower-case hexadecimal. */
export const ContentHash = z.string().regex(/^[0-9a-f]{64}$/);

/** A policy's text or many of them: YAML or JSON, several documents or a list. */
export const PolicyText = z.string().max(5_000_000);

/** One element of `ingress`, `egress`, `ingressDeny` or `egressDeny`; `line` in the policy's own YAML, where there is one. */
export const RuleRef = z.object({ policy: PolicyRef, path: z.string(), line: z.number().optional() });
export type RuleRef = z.infer<typeof RuleRef>;

/** `PolicyProblem` of the core. */
export const PolicyProblem = z.object({
  layer: z.enum(['schema', 'engine', 'lint']),
  class: z.string(),
  message: z.string(),
  path: z.string(),
  place: z.object({ line: z.number(), column: z.number() }).optional(),
});

/** What a lint rule says of a policy; `fix` is a sentence. */
export const LintFinding = z.object({
  id: z.string(),
  ruleId: z.string(),
  severity: z.enum(['error', 'warning', 'note']),
  policy: PolicyRef,
  path: z.string(),
  line: z.number().optional(),
  message: z.string(),
  why: z.string(),
  fix: z.string().optional(),
  /** Where the rule comes from: a document or a thread. */
  source: z.string(),
});
export type LintFinding = z.infer<typeof LintFinding>;

/** Where the objects of a cluster come from and how that stands. */
export const PolicySource = z.object({
  kind: z.enum(['kubernetes', 'folder', 'upload', 'none']),
  state: z.enum(['ready', 'starting', 'partial', 'failed', 'none']),
  /** For a person: what it is reading, or what is wrong and what to do. */
  detail: z.string(),
  since: Time,
  /** When an object last changed or, for an upload, when it was made. */
  updatedAt: Time.optional(),
  kinds: z.array(
    z.object({
      kind: z.string(),
      state: z.enum(['ready', 'starting', 'forbidden', 'not-installed', 'failed']),
      objects: z.number(),
      message: z.string(),
      since: Time,
    }),
  ),
  /** Facts that are not known: what rests on them is judged `unknown`. */
  missing: z.array(z.enum(WORLD_PARTS)),
});
export type PolicySource = z.infer<typeof PolicySource>;

const SideState = z.enum(['default-deny', 'no-default-deny', 'none']);

export const PolicySummary = z.object({
  ref: PolicyRef,
  kind: z.enum(POLICY_KINDS),
  namespace: z.string(),
  name: z.string(),
  generation: z.number().optional(),
  hash: ContentHash,
  firstSeen: Time,
  /** What this version does: whether it is enforced at all, as Cilium's schema and parser say. */
  valid: z.boolean(),
  problems: z.array(PolicyProblem),
  /** The cluster's own `Valid` condition, where it states one. */
  reported: z.object({ valid: z.boolean(), message: z.string() }).optional(),
  ingress: SideState,
  egress: SideState,
  rules: z.number(),
  /** Endpoints it selects now; `workloads` are at most 20 of them as `namespace/name`. */
  selects: z.object({ endpoints: z.number(), workloads: z.array(z.string()), workloadsTotal: z.number() }),
  /** Flows of the window that a rule of it covers. */
  hits: z.number(),
  lastHit: Time.optional(),
  /** Rules no traffic tuple of the window is covered by. */
  unusedRules: z.number(),
  findings: z.object({ error: z.number(), warning: z.number(), note: z.number() }),
});
export type PolicySummary = z.infer<typeof PolicySummary>;

export const PoliciesQuery = RangeQuery;

/** `GET /api/v1/clusters/{id}/policies`. */
export const PolicyList = z.object({
  source: PolicySource,
  set: z.object({ hash: z.string(), since: Time, policies: z.number() }),
  from: Time,
  to: Time,
  policies: z.array(PolicySummary),
  /** Default-deny coverage: pods of each namespace and how many of them are closed by default. */
  namespaces: z.array(
    z.object({
      namespace: z.string(),
      pods: z.number(),
      ingressClosed: z.number(),
      egressClosed: z.number(),
      /** Flows with verdict AUDIT in the window, at its pods. */
      auditFlows: z.number(),
    }),
  ),
  /** Minutes of the window whose flows are not all known: the unused may have been used then. */
  incompleteMinutes: z.number(),
  /** Since when the ledger holds traffic, where that is later than `from`. */
  trafficSince: Time.optional(),
});
export type PolicyList = z.infer<typeof PolicyList>;

/** A rule of a policy with what it did in the window. */
export const RuleUse = z.object({
  path: z.string(),
  line: z.number().optional(),
  direction: z.enum(['ingress', 'egress']),
  kind: z.enum(['allow', 'deny']),
  /** In words, e.g. `from gateway/edge-proxy to TCP/3000, HTTP GET /v1/.*`. */
  text: z.string(),
  flows: z.number(),
  tuples: z.number(),
  lastHit: Time.optional(),
  /** Other rules (of any policy) that cover all that this one covers, for the same subjects. */
  shadowedBy: z.array(RuleRef),
});

export const PolicyVersion = z.object({
  hash: ContentHash,
  generation: z.number().optional(),
  firstSeen: Time,
  lastSeen: Time,
  /** It is the one in the cluster now. */
  current: z.boolean(),
});

/** `GET /api/v1/clusters/{id}/policies/{ref}`. `yaml` has places that `line` refers to. */
export const PolicyDetail = z.object({
  summary: PolicySummary,
  yaml: z.string(),
  rules: z.array(RuleUse),
  /** Endpoints it selects now, at most 500. */
  endpoints: z.array(z.object({ id: z.string(), namespace: z.string(), workload: z.string(), labels: z.array(z.string()) })),
  versions: z.array(PolicyVersion),
  findings: z.array(LintFinding),
  from: Time,
  to: Time,
});
export type PolicyDetail = z.infer<typeof PolicyDetail>;

export const PolicyVersionText = z.object({ ref: PolicyRef, version: PolicyVersion, yaml: z.string() });

export const LintReport = z.object({ findings: z.array(LintFinding), policies: z.number() });
export type LintReport = z.infer<typeof LintReport>;

/** Answer to an upload of objects (YAML or JSON): what was taken; nothing is taken when a document cannot be read. */
export const UploadReport = z.object({
  policies: z.number(),
  objects: z.record(z.string(), z.number()),
  problems: z.array(z.object({ policy: z.string(), message: z.string(), line: z.number().optional() })),
});
export type UploadReport = z.infer<typeof UploadReport>;

/** A named collection of policies that is not in force: a draft or candidate. */
export const PolicySet = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Hash over the hashes of its policies: equal sets have equal hashes. */
  hash: ContentHash,
  policies: z.array(PolicyRef),
  /** Policies of the set in force that the candidate takes away. */
  removes: z.array(PolicyRef),
  /** `merge`: its policies are put into the set in force, replacing those of the same name; `replace`: they stand alone. */
  mode: z.enum(['merge', 'replace']),
  /** It is judged continuously against the traffic: see would-deny. */
  watched: z.boolean(),
  /** Alert when it would deny at least so many flows a minute; absent: never. */
  alertAt: z.number().int().positive().optional(),
  yaml: z.string(),
  createdBy: z.string(),
  createdAt: Time,
  updatedAt: Time,
});
export type PolicySet = z.infer<typeof PolicySet>;
export const PolicySetList = z.object({ sets: z.array(PolicySet) });

export const PolicySetInput = z.object({
  name: Title,
  description: z.string().max(2000).default(''),
  mode: z.enum(['merge', 'replace']).default('merge'),
  removes: z.array(PolicyRef).max(2000).default([]),
  watched: z.boolean().default(false),
  alertAt: z.number().int().positive().optional(),
  yaml: PolicyText,
});
export type PolicySetInput = z.infer<typeof PolicySetInput>;

/** What a watched candidate would have denied of traffic that passed, by minute. */
export const WouldDeny = z.object({
  set: z.string(),
  from: Time,
  to: Time,
  stepMs: z.number(),
  times: z.array(Time),
  denied: z.array(z.number()),
  unknown: z.array(z.number()),
  judged: z.array(z.number()),
  /** By policy of the set or by namespace, most denied first. */
  byWorkload: z.array(z.object({ workload: z.string(), flows: z.number() })),
  /** Since when it is watched. */
  watchedSince: Time.optional(),
  /** The newest minute that reached `alertAt`. */
  alert: z.object({ time: Time, flows: z.number() }).optional(),
});
export type WouldDeny = z.infer<typeof WouldDeny>;

/** Why one direction says what it says. */
export const DirectionVerdict = z.object({
  enforced: z.boolean(),
  defaultDeny: z.boolean(),
  verdict: z.enum(['allowed', 'denied', 'error', 'unknown']),
  reason: z.enum(DECISION_REASONS),
  matchAllow: z.array(z.string()),
  matchDeny: z.array(z.string()),
  allowRules: z.array(RuleRef),
  denyRules: z.array(RuleRef),
  auth: z.enum(['required', 'test-always-fail']).optional(),
  redirect: z.enum(['http', 'dns', 'kafka', 'l7proto', 'tls', 'crd']).optional(),
  l7: z.enum(['allowed', 'denied', 'unknown']).optional(),
  audit: z.boolean().optional(),
  unknown: z.array(z.object({ code: z.string(), detail: z.string(), rule: RuleRef.optional() })).optional(),
});
export type DirectionVerdict = z.infer<typeof DirectionVerdict>;
