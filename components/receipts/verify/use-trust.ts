'use client';
import { useMemo, useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import { messageOf } from '#lib/errors/errors.ts';
import { sha256Hex } from '#lib/receipts/hash.ts';
import { parseTrust, type Trust } from '#lib/receipts/trust.ts';
import { readChosen } from './read-files.ts';
import { useText } from './use-text.ts';

export const TRUST_URL = '/.well-known/causeway/trust.json';

export interface TrustChoice {
  /** Undefined while it is read, and when it cannot be. */
  readonly trust: Trust | undefined;
  readonly from: 'console' | 'file';
  /** Of the file. */
  readonly name: string;
  /** SHA-256 of its text: what to compare with what one was told by another way. */
  readonly hash: string | undefined;
  /** Why there is no trust bundle; empty when there is one. */
  readonly problem: string;
  readonly loading: boolean;
  readonly choose: (file: File) => Promise<void>;
  /** Back to the bundle of this console. */
  readonly reset: () => void;
}

/** Whom to believe: the console’s own trust bundle, until somebody gives one that came by another way. */
export function useTrust(): TrustChoice {
  const own = useText(TRUST_URL);
  const [file, setFile] = useState<{ readonly name: string; readonly text?: string; readonly problem?: string }>();
  const { text, problem } = own;
  const read = useMemo(
    () => readTrust(file ?? { ...(text !== undefined && { text }), ...problemText(problem) }),
    [file, text, problem],
  );
  return {
    ...read,
    from: file ? 'file' : 'console',
    name: file?.name ?? '',
    loading: !file && own.loading,
    choose: async (chosen) => setFile((await readChosen([chosen]))[0]),
    reset: () => setFile(undefined),
  };
}

const problemText = (problem: Problem | undefined) => (problem ? { problem: problem.detail ?? problem.title } : {});

function readTrust({
  text,
  problem = '',
}: {
  readonly text?: string;
  readonly problem?: string;
}): Pick<TrustChoice, 'trust' | 'hash' | 'problem'> {
  if (text === undefined) return { trust: undefined, hash: undefined, problem };
  try {
    return { trust: parseTrust(text), hash: sha256Hex(text), problem: '' };
  } catch (error) {
    return { trust: undefined, hash: undefined, problem: messageOf(error) };
  }
}
