/** Names on the bus; they belong to the platform, not to this console. */
export const FLOW_SUBJECTS = ['aegisnet.hubble.flows', 'aegisnet.hubble.flows.dropped', 'aegisnet.hubble.flows.l7'] as const;
export const POLICIES_SUBJECT = 'aegisnet.hubble.policies';
export const ATTESTATIONS_SUBJECT = 'aegisnet.attestations.network';
/** Where messages go that cannot be read, each with its reason. */
export const PARKING_SUBJECT = 'aegisnet.parked.flows';

/** What a stream is made like, where it is missing, and what one that is there is compared with. */
export interface WantedStream {
  readonly name: string;
  /** Subjects that must be in some stream. */
  readonly needs: readonly string[];
  /** Subjects of the stream when it is made. */
  readonly subjects: readonly string[];
  readonly maxBytes: number;
  /** 0 is without end. */
  readonly maxAgeMs: number;
}

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;
/** Messages with the same id are stored once within this time. */
export const DUPLICATE_WINDOW_MS = 120_000;

export const STREAMS = {
  flows: {
    name: 'HUBBLE',
    needs: [...FLOW_SUBJECTS, POLICIES_SUBJECT],
    subjects: ['aegisnet.hubble.>'],
    maxBytes: 1024 * MIB,
    maxAgeMs: DAY_MS,
  },
  attestations: {
    name: 'ATTEST',
    needs: [ATTESTATIONS_SUBJECT],
    subjects: [ATTESTATIONS_SUBJECT],
    maxBytes: 1024 * MIB,
    maxAgeMs: 0,
  },
  parked: { name: 'PARKED', needs: [PARKING_SUBJECT], subjects: ['aegisnet.parked.>'], maxBytes: 64 * MIB, maxAgeMs: 7 * DAY_MS },
} as const satisfies Record<string, WantedStream>;
