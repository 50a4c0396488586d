import { CausewayError } from '#lib/errors/errors.ts';
import { type WitnessSettings, witnessSettingsOf } from './witnesses.ts';

/** Whose receipts they are, what they are signed with, and who is asked to see the heads of their logs. */
export interface ReceiptSettings extends WitnessSettings {
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
 * the witnesses. Undefined where no keys are named: then nothing is signed. Throws `not-configured` naming what is wrong.
 */
export function receiptSettingsOf(environment: Readonly<Record<string, string | undefined>>): ReceiptSettings | undefined {
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
  if (receiptKeyFile !== undefined && checkpointKeyFile !== undefined)
    return { organisation, ...witnesses, keys: { receiptKeyFile, checkpointKeyFile, ...overlapMs } };
  return directory === undefined ? undefined : { organisation, ...witnesses, keys: { directory, ...overlapMs } };
}

/** Shorter than a day it is for trials: verifiers may hold a bundle that old. */
function overlapOf(seconds: string | undefined): { readonly overlapMs?: number } {
  if (seconds === undefined) return {};
  if (!/^\d{1,7}$/.test(seconds)) throw wrong('CAUSEWAY_KEY_OVERLAP_SECONDS is a number of seconds');
  return { overlapMs: Number(seconds) * 1000 };
}

const wrong = (why: string) => new CausewayError('not-configured', why);
