import * as z from 'zod';
import { BatchHeader, Evidence, Receipt } from '#lib/receipts/receipt.ts';
import { ClusterId, RangeQuery, Time } from './common.ts';

export const RECEIPT_CLASSES = ['dropped', 'audit', 'error', 'finding', 'aggregate', 'attested', 'full'] as const;
export const ReceiptClass = z.enum(RECEIPT_CLASSES);
export const ReceiptId = Receipt.shape.receipt_id;

/** `GET /api/v1/receipts`: newest first. */
export const ReceiptsQuery = RangeQuery.extend({
  cluster: ClusterId,
  class: ReceiptClass.optional(),
  verdict: z.enum(['FORWARDED', 'DROPPED', 'ERROR', 'AUDIT', 'REDIRECTED']).optional(),
  /** Workload, namespace, pod, policy, reason or id that the receipt names. */
  q: z.string().max(200).optional(),
  batch: z.coerce.number().int().nonnegative().optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type ReceiptsQuery = z.infer<typeof ReceiptsQuery>;

/** How far a receipt has come: in a sealed batch, in a signed head of the log, in a head that enough witnesses have seen. */
export const ReceiptStanding = z.enum(['sealed', 'logged', 'witnessed']);

export const ReceiptSummary = z.object({
  id: ReceiptId,
  cluster: ClusterId,
  class: ReceiptClass,
  verdict: z.string(),
  observedAt: Time,
  source: z.string(),
  destination: z.string(),
  port: z.number(),
  protocol: z.string(),
  reason: z.string(),
  policies: z.array(z.string()),
  /** Flows it stands for: 1, or of an aggregate more, as digits. */
  count: z.string(),
  finding: Evidence.shape.observation.shape.finding,
  batch: z.number(),
  leaf: z.number(),
  standing: ReceiptStanding,
});
export type ReceiptSummary = z.infer<typeof ReceiptSummary>;
export const ReceiptPage = z.object({
  receipts: z.array(ReceiptSummary),
  /** There may be one beside an empty page: a search looks at so many receipts at a time, and goes on there. */
  nextCursor: z.string().optional(),
  total: z.number(),
  /** There are more than `total`: older ones were not counted. */
  atLeast: z.literal(true).optional(),
});
export type ReceiptPage = z.infer<typeof ReceiptPage>;

/** `GET /api/v1/receipts/{receipt}`: with as much proof as there is now. */
export const ReceiptDetail = z.object({
  receipt: Receipt,
  cluster: z.object({ id: ClusterId, name: z.string(), environment: z.string() }),
  standing: ReceiptStanding,
  witnesses: z.array(z.object({ name: z.string(), at: Time })),
});
export type ReceiptDetail = z.infer<typeof ReceiptDetail>;

/** `GET /api/v1/receipts/{receipt}/bundle`: the file to hand out. */
export const BundleQuery = z.object({ format: z.enum(['json', 'dsse', 'tlog-proof']).default('json') });

/** `GET /api/v1/batches`, newest first. */
export const BatchesQuery = z.object({
  cluster: ClusterId,
  before: z.coerce.number().int().nonnegative().optional(),
  /** Only those that are known to have missed something. */
  gaps: z.enum(['1']).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type BatchesQuery = z.infer<typeof BatchesQuery>;
export const BatchSummary = z.object({
  header: BatchHeader,
  headerHash: z.string(),
  sealedAt: Time,
  /** As sentences; empty when the batch saw everything. */
  gaps: z.array(z.string()),
  standing: ReceiptStanding,
});
export type BatchSummary = z.infer<typeof BatchSummary>;
export const BatchList = z.object({
  batches: z.array(BatchSummary),
  /** `before` of the page that follows; absent at the beginning of the log. There may be one after a page that is not full: a search looks at so many batches at a time. */
  next: z.number().optional(),
  head: z
    .object({
      size: z.number(),
      root: z.string(),
      at: Time,
      witnesses: z.array(z.object({ name: z.string(), at: Time })),
      note: z.string(),
    })
    .optional(),
});
export type BatchList = z.infer<typeof BatchList>;

/** `GET /api/v1/checkpoint?cluster=`: the newest signed head, as a note; `GET /api/v1/consistency`: that one head grew out of another. */
export const CheckpointQuery = z.object({ cluster: ClusterId });
export const ConsistencyQuery = z.object({
  cluster: ClusterId,
  from: z.coerce.number().int().min(1),
  to: z.coerce.number().int().min(1).optional(),
});
export type ConsistencyQuery = z.infer<typeof ConsistencyQuery>;
export const ConsistencyProof = z.object({
  from: z.number(),
  to: z.number(),
  fromRoot: z.string(),
  toRoot: z.string(),
  path: z.array(z.string()),
});
export type ConsistencyProof = z.infer<typeof ConsistencyProof>;

/** `POST /api/v1/clusters/{cluster}/receipts`: attest what the ring holds now: flows by uuid, or what a filter matches (at most 500). */
export const AttestInput = z
  .object({
    uuids: z.array(z.string().max(100)).min(1).max(500).optional(),
    filter: z.string().max(2000).optional(),
    reason: z.string().trim().min(3).max(500),
  })
  .refine(({ uuids, filter }) => (uuids === undefined) !== (filter === undefined), { message: 'give uuids or a filter' });
export type AttestInput = z.infer<typeof AttestInput>;
export const AttestAnswer = z.object({ receipts: z.array(ReceiptId), missing: z.array(z.string()) });
export type AttestAnswer = z.infer<typeof AttestAnswer>;

export const FINDING_RULES = ['R1', 'R2', 'R3', 'R4', 'R5', 'R6'] as const;
export const FINDING_STATES = ['open', 'acknowledged', 'expected', 'fixed'] as const;

/** `GET /api/v1/findings`: findings of the rules R1 to R6, open and grave ones first. */
export const FindingsQuery = RangeQuery.extend({
  cluster: ClusterId,
  rule: z.enum(FINDING_RULES).optional(),
  state: z.enum(FINDING_STATES).optional(),
  severity: z.enum(['confirmed', 'suspected', 'not-evaluable']).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export type FindingsQuery = z.infer<typeof FindingsQuery>;
const FindingEnd = z.object({
  identity: z.number(),
  namespace: z.string().optional(),
  workload: z.string().optional(),
  labels: z.array(z.string()).optional(),
});
/** What it is about, for links to flows, policies and the explanation of a verdict. */
export const FindingAbout = z.object({
  source: FindingEnd.optional(),
  destination: FindingEnd.optional(),
  direction: z.enum(['EGRESS', 'INGRESS']).optional(),
  protocol: z.string().optional(),
  port: z.number().optional(),
  request: z.string().optional(),
  policies: z.array(z.string()),
  nodes: z.array(z.string()),
});
export type FindingAbout = z.infer<typeof FindingAbout>;
export const FindingEntry = z.object({
  id: z.string(),
  cluster: ClusterId,
  rule: z.enum(FINDING_RULES),
  severity: z.enum(['confirmed', 'suspected', 'not-evaluable']),
  title: z.string(),
  subject: z.string(),
  reasons: z.array(z.string()),
  about: FindingAbout,
  firstAt: Time,
  lastAt: Time,
  count: z.number(),
  /** Its receipts, newest first, at most 20. */
  receipts: z.array(ReceiptId),
  state: z.enum(FINDING_STATES),
  note: z.string(),
  changedBy: z.string().optional(),
  changedAt: Time.optional(),
  /** When it was seen again after it had been fixed: then it is open again. */
  reopenedAt: Time.optional(),
  version: z.number(),
});
export type FindingEntry = z.infer<typeof FindingEntry>;
export const FindingList = z.object({
  findings: z.array(FindingEntry),
  counts: z.array(z.object({ rule: z.enum(FINDING_RULES), open: z.number(), total: z.number() })),
  /** Windows for which a rule cannot say that all is well, with the reason. */
  notEvaluable: z.array(z.object({ rule: z.enum(FINDING_RULES), reason: z.string() })),
  /** What each rule looked at last. A rule that is not here has not looked yet; one without reasons in `notEvaluable` saw all of its window. */
  windows: z.array(z.object({ rule: z.enum(FINDING_RULES), from: Time, to: Time, looked: z.number() })),
  /** There are more than `limit`. */
  more: z.boolean(),
});
export type FindingList = z.infer<typeof FindingList>;
/** `PUT /api/v1/findings/{finding}` */
export const FindingTriage = z.object({
  state: z.enum(FINDING_STATES),
  note: z.string().trim().max(2000),
  version: z.number().int().nonnegative(),
});
export type FindingTriage = z.infer<typeof FindingTriage>;

/** `GET /api/v1/keys`: with a cluster, what its log says of each key. */
export const KeysQuery = z.object({ cluster: ClusterId.optional() });
export const SigningKey = z.object({
  kid: z.string(),
  role: z.enum(['receipt', 'checkpoint']),
  state: z.enum(['pending', 'active', 'retired', 'compromised']),
  /** From when on it may sign: of a pending key the plan. */
  validFrom: Time,
  validTo: Time.optional(),
  compromisedAt: Time.optional(),
  /** Sequence of the entry in the log of the cluster asked for that introduced it; absent while it is not logged there. */
  introducedAt: z.number().optional(),
  x: z.string(),
  /** Where its private part is: a path’s last name, never the key. */
  source: z.string(),
  /** Whether its private part is here, and whether it is the one that signs now. */
  isHere: z.boolean(),
  signs: z.boolean(),
});
export type SigningKey = z.infer<typeof SigningKey>;
export const KeyList = z.object({
  /** Those in force and about to be first, then the newest. */
  keys: z.array(SigningKey),
  witnesses: z.array(z.object({ name: z.string(), url: z.string(), lastSeen: Time.optional(), problem: z.string() })),
  quorum: z.number(),
  /** Why nothing is signed now; empty when it is. */
  problem: z.string(),
  /** What is amiss while everything is still signed, as sentences. */
  warnings: z.array(z.string()),
  /** Whether the console makes keys itself; else they are files that others put there, and rotation begins there. */
  makesKeys: z.boolean(),
  /** How long a new key is known before it signs. Milliseconds. */
  overlapMs: z.number(),
  /** What became of them, newest first, at most 50; `entry` is that of the log of the cluster asked for. */
  changes: z.array(
    z.object({
      kid: z.string(),
      role: z.enum(['receipt', 'checkpoint']),
      event: z.enum(['introduced', 'activated', 'retired', 'compromised']),
      at: Time,
      signedBy: z.array(z.string()),
      entry: z.number().optional(),
    }),
  ),
  /** What the root has signed; absent while no signed bundle was imported. `isCurrent`: it says what there is now. */
  root: z
    .object({ kid: z.string(), x: z.string(), signedAt: Time, importedAt: Time, importedBy: z.string(), isCurrent: z.boolean() })
    .optional(),
});
export type KeyList = z.infer<typeof KeyList>;
/** `POST /api/v1/keys/rotation` (admin); `POST /api/v1/keys/{kid}/compromise` (admin): what it signed later proves nothing. */
export const RotationInput = z.object({ role: z.enum(['receipt', 'checkpoint']), reason: z.string().trim().min(3).max(500) });
export type RotationInput = z.infer<typeof RotationInput>;
export const CompromiseInput = z.object({ at: Time, reason: z.string().trim().min(10).max(500) });
export type CompromiseInput = z.infer<typeof CompromiseInput>;
/** `PUT /api/v1/keys/trust` (admin): a trust bundle that the root has signed, and the public key of that root (base64url, as in a JWK). */
export const TrustImport = z.object({ bundle: z.string().min(2).max(60_000), root: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });
export type TrustImport = z.infer<typeof TrustImport>;
/** `GET /.well-known/causeway/trust.json`; with `present` as it is now, to be signed, also where the root has signed an earlier one. */
export const TrustQuery = z.object({ present: z.enum(['1']).optional() });

/** `GET /api/v1/clusters/{cluster}/attestation`: the pipeline from flow to witnessed head, for the dashboard. Lags in milliseconds. */
export const AttestationStatus = z.object({
  state: z.enum(['running', 'off', 'failing']),
  problem: z.string(),
  stages: z.array(
    z.object({
      stage: z.enum(['observed', 'sealed', 'stored', 'logged', 'witnessed']),
      lagMs: z.number().optional(),
      perSecond: z.number(),
      waiting: z.number(),
      failures: z.number(),
    }),
  ),
  receipts: z.object({ total: z.number(), byClass: z.partialRecord(ReceiptClass, z.number()) }),
  lastBatch: z.object({ seq: z.number(), at: Time, leaves: z.number() }).optional(),
  lastCheckpoint: z.object({ size: z.number(), at: Time, witnesses: z.number() }).optional(),
  /** A point for each minute of the last hour. */
  series: z.array(z.object({ at: Time, receipts: z.number(), p50Ms: z.number(), p99Ms: z.number(), gaps: z.number() })),
  nats: z.object({
    state: z.enum(['off', 'connected', 'reconnecting', 'failed']),
    detail: z.string(),
    published: z.number(),
    consumed: z.number(),
    duplicates: z.number(),
    parked: z.number(),
    pending: z.number(),
  }),
});
export type AttestationStatus = z.infer<typeof AttestationStatus>;
