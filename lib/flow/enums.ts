/** Enumerations of `flow.proto` by protobuf number that the domain keeps as text: one table each, for the decoder, the file reader and the demo. */

/** `flow.TraceObservationPoint`. */
export const TRACE_OBSERVATION_POINTS: ReadonlyMap<number, string> = new Map([
  [0, 'UNKNOWN_POINT'],
  [1, 'TO_PROXY'],
  [2, 'TO_HOST'],
  [3, 'TO_STACK'],
  [4, 'TO_OVERLAY'],
  [101, 'TO_ENDPOINT'],
  [5, 'FROM_ENDPOINT'],
  [6, 'FROM_PROXY'],
  [7, 'FROM_HOST'],
  [8, 'FROM_STACK'],
  [9, 'FROM_OVERLAY'],
  [10, 'FROM_NETWORK'],
  [11, 'TO_NETWORK'],
  [12, 'FROM_CRYPTO'],
  [13, 'TO_CRYPTO'],
]);

/** `flow.TraceReason`. */
export const TRACE_REASONS: ReadonlyMap<number, string> = new Map([
  [0, 'TRACE_REASON_UNKNOWN'],
  [1, 'NEW'],
  [2, 'ESTABLISHED'],
  [3, 'REPLY'],
  [4, 'RELATED'],
  [5, 'REOPENED'],
  [6, 'SRV6_ENCAP'],
  [7, 'SRV6_DECAP'],
  [8, 'ENCRYPT_OVERLAY'],
]);

/** `flow.TCPFlags`, in the order in which Hubble prints them. */
export const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'NS'] as const;

/** L4 and L7 protocols that Hubble's filter takes. */
export const FILTER_PROTOCOLS = [
  'tcp',
  'udp',
  'sctp',
  'icmp',
  'icmpv4',
  'icmpv6',
  'vrrp',
  'igmp',
  'http',
  'dns',
  'kafka',
] as const;

/** `CiliumEventType.type` by the name that `hubble observe --type` takes. */
export const EVENT_TYPE_NAMES: ReadonlyMap<string, number> = new Map([
  ['drop', 1],
  ['debug', 2],
  ['capture', 3],
  ['trace', 4],
  ['policy-verdict', 5],
  ['trace-sock', 7],
  ['l7', 129],
  ['agent', 130],
]);

/** Trace points by the name that `hubble observe --type trace:NAME` takes; the number is `CiliumEventType.sub_type`. */
export const TRACE_POINT_NAMES: ReadonlyMap<string, number> = new Map([
  ['to-endpoint', 0],
  ['to-proxy', 1],
  ['to-host', 2],
  ['to-stack', 3],
  ['to-overlay', 4],
  ['from-endpoint', 5],
  ['from-proxy', 6],
  ['from-host', 7],
  ['from-stack', 8],
  ['from-overlay', 9],
  ['from-network', 10],
  ['to-network', 11],
  ['from-crypto', 12],
  ['to-crypto', 13],
]);

/** Reserved numeric identities of Cilium (pkg/identity/numericidentity.go). */
export const RESERVED_IDENTITIES: ReadonlyMap<number, string> = new Map([
  [1, 'host'],
  [2, 'world'],
  [3, 'unmanaged'],
  [4, 'health'],
  [5, 'init'],
  [6, 'remote-node'],
  [7, 'kube-apiserver'],
  [8, 'ingress'],
  [9, 'world-ipv4'],
  [10, 'world-ipv6'],
  [11, 'encrypted-overlay'],
]);
