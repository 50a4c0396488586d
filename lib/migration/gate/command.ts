import type { GateState } from '../model.ts';
import type { GateMover } from './edges.ts';

/** What a person wants of a gate. A hash is that of the evidence they have seen; `expectedVersion` that of the request they have seen. */
export type GateOrder =
  | { readonly command: 'request'; readonly evidenceHash: string; readonly comment: string }
  | { readonly command: 'break-glass'; readonly reason: string; readonly ticket: string }
  | {
      readonly command:
        | 'approve'
        | 'reject'
        | 'withdraw'
        | 'revoke'
        | 'execute'
        | 'complete'
        | 'fail'
        | 'roll-back'
        | 'finish-roll-back';
      readonly expectedVersion: number;
      readonly evidenceHash?: string | undefined;
      readonly comment: string;
    };

/** One step to take. */
export interface GateMove {
  readonly to: GateState;
  readonly by: GateMover;
  /** Why, as the panel shows it; empty where there is no more to say. */
  readonly reason: string;
}

/** What comes of an order. Nothing was changed yet. */
export type GateOutcome =
  | {
      readonly ok: true;
      /** In order. They are moves of the open request, or of a new one where `begins`. */
      readonly moves: readonly GateMove[];
      readonly begins: boolean;
      /** For which team an approval speaks. */
      readonly team?: string;
    }
  | Refusal;

export interface Refusal {
  readonly ok: false;
  /** `forbidden`: not this person. `conflict`: not in this state. `evidence-changed`: read again first. `bad-input`: something is missing in the order. */
  readonly code: 'forbidden' | 'conflict' | 'evidence-changed' | 'bad-input';
  /** What to do, a sentence. */
  readonly reason: string;
}

export const refuse = (code: Refusal['code'], reason: string): Refusal => ({ ok: false, code, reason });
