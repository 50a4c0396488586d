import { headOfNote } from '#lib/receipts/growth.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import type { Verification } from '#lib/receipts/verify.ts';
import { exact, utc } from '#components/ui/format.ts';
import { shortHash } from '../receipt-words.ts';
import { leafHex } from './receipt-facts.ts';

/** The way from a flow to the witness, as far as the receipt’s proof leads. Pure. */
export interface Stop {
  readonly name: string;
  readonly value: string;
  readonly detail: string;
  readonly reached: boolean;
}

export interface Way {
  readonly stops: readonly Stop[];
  /** Hashes on the way, by the part of it, as an auditor recomputes them. */
  readonly hashes: readonly { readonly name: string; readonly hashes: readonly string[] }[];
}

/** `witnesses` are those that verified. */
export function wayOf(receipt: Receipt, { witnesses }: Pick<Verification, 'witnesses'>): Way {
  const { attestation, proof } = receipt;
  const head = headOf(proof?.checkpoint);
  const log = head && proof?.log;
  const [witness, ...others] = witnesses;
  const stops: Stop[] = [
    {
      name: `Leaf ${exact(attestation.leaf_index)}`,
      value: shortHash(leafHex(receipt)),
      detail: 'Keccak-256',
      reached: true,
    },
    {
      name: 'Batch root',
      value: shortHash(attestation.merkle_root),
      detail: proof
        ? `${countOf(proof.batch_path.length)}, ${exact(attestation.tree_size)} ${attestation.tree_size === 1 ? 'leaf' : 'leaves'}`
        : 'no path in the file',
      reached: proof !== undefined,
    },
    {
      name: 'Log head',
      value: log ? exact(log.size) : 'not yet',
      detail: log ? countOf(log.path.length) : 'a head is signed every few seconds',
      reached: log !== undefined,
    },
    {
      name: 'Checkpoint',
      value: head ? shortHash(head.root, 4, 4) : 'not yet',
      detail: head ? head.origin : 'comes with the head',
      reached: log !== undefined,
    },
    {
      name: 'Witness',
      value: witness ? `${witness.name}${others.length > 0 ? ` and ${others.length} more` : ''}` : 'none yet',
      detail: witness ? `cosigned ${utc(witness.time * 1000)}` : 'nobody else is known to have seen it',
      reached: witness !== undefined,
    },
  ];
  return {
    stops,
    hashes: [
      { name: 'Leaf to batch root, Keccak-256', hashes: proof?.batch_path ?? [] },
      { name: 'Batch to log head, SHA-256', hashes: proof?.log?.path ?? [] },
    ],
  };
}

const countOf = (hashes: number): string => `${hashes} ${hashes === 1 ? 'hash' : 'hashes'}`;

/** The head a note is about; undefined where there is none that can be read. */
function headOf(note: string | undefined): { readonly origin: string; readonly root: string } | undefined {
  if (note === undefined) return undefined;
  try {
    return headOfNote(note);
  } catch {
    return undefined;
  }
}
