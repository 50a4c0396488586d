/** Environments in the order of promotion. */
export type GateEnvironment = 'DEV' | 'TST' | 'PRD';

/** When gates may be passed, in UTC. Days are 1 (Monday) to 7; one that ends before it begins ends on the next day. */
export interface GateWindow {
  readonly days: readonly number[];
  /** `HH:MM` */
  readonly from: string;
  /** `HH:MM`, or `24:00` */
  readonly to: string;
}

/** Rules of one environment's gates. */
export interface GateRules {
  /** Approvals needed. */
  readonly approvals: number;
  /** Teams that must each be among the approvers. */
  readonly teams: readonly string[];
  /** How long an approval and the evidence it rests on count. */
  readonly ttlMinutes: number;
  /** How long the phase must have been completed in the environment before. */
  readonly soakMinutes: number;
  /** Empty: at any time. */
  readonly windows: readonly GateWindow[];
  /** Approving needs a fresh sign-in with a second factor. */
  readonly stepUp: boolean;
  /** Requesting and passing need a running elevation. */
  readonly elevation: boolean;
}

const HOUR = 60;
const ANY_TIME = { teams: [], windows: [] } as const;

/** What holds where a migration sets nothing else. */
export const DEFAULT_RULES: Readonly<Record<GateEnvironment, GateRules>> = {
  DEV: { ...ANY_TIME, approvals: 1, ttlMinutes: 24 * HOUR, soakMinutes: 0, stepUp: false, elevation: false },
  TST: { ...ANY_TIME, approvals: 1, ttlMinutes: 24 * HOUR, soakMinutes: 24 * HOUR, stepUp: false, elevation: false },
  PRD: { ...ANY_TIME, approvals: 2, ttlMinutes: 4 * HOUR, soakMinutes: 72 * HOUR, stepUp: true, elevation: true },
};

/** Broken glass carries the one who broke it for so long. Milliseconds. */
export const GLASS_MS = 30 * 60_000;

/** An elevation that nobody granted lapses after so long. Milliseconds. */
export const ELEVATION_WAITS_MS = 60 * 60_000;

/** A clock may be put right by so much without anything being void. Milliseconds. */
export const CLOCK_SLACK_MS = 5000;
