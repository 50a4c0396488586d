import type { Verdict } from '#lib/flow/flow.ts';
import type { Receipt } from './receipt.ts';

/**
 * What a receipt says, as one sentence in parts, so that a page can mark its facts and a terminal can join them. The wording is the widest that a receipt
 * carries: an observer's statement about what Hubble reported, never that something was enforced.
 */
export type StatementPart =
  | { readonly kind: 'words' | 'time' | 'key' | 'node' | 'policy' | 'checkpoint' | 'witness' | 'subject'; readonly text: string }
  | { readonly kind: 'verdict'; readonly text: Verdict };

/** What stands behind the statement beyond the receipt itself; only what was verified belongs here. */
export interface Standing {
  /** Batches in the head of the log that the receipt was proved to. */
  readonly checkpoint?: number;
  /** Names of the witnesses whose cosignature of that head verified. */
  readonly witnesses: readonly string[];
}

/** What the rules find, as a person says it. */
export const RULE_WORDS = {
  R1: 'enforcement gap',
  R2: 'unknown identity',
  R3: 'plaintext where encryption is due',
  R4: 'L7 drift',
  R5: 'observation gap',
  R6: 'policy tamper',
} as const;

/** Policies named in the sentence; the rest are counted, and all stand among the facts. */
const MOST_POLICIES = 3;

/**
 * The statement of a receipt. Names in it are a workload’s choice: whoever shows them makes them safe. Without a standing, where nothing was verified,
 * it says nothing of log and witnesses.
 */
export function statementOf(receipt: Receipt, standing: Standing | undefined): StatementPart[] {
  const { attestation, signature, observation } = receipt;
  return [
    words('At '),
    { kind: 'time', text: timeWords(attestation.attestation_time) },
    words(' this witness, holding key '),
    { kind: 'key', text: signature.kid },
    words(`,${CLASS_WORDS[observation.class] ?? ''} recorded `),
    ...claimOf(receipt),
    ...policiesOf(receipt),
    ...(standing ? logOf(standing) : [words('.')]),
  ];
}

/** The statement as plain text. */
export const statementText = (parts: readonly StatementPart[]): string => parts.map(({ text }) => text).join('');

/** Why there is a receipt, where the verdict does not say it. */
const CLASS_WORDS: Readonly<Partial<Record<Receipt['observation']['class'], string>>> = {
  attested: ' asked to attest it,',
  full: ' in a time in which every flow is recorded,',
};

const words = (text: string): StatementPart => ({ kind: 'words', text });

function claimOf({ flow, observation }: Receipt): StatementPart[] {
  const { finding, node } = observation;
  const found = finding && `a finding of rule ${finding.rule} (${RULE_WORDS[finding.rule]}), ${finding.severity}`;
  if (!flow) return [words(`${found ?? 'a finding'}, about `), { kind: 'subject', text: finding?.subject ?? 'nothing named' }];
  return [
    words(found === undefined ? 'that ' : `${found}: `),
    words('Hubble'),
    ...(node === '' ? [] : [words(' on node '), { kind: 'node', text: node } as const]),
    words(' reported '),
    ...reportedOf(flow),
    words(' with verdict '),
    { kind: 'verdict', text: flow.verdict },
  ];
}

function reportedOf({ aggregate }: NonNullable<Receipt['flow']>): StatementPart[] {
  if (!aggregate) return [words('the flow below')];
  return [
    words(`${digits(aggregate.count)} ${aggregate.count === '1' ? 'flow' : 'flows'} like the one below, from `),
    { kind: 'time', text: timeWords(aggregate.first_at) },
    words(' to '),
    { kind: 'time', text: timeWords(aggregate.last_at) },
    words(','),
  ];
}

function policiesOf({ flow, policy, observation }: Receipt): StatementPart[] {
  if (policy.length === 0) return flow ? [words(', with no policy named for it')] : [];
  const named = policy.slice(0, MOST_POLICIES);
  const rest = policy.length - named.length;
  const list = named.flatMap(({ ref, generation }, index): StatementPart[] => [
    words(index === 0 ? '' : index === named.length - 1 && rest === 0 ? ' and ' : ', '),
    { kind: 'policy', text: policyName(ref) },
    words(generation === undefined ? '' : ` at generation ${generation}`),
  ]);
  return [
    words(`, while the API server held ${policy.length === 1 ? 'policy' : 'policies'} `),
    ...list.filter(({ text }) => text !== ''),
    words(rest > 0 ? ` and ${rest} more` : ''),
    words(observation.policy_attribution === 'engine' ? ', named by the console’s engine and not by Hubble' : ''),
  ].filter(({ text }) => text !== '');
}

function logOf({ checkpoint, witnesses }: Standing): StatementPart[] {
  if (checkpoint === undefined) return [words('. The record is signed, and no signed head of the log is known to hold it yet.')];
  const seen = witnesses.flatMap((name, index): StatementPart[] => [
    words(index === 0 ? '' : index === witnesses.length - 1 ? ' and ' : ', '),
    { kind: 'witness', text: name },
  ]);
  return [
    words('. The record has been in an append-only log since checkpoint '),
    { kind: 'checkpoint', text: digits(String(checkpoint)) },
    ...(witnesses.length === 0
      ? [words(', and no witness is known to have seen that head.')]
      : [
          words(`, and ${witnesses.length === 1 ? 'witness' : 'witnesses'} `),
          ...seen.filter(({ text }) => text !== ''),
          words(' saw that head.'),
        ]),
  ];
}

/** `namespace/name` of `cnp:namespace/name`: the kind stands among the facts. */
const policyName = (ref: string): string => ref.slice(ref.indexOf(':') + 1);

const digits = (count: string): string => count.replaceAll(/\B(?=(\d{3})+$)/g, ',');

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `2 March 2026, 14:02:41.204113 UTC`, with all digits the receipt has. */
export function timeWords(moment: string): string {
  const [day = '', time = ''] = moment.replace('Z', '').split('T');
  const [year, month, date] = day.split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}, ${time} UTC`;
}

/** What a receipt does not claim, however valid it is; each goes on from "this receipt does not claim". */
export function notClaimedBy({ flow }: Receipt): readonly string[] {
  const end = flow && (flow.verdict === 'DROPPED' ? 'stopped' : flow.verdict === 'FORWARDED' ? 'delivered' : undefined);
  const packet = flow ? (flow.aggregate ? 'that the packets were' : 'that the packet was') : 'that any packet was';
  return [
    `${packet} really ${end ?? 'stopped or delivered'}`,
    'that no other packet passed',
    'that the node was honest',
    'that a SPIFFE identity authenticated',
    flow ? 'that the flow was encrypted end to end' : 'that any flow was encrypted end to end',
    'that the datapath had this policy text loaded at that instant',
  ];
}
