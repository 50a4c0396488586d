import { hexOf, plainKeccak256 } from '#lib/receipts/hash.ts';
import { evidenceOf, leafHashOf } from '#lib/receipts/leaf.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { RULE_WORDS, timeWords } from '#lib/receipts/statement.ts';
import { exact } from '#components/ui/format.ts';
import { CLASS_WORDS, shortHash } from '../receipt-words.ts';

/** The facts of a receipt, as a page lists them. Pure; text in it is shown by whoever makes it safe. */
export interface Fact {
  readonly name: string;
  /** First line; with `quiet` before it in a quieter ink. */
  readonly value: string;
  readonly quiet?: string;
  readonly mono?: boolean;
  /** All of it, where `value` is shortened: shown on hover. */
  readonly full?: string;
  /** Further lines, in a quieter ink. */
  readonly more?: readonly string[];
}

type Flow = NonNullable<Receipt['flow']>;
type Peer = Flow['source'];

/** Of a finding what was found and why; nothing of other receipts. */
export function findingFacts({ observation: { finding } }: Receipt): Fact[] {
  if (!finding) return [];
  const { rule, severity, reasons, subject } = finding;
  return [
    { name: 'Finding', value: `${rule}, ${severity}: ${RULE_WORDS[rule]}` },
    ...(subject === undefined ? [] : [{ name: 'About', value: subject, mono: true }]),
    { name: reasons.length === 1 ? 'Reason' : 'Reasons', value: reasons[0] ?? '', more: reasons.slice(1) },
  ];
}

/** What was seen: ends, port, cause. */
export function seenFacts({ flow, observation, observed_at, policy }: Receipt): Fact[] {
  return [
    ...(flow
      ? [
          peerFact('Source', flow.source),
          peerFact('Destination', flow.destination),
          { name: 'Port', value: portWords(flow), mono: true, ...(flow.is_reply === true && { more: ['a reply'] }) },
          ...(flow.l7 ? [l7Fact(flow.l7)] : []),
          ...(flow.drop_reason === undefined
            ? [{ name: 'Direction', value: flow.direction }]
            : [{ name: 'Reason', value: flow.drop_reason, mono: true, more: [flow.direction] }]),
          ...(flow.aggregate ? [aggregateFact(flow.aggregate)] : []),
        ]
      : []),
    { name: 'Observed', value: timeWords(observed_at) },
    { name: 'Why', value: CLASS_WORDS[observation.class].why },
    ...(flow && isLongBehind(policy) ? basisFacts(observation) : []),
  ];
}

/** What stands behind it: who reported, which policies, which batch. */
export function behindFacts(receipt: Receipt): Fact[] {
  const { observation, policy, proof } = receipt;
  const { source, cilium_version, event_type, event_sub_type, observation_point } = observation;
  // A receipt names the set only where it is another one than that of its batch.
  const policy_set_hash = observation.policy_set_hash ?? proof?.header.policy_set_hash;
  const event = [event_type, event_sub_type, observation_point].filter((text) => text !== undefined && text !== '').join(', ');
  return [
    {
      name: 'Reported by',
      value: `${source}${cilium_version === undefined ? '' : `, Cilium ${cilium_version.replace(/^cilium v?/i, '')}`}`,
      ...(event !== '' && { more: [`${event} event`] }),
    },
    ...policy.map((governing, index): Fact => ({
      name: index === 0 ? (policy.length === 1 ? 'Policy' : 'Policies') : '',
      value: governing.ref,
      mono: true,
      more: [
        [
          governing.generation === undefined ? 'gen not known' : `gen ${governing.generation}`,
          governing.spec_hash === undefined ? 'no hash of its text' : `spec ${shortHash(governing.spec_hash, 6, 4)}`,
        ].join(', '),
        ...(governing.raw_hash === undefined ? [] : [`file ${shortHash(governing.raw_hash, 6, 4)}`]),
      ],
    })),
    { name: 'Named by', value: ATTRIBUTION_WORDS[observation.policy_attribution] },
    ...(policy_set_hash === undefined ? [] : [hashFact('Policy set', 'sha256', policy_set_hash)]),
    ...(receipt.flow && !isLongBehind(policy) ? basisFacts(observation) : []),
    ...(observation.grace?.length ? [{ name: 'Mind', value: observation.grace.join(', ') }] : []),
    hashFact('Leaf', 'keccak', leafHex(receipt)),
    ...(proof ? [batchFact(proof.header)] : []),
  ];
}

/** The receipt’s leaf of the batch, computed from what it says. */
export const leafHex = (receipt: Receipt): string => hexOf(leafHashOf(evidenceOf(receipt), plainKeccak256));

/** Several policies make the second column long: what has no side of its own then stands in the first. */
const isLongBehind = (policy: Receipt['policy']): boolean => policy.length > 1;

const basisFacts = (observation: Receipt['observation']): Fact[] => [
  { name: 'Encrypted', value: observation.encrypted, more: [BASIS_WORDS[observation.encrypted_basis ?? 'absent']] },
  { name: 'SPIFFE', value: SPIFFE_WORDS[observation.spiffe_basis ?? 'absent'] },
];

const ATTRIBUTION_WORDS = {
  hubble: 'Hubble, in the event itself',
  engine: 'the console’s policy engine, not Hubble',
  none: 'nobody: no policy is known to have decided',
} as const;

/** What an answer about encryption rests on: a bit of one trace event says little of a whole connection. */
const BASIS_WORDS = {
  'flow-bit': 'by a bit of this one event',
  'device-trace': 'by a trace at the network device',
  'same-node': 'both ends are on one node',
  absent: 'the event does not say',
} as const;

const SPIFFE_WORDS = {
  'derived-from-labels': 'derived from labels, not authenticated',
  'spire-entry-lookup': 'looked up in SPIRE’s entries, not authenticated',
  absent: 'none recorded',
} as const;

function peerFact(name: string, { namespace, pod, workload, entity, ip, identity, spiffe_id }: Peer): Fact {
  const own = workload ?? pod ?? entity ?? ip;
  return {
    name,
    value: own ?? `identity ${identity}`,
    mono: true,
    ...(namespace !== undefined && namespace !== '' && { quiet: `${namespace}/` }),
    more: [
      ...(pod !== undefined && pod !== own ? [`pod ${pod}`] : []),
      ...(entity !== undefined && entity !== own ? [entity] : []),
      [...(ip !== undefined && ip !== own ? [ip] : []), ...(own === undefined ? [] : [`identity ${identity}`])].join(', '),
      ...(spiffe_id === undefined ? [] : [spiffe_id]),
    ].filter((line) => line !== ''),
  };
}

const portWords = ({ protocol, port }: Flow): string => (port === 0 ? protocol : `${protocol}/${port}`);

function l7Fact({ type, method, path, host, status, query }: NonNullable<Flow['l7']>): Fact {
  const asked = [method, host, path, query].filter((text) => text !== undefined && text !== '').join(' ');
  return {
    name: 'Layer 7',
    value: asked === '' ? type : `${type} ${asked}`,
    mono: true,
    ...(status !== undefined && { more: [`status ${status}`] }),
  };
}

function aggregateFact({ count, samples }: NonNullable<Flow['aggregate']>): Fact {
  return {
    name: 'Flows',
    value: `${exact(Number(count))} counted together`,
    more: samples.map((uuid) => `e.g. ${uuid}`),
  };
}

const hashFact = (name: string, algorithm: string, hash: string): Fact => ({
  name,
  value: `${algorithm}:${shortHash(hash)}`,
  full: hash,
  mono: true,
});

function batchFact({ completeness, window_start, window_end }: NonNullable<Receipt['proof']>['header']): Fact {
  const { nodes_connected, nodes_expected, lost_events, stream_gaps, clock_skew_ms_max } = completeness;
  const lost = lost_events.reduce((sum, { count }) => sum + BigInt(count), 0n);
  const long = Math.max(0, Date.parse(window_end) - Date.parse(window_start));
  return {
    name: 'Batch saw',
    value: `${nodes_connected} of ${nodes_expected} nodes, ${exact(Number(lost))} events lost`,
    more: [
      `${exact(Math.round(long))} ms long, clock skew ${exact(clock_skew_ms_max)} ms`,
      ...(stream_gaps.length > 0 ? [`${stream_gaps.length} ${stream_gaps.length === 1 ? 'gap' : 'gaps'} in the stream`] : []),
    ],
  };
}
