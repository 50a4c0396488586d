import * as z from 'zod';
import {
  CHECK_KINDS,
  CHECK_STATUSES,
  GATE_COMMANDS,
  GATE_STATES,
  METHODS,
  PHASE_STATES,
  ROUTES,
  UPLOAD_KINDS,
} from '#lib/migration/model.ts';
import { LEVELS } from '#lib/migration/plan/model.ts';
import { ClusterId, Environment, Time, Title } from './common.ts';

export const PhaseNumber = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export type PhaseNumber = z.infer<typeof PhaseNumber>;

/** SHA-256 in lower-case hexadecimal. */
export const EvidenceHash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hexadecimal');

/** What a person writes: reason, comment, statement. */
const Note = z
  .string()
  .trim()
  .max(2000)
  .regex(/^[^\p{Cs}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u, 'text without control characters');
const Reason = Note.min(3, 'a reason of at least 3 characters');

/** A person as the tracker shows them: `issuer|sub` decides, the name is for reading. */
export const Person = z.object({ subject: z.string(), name: z.string() });
export type Person = z.infer<typeof Person>;

const Choices = z.object({ method: z.enum(METHODS), route: z.enum(ROUTES) });

/** One phase in one environment, as the matrix shows it. */
export const PhaseCell = z.object({
  phase: PhaseNumber,
  environment: Environment,
  state: z.enum(PHASE_STATES),
  /** Since when it is in this state. */
  since: Time.optional(),
  /** Who brought it there: requester and approvers of a completed phase. */
  by: z.array(z.string()),
  checksPassed: z.number(),
  checksTotal: z.number(),
  failing: z.number(),
  unknown: z.number(),
  /** What it waits for, a few words; empty when for nothing. */
  waitsFor: z.string(),
  request: z.string().optional(),
  brokenGlass: z.boolean(),
});
export type PhaseCell = z.infer<typeof PhaseCell>;

/** Glass that was broken: told on every page of the migration for good. */
export const BrokenGlass = z.object({
  request: z.string(),
  phase: PhaseNumber,
  environment: Environment,
  by: Person,
  at: Time,
  reason: z.string(),
  ticket: z.string(),
  /** Open until another person has looked at it: no request can be made before. */
  review: z.object({ id: z.string(), closedBy: Person.optional(), closedAt: Time.optional(), finding: z.string().optional() }),
});
export type BrokenGlass = z.infer<typeof BrokenGlass>;

/** Rules of one environment's gates. */
export const GateRules = z.object({
  /** Approvals needed. */
  approvals: z.number().int().min(1).max(6),
  /** Teams that must each be among the approvers; the names are those of the role map (`team`). */
  teams: z.array(Title).max(6),
  /** How long an approval and the evidence it rests on count, in minutes. */
  ttlMinutes: z.number().int().min(5).max(10_080),
  /** How long the phase must have been completed in the environment before, in minutes. */
  soakMinutes: z.number().int().min(0).max(43_200),
  /** When gates may be passed, in UTC; empty: at any time. Days are 1 (Monday) to 7, times HH:MM. */
  windows: z
    .array(
      z.object({
        days: z.array(z.number().int().min(1).max(7)).min(1),
        from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
        to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/),
      }),
    )
    .max(20),
  /** Approving needs a fresh sign-in with a second factor. */
  stepUp: z.boolean(),
  /** Requesting and passing need a running elevation. */
  elevation: z.boolean(),
});
export type GateRules = z.infer<typeof GateRules>;

/** `GET /api/v1/clusters/{cluster}/migration` */
export const Migration = z.object({
  id: z.string(),
  name: z.string(),
  planVersion: z.string(),
  /** The newest version that this console has; a person may move the migration on to it. */
  latestPlanVersion: z.string(),
  /** The console does not have this version any more: it is shown by what is stored, and takes no new decision. */
  planGone: z.boolean(),
  /** Grows with each change of plan version or choices: a phase is promoted only within one revision. */
  revision: z.number(),
  /** Counts every change: the ETag. */
  version: z.number(),
  choices: Choices,
  environments: z.array(
    z.object({
      environment: Environment,
      /** Absent where no cluster is set, or the caller may not see it. */
      cluster: z.object({ id: ClusterId, name: z.string() }).optional(),
      hidden: z.boolean(),
      rules: GateRules,
    }),
  ),
  phases: z.array(
    z.object({
      phase: PhaseNumber,
      name: z.string(),
      summary: z.string(),
      optional: z.boolean(),
      typicalLength: z.string(),
      leaves: z.string(),
      cells: z.array(PhaseCell),
    }),
  ),
  brokenGlass: z.array(BrokenGlass),
  /** The cluster has an elevation running or asked for. */
  elevations: z.array(z.lazy(() => Elevation)),
  createdAt: Time,
  createdBy: Person,
});
export type Migration = z.infer<typeof Migration>;

/** `POST /api/v1/clusters/{cluster}/migration` (admin): begins a migration; the cluster of the path is one of its clusters. */
export const MigrationInput = z.object({
  name: Title,
  clusters: z.partialRecord(Environment, ClusterId),
  choices: Choices.default({ method: 'mutual-auth', route: 'node-groups' }),
});
export type MigrationInput = z.infer<typeof MigrationInput>;

/** `PATCH /api/v1/clusters/{cluster}/migration` (admin, If-Match): what is absent stays. */
export const MigrationChange = z
  .object({
    name: Title,
    clusters: z.partialRecord(Environment, ClusterId.nullable()),
    choices: Choices,
    planVersion: z.string().max(20),
    rules: z.partialRecord(Environment, GateRules),
  })
  .partial();
export type MigrationChange = z.infer<typeof MigrationChange>;

/** A check as a phase page shows it: what it asks and what it says. */
export const PhaseCheck = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(CHECK_KINDS),
  source: z.string(),
  why: z.string(),
  demand: z.enum(['must', 'acknowledge']),
  /** Number of the preflight check it is. */
  preflight: z.number().optional(),
  status: z.enum(CHECK_STATUSES),
  value: z.string(),
  needs: z.string(),
  reason: z.string(),
  missing: z.array(z.string()),
  at: Time.optional(),
  figures: z.record(z.string(), z.number()),
  objects: z.array(z.string()),
  window: z.object({ ms: z.number(), passingSince: Time.optional() }).optional(),
  threshold: z
    .object({
      comparison: z.enum(['at least', 'at most', 'equals']),
      value: z.number(),
      unit: z.string(),
      default: z.number(),
      changedBy: Person.optional(),
      changedAt: Time.optional(),
    })
    .optional(),
  acknowledged: z.object({ by: Person, at: Time, reason: z.string() }).optional(),
  attested: z.object({ by: Person, at: Time, statement: z.string() }).optional(),
  statement: z.string().optional(),
  uploads: z.array(z.enum(UPLOAD_KINDS)),
  /** The gate takes it as met: it passes, or is acknowledged where that is enough. */
  met: z.boolean(),
});
export type PhaseCheck = z.infer<typeof PhaseCheck>;

const CommandText = z.object({
  title: z.string(),
  /** With the cluster's values filled in. */
  text: z.string(),
  /** Placeholders that have no value yet; they stand in the text as `<name>`. */
  missing: z.array(z.string()),
});

export const PhaseStep = z.object({
  id: z.string(),
  title: z.string(),
  why: z.string(),
  role: z.enum(['operator', 'approver', 'admin']),
  commands: z.array(CommandText),
  undo: z.array(CommandText),
  links: z.array(z.object({ title: z.string(), url: z.string() })),
  evidence: z.enum(['automatic', 'uploaded', 'typed']),
  checks: z.array(z.string()),
  /** Worst of its checks; absent where it has none. */
  status: z.enum(CHECK_STATUSES).optional(),
  done: z.object({ by: Person, at: Time, note: z.string() }).optional(),
  /** Counts its ticks: what a tick names, so that two people do not undo each other. */
  version: z.number(),
});
export type PhaseStep = z.infer<typeof PhaseStep>;

/** How someone proved to be who they are when they decided. */
export const AuthContext = z.object({
  acr: z.string().optional(),
  amr: z.array(z.string()),
  authTime: Time.optional(),
  /** A weakness, said on every approval made that way; empty when there is none. */
  weakness: z.string(),
});
export type AuthContext = z.infer<typeof AuthContext>;

export const GateDecision = z.object({
  id: z.string(),
  decision: z.enum(['approve', 'reject', 'revoke']),
  by: Person,
  team: z.string().optional(),
  comment: z.string(),
  at: Time,
  evidenceHash: EvidenceHash,
  counts: z.boolean(),
  /** Why it does not count. */
  void: z.string().optional(),
  auth: AuthContext,
});
export type GateDecision = z.infer<typeof GateDecision>;

export const GateRequest = z.object({
  id: z.string(),
  /** Counted within the migration: `Request 31`. */
  number: z.number(),
  phase: PhaseNumber,
  environment: Environment,
  state: z.enum(GATE_STATES),
  /** What a command names as `expectedVersion`. */
  version: z.number(),
  evidenceHash: EvidenceHash,
  planVersion: z.string(),
  planRevision: z.number(),
  requestedBy: Person,
  requestedAt: Time,
  comment: z.string(),
  /** When evidence and approvals are too old. */
  expiresAt: Time,
  decisions: z.array(GateDecision),
  /** Approvals that count and those needed. */
  approved: z.number(),
  needed: z.number(),
  /** Why it is stale, rejected, expired, revoked or failed. */
  stateReason: z.string(),
  stateSince: Time,
  brokenGlass: z.boolean(),
  /** The request this one takes up again. */
  after: z.string().optional(),
});
export type GateRequest = z.infer<typeof GateRequest>;

export const Elevation = z.object({
  id: z.string(),
  cluster: ClusterId,
  environment: Environment,
  phase: PhaseNumber,
  by: Person,
  reason: z.string(),
  minutes: z.number(),
  askedAt: Time,
  state: z.enum(['asked', 'running', 'refused', 'ended', 'expired']),
  grantedBy: Person.optional(),
  grantedAt: Time.optional(),
  endsAt: Time.optional(),
});
export type Elevation = z.infer<typeof Elevation>;

/** What the caller may do now, and what it waits for when not. */
export const GateChoice = z.object({
  command: z.enum([...GATE_COMMANDS, 'request', 'break-glass', 'ask-elevation', 'review']),
  allowed: z.boolean(),
  /** Why not, a sentence for the line below the button; empty when allowed. */
  reason: z.string(),
  /** It will ask for a fresh sign-in first. */
  stepUp: z.boolean(),
});
export type GateChoice = z.infer<typeof GateChoice>;

export const GatePanel = z.object({
  /** The newest request, whatever its state. */
  request: GateRequest.optional(),
  rules: GateRules,
  /** Hash of the evidence as it is now; absent until it has been read once. */
  evidenceHash: EvidenceHash.optional(),
  /** Conditions besides checks and approvals, in order: promotion and soak, window, elevation, reviews, checklist, rollback rehearsed. */
  conditions: z.array(z.object({ id: z.string(), title: z.string(), met: z.boolean(), value: z.string() })),
  choices: z.array(GateChoice),
});
export type GatePanel = z.infer<typeof GatePanel>;

export const RollbackRecord = z.object({
  id: z.string(),
  request: z.string(),
  trigger: z.string(),
  by: Person,
  startedAt: Time,
  endedAt: Time.optional(),
  endedBy: Person.optional(),
  outcome: z.enum(['running', 'rolled-back', 'failed']),
  observed: z.string(),
  /** Verdicts when it ended. */
  checksAfter: z.array(z.object({ check: z.string(), status: z.enum(CHECK_STATUSES), value: z.string() })),
});
export type RollbackRecord = z.infer<typeof RollbackRecord>;

export const HistoryEntry = z.object({
  at: Time,
  by: Person.optional(),
  /** `gate.approve`, `check.failed`, `step.done` ... */
  action: z.string(),
  /** A sentence without the name. */
  text: z.string(),
  request: z.string().optional(),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;

/** A figure that moves, for the chart of a check: one point for each evaluation, at most 300. */
export const CheckSeries = z.object({
  check: z.string(),
  title: z.string(),
  unit: z.string(),
  threshold: z.number().optional(),
  points: z.array(z.object({ at: Time, value: z.number(), status: z.enum(CHECK_STATUSES) })),
});
export type CheckSeries = z.infer<typeof CheckSeries>;

/** `GET /api/v1/clusters/{cluster}/migration/phases/{phase}` */
export const PhaseDetail = z.object({
  migration: z.string(),
  cluster: ClusterId,
  environment: Environment,
  cell: PhaseCell,
  name: z.string(),
  summary: z.string(),
  typicalLength: z.string(),
  leaves: z.string(),
  optional: z.boolean(),
  steps: z.array(PhaseStep),
  checks: z.array(PhaseCheck),
  series: z.array(CheckSeries),
  gate: GatePanel,
  rollback: z.object({
    effort: z.enum(['easy', 'medium', 'hard']),
    startedBy: z.array(z.string()),
    trigger: z.string(),
    steps: z.array(CommandText),
    after: z.array(z.string()),
    records: z.array(RollbackRecord),
  }),
  /** Newest first, at most 200. */
  history: z.array(HistoryEntry),
  /** When the evidence was last read, and what went wrong at the last try. */
  evaluatedAt: Time.optional(),
  evaluationProblem: z.string().optional(),
});
export type PhaseDetail = z.infer<typeof PhaseDetail>;

/** `PUT /api/v1/clusters/{cluster}/migration/phases/{phase}/steps/{step}` */
export const StepTick = z.object({ done: z.boolean(), note: Note.default(''), version: z.number().int().nonnegative() });
export type StepTick = z.infer<typeof StepTick>;

/** `PUT .../phases/{phase}/checks/{check}`: one of attest, acknowledge, threshold (admin); null takes it back. */
export const CheckEdit = z.discriminatedUnion('edit', [
  z.object({ edit: z.literal('attest'), statement: Reason.nullable() }),
  z.object({ edit: z.literal('acknowledge'), reason: Reason.nullable() }),
  z.object({ edit: z.literal('threshold'), value: z.number().nullable(), reason: Reason }),
]);
export type CheckEdit = z.infer<typeof CheckEdit>;

export const EvidenceUpload = z.object({
  id: z.string(),
  kind: z.enum(UPLOAD_KINDS),
  fileName: z.string(),
  bytes: z.number(),
  sha256: EvidenceHash,
  by: Person,
  at: Time,
  /** What was read from it: `77 tests, 75 passed, 2 failed`. */
  summary: z.string(),
  /** A newer one of its kind took its place. */
  superseded: z.boolean(),
});
export type EvidenceUpload = z.infer<typeof EvidenceUpload>;
/** Query of ingest's own `POST .../migration/evaluate`: without a phase all are read. */
export const EvaluateQuery = z.object({ phase: z.coerce.number().pipe(PhaseNumber).optional() });
/** What ingest says of a file that it read (its own `POST .../migration/read-upload`). */
export const ReadUpload = z.object({ kind: z.enum(UPLOAD_KINDS), summary: z.string() });
export type ReadUpload = z.infer<typeof ReadUpload>;
/** `GET /api/v1/clusters/{cluster}/migration/uploads`, newest first. */
export const EvidenceUploadList = z.object({ uploads: z.array(EvidenceUpload) });
/** `POST /api/v1/clusters/{cluster}/migration/uploads?kind=...&name=...`; without `kind` it is found out from the content. */
export const EvidenceUploadQuery = z.object({ kind: z.enum(UPLOAD_KINDS).optional(), name: Title.optional() });

/** `POST .../phases/{phase}/gate` */
export const GateRequestInput = z.object({ evidenceHash: EvidenceHash, comment: Note.default('') });
export type GateRequestInput = z.infer<typeof GateRequestInput>;

/** `POST .../gate-requests/{request}/commands` */
export const GateCommandInput = z
  .object({
    command: z.enum(GATE_COMMANDS),
    expectedVersion: z.number().int().nonnegative(),
    /** What the caller has seen; an approval is bound to it. */
    evidenceHash: EvidenceHash.optional(),
    comment: Note.default(''),
    /** Of a step-up that was completed for this command. */
    stepUp: z.string().max(100).optional(),
  })
  .refine(({ command, comment }) => !['reject', 'revoke', 'roll-back', 'fail'].includes(command) || comment.length >= 3, {
    path: ['comment'],
    message: 'give a reason of at least 3 characters',
  })
  .refine(({ command, evidenceHash }) => !['approve', 'reject'].includes(command) || evidenceHash !== undefined, {
    path: ['evidenceHash'],
    message: 'name the evidence you have seen',
  });
export type GateCommandInput = z.infer<typeof GateCommandInput>;

/** `POST .../phases/{phase}/break-glass` */
export const BreakGlassInput = z.object({
  reason: Note.min(20, 'a reason of at least 20 characters'),
  /** Incident or ticket, as a link or a number. */
  ticket: Title,
  stepUp: z.string().max(100).optional(),
});
export type BreakGlassInput = z.infer<typeof BreakGlassInput>;

/** `POST .../reviews/{review}`: closes the review of broken glass; by another person. */
export const ReviewInput = z.object({ finding: Note.min(20, 'a finding of at least 20 characters') });
export type ReviewInput = z.infer<typeof ReviewInput>;

/** `POST .../phases/{phase}/elevations` */
export const ElevationInput = z.object({ reason: Reason, minutes: z.number().int().min(5).max(60).default(60) });
export type ElevationInput = z.infer<typeof ElevationInput>;
/** `POST .../elevations/{elevation}`: granted or refused by another person; ended by anyone of them. */
export const ElevationCommandInput = z.object({
  command: z.enum(['grant', 'refuse', 'end']),
  comment: Note.default(''),
  stepUp: z.string().max(100).optional(),
});
export type ElevationCommandInput = z.infer<typeof ElevationCommandInput>;

/** `GET .../risks` */
export const RiskEntry = z.object({
  id: z.string(),
  title: z.string(),
  phases: z.array(PhaseNumber),
  likelihood: z.enum(LEVELS),
  impact: z.enum(LEVELS),
  mitigation: z.string(),
  owner: z.string(),
  /** By its checks where a person says nothing, or where one fails or is unknown; see `stateReason`. */
  state: z.enum(['open', 'watched', 'happened', 'closed']),
  /** Checks that move it, with what they say in this cluster. */
  checks: z.array(z.object({ id: z.string(), phase: PhaseNumber, title: z.string(), status: z.enum(CHECK_STATUSES) })),
  /** What the state rests on, a sentence. */
  stateReason: z.string(),
  note: z.string(),
  /** What a person set; what is absent is left to the plan and its checks. */
  said: z.object({ likelihood: z.enum(LEVELS), impact: z.enum(LEVELS), state: z.enum(['watched', 'closed']) }).partial(),
  changedBy: Person.optional(),
  changedAt: Time.optional(),
  version: z.number(),
});
export type RiskEntry = z.infer<typeof RiskEntry>;
export const RiskRegister = z.object({
  risks: z.array(RiskEntry),
  impacts: z.array(
    z.object({
      component: z.string(),
      phases: z.array(z.object({ phase: PhaseNumber, level: z.enum(['none', 'low', 'medium', 'high']), text: z.string() })),
    }),
  ),
});
export type RiskRegister = z.infer<typeof RiskRegister>;
/** `PUT .../risks/{risk}`: null leaves it to the plan and its checks. */
export const RiskEdit = z.object({
  version: z.number().int().nonnegative(),
  owner: Note.max(100).nullable(),
  likelihood: z.enum(LEVELS).nullable(),
  impact: z.enum(LEVELS).nullable(),
  state: z.enum(['watched', 'closed']).nullable(),
  note: Note.default(''),
});
export type RiskEdit = z.infer<typeof RiskEdit>;

/** `GET /api/v1/approvals`: what waits for the caller or was asked by them, over all clusters they may see. */
export const ApprovalInbox = z.object({
  items: z.array(
    z.object({
      kind: z.enum(['gate', 'elevation', 'review', 'own']),
      cluster: z.object({ id: ClusterId, name: z.string() }),
      environment: Environment,
      phase: PhaseNumber,
      phaseName: z.string(),
      /** `2 of 12 checks…`, `1 of 2 approved`. */
      text: z.string(),
      by: Person,
      at: Time,
      /** When it lapses. */
      until: Time.optional(),
      request: z.string().optional(),
      /** The caller may decide it now. */
      mine: z.boolean(),
      reason: z.string(),
    }),
  ),
});
export type ApprovalInbox = z.infer<typeof ApprovalInbox>;

/** Event `changed` of `GET /api/v1/clusters/{cluster}/migration/stream`: read again what it names. */
export const MigrationChanged = z.object({
  seq: z.number(),
  at: Time,
  cluster: ClusterId,
  phase: PhaseNumber.optional(),
  /** `gate`, `check`, `step`, `elevation`, `settings`, `upload`, `risk`, `evidence` */
  what: z.string(),
  text: z.string(),
  by: Person.optional(),
});
export type MigrationChanged = z.infer<typeof MigrationChanged>;

/** `GET .../migration/export?format=...` */
export const MigrationExportQuery = z.object({ format: z.enum(['json', 'markdown']).default('markdown') });
