import * as z from 'zod';
import { CHECK_STATUSES } from '#lib/migration/model.ts';
import { INPUT_NAMES, SUBSYSTEMS } from '#lib/preflight/check.ts';
import { STAGES } from '#lib/preflight/values/model.ts';
import { Time } from './common.ts';
import { PhaseNumber } from './migration.ts';

const Version = z.string().regex(/^v?\d{1,3}\.\d{1,3}(\.\d{1,4})?([-+][0-9A-Za-z.-]{1,40})?$/, 'a version, e.g. 1.19.5');

/** `GET /api/v1/clusters/{cluster}/preflight` */
export const PreflightQuery = z.object({
  phase: z.coerce.number().pipe(PhaseNumber).optional(),
  /** Cilium version it goes to. */
  target: Version.optional(),
});
export type PreflightQuery = z.infer<typeof PreflightQuery>;

export const PreflightFinding = z.object({
  status: z.enum(CHECK_STATUSES),
  message: z.string(),
  object: z.string(),
  fix: z.string().optional(),
});

/** One check with what it says. `check` and `id` as in reports of the command line. */
export const PreflightEntry = z.object({
  check: z.number(),
  id: z.string(),
  title: z.string(),
  subsystem: z.enum(SUBSYSTEMS),
  severity: z.enum(['error', 'warning', 'note']),
  gates: z.array(PhaseNumber),
  acknowledge: z.array(PhaseNumber),
  why: z.string(),
  fix: z.string(),
  links: z.array(z.object({ title: z.string(), url: z.string() })),
  needs: z.array(z.enum(INPUT_NAMES)),
  status: z.enum(CHECK_STATUSES),
  /** At most 200; `findingsTotal` counts all. */
  findings: z.array(PreflightFinding),
  findingsTotal: z.number(),
  missing: z.array(z.enum(INPUT_NAMES)),
});
export type PreflightEntry = z.infer<typeof PreflightEntry>;

export const PreflightReport = z.object({
  checks: z.array(PreflightEntry),
  /** Of the running agents, and the one asked for; empty while unknown. */
  version: z.string(),
  target: z.string(),
  /** What each input came from and how old it is. */
  inputs: z.array(
    z.object({
      name: z.enum(INPUT_NAMES),
      /** `the API server`, `upload values.yaml`, `ledger, 24 h`; empty when it is missing. */
      source: z.string(),
      at: Time.optional(),
      /** How to provide it: a command. */
      hint: z.string(),
    }),
  ),
  evaluatedAt: Time,
  tookMs: z.number(),
});
export type PreflightReport = z.infer<typeof PreflightReport>;

/** `GET /api/v1/clusters/{cluster}/migration/values?phase=...` */
export const ValuesQuery = z.object({
  phase: z.coerce.number().pipe(PhaseNumber),
  target: Version.optional(),
  /** Phases 2 and 4 have two steps: audit mode, then enforcement; both plugins side by side, then Cilium alone. */
  stage: z.enum(STAGES).default('begin'),
});
export const GeneratedValues = z.object({
  phase: PhaseNumber,
  version: z.string(),
  /** Helm values as YAML. */
  values: z.string(),
  /** Argo CD Application as YAML. */
  application: z.string(),
  /** Objects to apply beside the chart. */
  manifests: z.array(z.object({ name: z.string(), why: z.string(), yaml: z.string() })),
  /** Why each value is what it is. */
  notes: z.array(z.object({ path: z.string(), value: z.string(), why: z.string(), url: z.string().optional() })),
  /** Against what runs: the uploaded values or, where there are none, cilium-config. Absent when neither is known. */
  diff: z
    .object({
      against: z.string(),
      changes: z.array(z.object({ path: z.string(), from: z.string().optional(), to: z.string().optional() })),
      /** Unified diff of the YAML; empty when nothing differs. */
      text: z.string(),
    })
    .optional(),
  /** Facts of the cluster that it lacks: they stand in the text as `<name>`. */
  missing: z.array(z.object({ name: z.string(), hint: z.string() })),
});
export type GeneratedValues = z.infer<typeof GeneratedValues>;
