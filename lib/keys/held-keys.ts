import 'server-only';
import { messageOf } from '#lib/errors/errors.ts';
import { type HeldKey, keyFilesIn, readKeyFile } from './key-file.ts';
import { KEY_ROLES, type KeyRole } from './states.ts';

/** Where private keys are: in a directory that the console keeps, or in files that others put there. */
export interface KeyPlaces {
  /** The console's own: it makes keys there. */
  readonly directory?: string;
  /** Paths, separated by commas: during a rotation the old and the new one. */
  readonly receiptKeyFile?: string;
  readonly checkpointKeyFile?: string;
}

export interface HeldKeys {
  /** In the order of the files: the oldest first. */
  readonly byRole: Record<KeyRole, HeldKey[]>;
  /** Why a file was refused, as sentences. */
  readonly problems: Readonly<Record<KeyRole, readonly string[]>>;
}

/** Reads every key file there is; one that is refused is told and takes nothing else down. A key for both roles counts for neither. */
export function loadHeldKeys({ directory, receiptKeyFile, checkpointKeyFile }: KeyPlaces): HeldKeys {
  const given = { receipt: receiptKeyFile, checkpoint: checkpointKeyFile };
  const byRole: Record<KeyRole, HeldKey[]> = { receipt: [], checkpoint: [] };
  const problems: Record<KeyRole, string[]> = { receipt: [], checkpoint: [] };
  for (const role of KEY_ROLES) {
    try {
      for (const path of pathsOf(given[role], directory, role)) readInto(path, byRole[role], problems[role]);
    } catch (error) {
      problems[role].push(messageOf(error));
    }
  }
  for (const shared of byRole.receipt.filter(({ kid }) => byRole.checkpoint.some((other) => other.kid === kid))) {
    for (const role of KEY_ROLES) {
      byRole[role] = byRole[role].filter(({ kid }) => kid !== shared.kid);
      problems[role].push(`key ${shared.kid} is there for receipts and for checkpoints; the two must not share one`);
    }
  }
  return { byRole, problems };
}

function readInto(path: string, keys: HeldKey[], problems: string[]): void {
  try {
    const key = readKeyFile(path);
    if (keys.every(({ kid }) => kid !== key.kid)) keys.push(key);
  } catch (error) {
    problems.push(messageOf(error));
  }
}

const pathsOf = (given: string | undefined, directory: string | undefined, role: KeyRole): readonly string[] => {
  if (given !== undefined)
    return given
      .split(',')
      .map((path) => path.trim())
      .filter(Boolean);
  return directory === undefined ? [] : keyFilesIn(directory, role);
};
