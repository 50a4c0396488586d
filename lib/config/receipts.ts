import { CausewayError } from '#lib/errors/errors.ts';
import { type WitnessSettings, witnessSettingsOf } from './witnesses.ts';

/** Whose receipts they are, what they are signed with, and who is asked to see the heads of their logs. */
export interface ReceiptSettings extends WitnessSettings {
  /** How long receipts of what was let through are kept, in days. */
  readonly days: number;
  /** Until then every flow gets a receipt of its own: Unix milliseconds. */
  readonly fullUntil?: number;
  /** Part of the name of every log: `causeway.<organisation>/<cluster>`. */
  readonly organisation: string;
  readonly keys: {
    /** The console's own, where it makes keys. */
    readonly directory?: string;
    /** Paths, separated by commas. */
    readonly receiptKeyFile?: string;
    readonly checkpointKeyFile?: string;
    /** How long a new key is known before it signs; a day when absent. Milliseconds. */
    readonly overlapMs?: number;
  };
}

/**
 * `CAUSEWAY_ORGANISATION`, `CAUSEWAY_RECEIPT_KEY_FILE`, `CAUSEWAY_CHECKPOINT_KEY_FILE` (or `CAUSEWAY_KEY_DIRECTORY`, for keys that the console makes) and
 * the witnesses; `CAUSEWAY_RECEIPT_DAYS` and `CAUSEWAY_RECEIPTS_FULL_UNTIL`. Undefined where no keys are named: then nothing is signed. Throws `not-configured` naming what is wrong.
 */
export function receiptSettingsOf(
  environment: Readonly<Record<string, string | undefined>>,
  now = Date.now(),
): ReceiptSettings | undefined {
  const given = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const directory = given('CAUSEWAY_KEY_DIRECTORY');
  const receiptKeyFile = given('CAUSEWAY_RECEIPT_KEY_FILE');
  const checkpointKeyFile = given('CAUSEWAY_CHECKPOINT_KEY_FILE');
  if ((receiptKeyFile === undefined) !== (checkpointKeyFile === undefined))
    throw wrong('CAUSEWAY_RECEIPT_KEY_FILE and CAUSEWAY_CHECKPOINT_KEY_FILE are set both or not at all');
  const organisation = given('CAUSEWAY_ORGANISATION') ?? 'local';
  if (!/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(organisation))
    throw wrong('CAUSEWAY_ORGANISATION is written in small letters, digits, dots and dashes, at most 63');
  const witnesses = witnessSettingsOf(environment);
  const overlapMs = overlapOf(given('CAUSEWAY_KEY_OVERLAP_SECONDS'));
  const kept = { days: daysOf(given('CAUSEWAY_RECEIPT_DAYS')), ...fullUntilOf(given('CAUSEWAY_RECEIPTS_FULL_UNTIL'), now) };
  if (receiptKeyFile !== undefined && checkpointKeyFile !== undefined)
    return { organisation, ...kept, ...witnesses, keys: { receiptKeyFile, checkpointKeyFile, ...overlapMs } };
  return directory === undefined ? undefined : { organisation, ...kept, ...witnesses, keys: { directory, ...overlapMs } };
}

const DEFAULT_DAYS = 30;

function daysOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_DAYS;
  if (!/^[1-9]\d{0,4}$/.test(text)) throw wrong('CAUSEWAY_RECEIPT_DAYS is a number of days, at least 1');
  return Number(text);
}

const MOST_FULL_MS = 24 * 3_600_000;

/** A window of time, not a mode: whoever forgets it must not fill the disk. One that is over means nothing. */
function fullUntilOf(text: string | undefined, now: number): { readonly fullUntil?: number } {
  if (text === undefined) return {};
  const until = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(until)) throw wrong('CAUSEWAY_RECEIPTS_FULL_UNTIL is a time as 2026-03-02T14:00Z');
  if (until > now + MOST_FULL_MS) throw wrong('CAUSEWAY_RECEIPTS_FULL_UNTIL is at most a day ahead');
  return until > now ? { fullUntil: until } : {};
}

/** Shorter than a day it is for trials: verifiers may hold a bundle that old. */
function overlapOf(seconds: string | undefined): { readonly overlapMs?: number } {
  if (seconds === undefined) return {};
  if (!/^\d{1,7}$/.test(seconds)) throw wrong('CAUSEWAY_KEY_OVERLAP_SECONDS is a number of seconds');
  return { overlapMs: Number(seconds) * 1000 };
}

const wrong = (why: string) => new CausewayError('not-configured', why);
