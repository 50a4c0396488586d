import type { KnownDropReason, L7_DENIED } from './drop-reasons.ts';

/** What kind of cause a drop has: where a person has to look. */
export const DROP_KINDS = [
  'policy',
  'service',
  'routing',
  'encryption',
  'conntrack',
  'nat',
  'packet',
  'startup',
  'fabric',
] as const;
export type DropKind = (typeof DROP_KINDS)[number];

/**
 * How alarming a reason is by itself: `expected` is a decision that somebody made or no loss at all, `notice` happens in healthy clusters,
 * `warning` breaks connections, `critical` hints at a fault of the node or its configuration.
 */
export type DropSeverity = 'expected' | 'notice' | 'warning' | 'critical';

/** A drop reason explained. */
export interface DropCause {
  /** For people: `Policy denied`. */
  readonly label: string;
  /** Whether network policy decided it, so that policy can allow it. */
  readonly decidedBy: 'policy' | 'other';
  readonly kind: DropKind;
  readonly severity: DropSeverity;
  /** What the reason code means. */
  readonly meaning: string;
  /** Where to look, or what to do. */
  readonly look: string;
}

const cause = (kind: DropKind, severity: DropSeverity, label: string, meaning: string, look: string): DropCause => ({
  label,
  decidedBy: kind === 'policy' ? 'policy' : 'other',
  kind,
  severity,
  meaning,
  look,
});

/** A reason that the datapath of Cilium 1.19 no longer gives; an agent of an older version may. */
const retired = (kind: DropKind, label: string, meaning: string): DropCause =>
  cause(
    kind,
    'notice',
    label,
    `${meaning} Cilium 1.19 no longer gives this reason.`,
    'See which version of the agent runs on the node that reported it.',
  );

/** Every reason of Cilium 1.19 and our own, explained from its datapath (bpf/lib/drop_reasons.h and the places that use each). */
const CAUSES: Readonly<Record<KnownDropReason | typeof L7_DENIED, DropCause>> = {
  DROP_REASON_UNKNOWN: cause(
    'packet',
    'notice',
    'No reason given',
    'Hubble reported a drop without saying why.',
    'Open the flow: its event type and its node say which part of the datapath dropped it.',
  ),
  L7_DENIED: cause(
    'policy',
    'expected',
    'Denied by the L7 proxy',
    'The connection is allowed, but no HTTP, DNS or Kafka rule allows this request. The client sees 403, REFUSED or an authorization error.',
    'Compare method, path, name or topic with the L7 rules of the policies that allow this port; a rule that lists none of them denies all others.',
  ),
  INVALID_SOURCE_MAC: retired(
    'packet',
    'Invalid source MAC',
    'The frame left an endpoint with a hardware address that is not its own.',
  ),
  INVALID_DESTINATION_MAC: retired('packet', 'Invalid destination MAC', 'The frame was addressed to another hardware address.'),
  INVALID_SOURCE_IP: cause(
    'packet',
    'warning',
    'Invalid source address',
    'A pod sent a packet with a source address that is not its own. Cilium drops it as spoofed.',
    'Look for a container that binds or routes a second address (VPN, nested container, router), or for a pod whose address changed. If it must, disable source address verification for it.',
  ),
  POLICY_DENIED: cause(
    'policy',
    'expected',
    'Policy denied (no rule allows it)',
    'A policy selects the endpoint in this direction, and none of its rules allows this peer and port: the default deny. No policy is named because none decided.',
    'Check the direction: on EGRESS the policies of the source, on INGRESS those of the destination. The smallest cure is one rule for this peer and port.',
  ),
  INVALID_PACKET_DROPPED: cause(
    'packet',
    'warning',
    'Invalid packet',
    'The datapath could not read the headers it needed: the packet is too short, or its length fields are wrong.',
    'Look at the sender and at tunnels or network cards between the nodes that cut packets (offloading, MTU).',
  ),
  CT_TRUNCATED_OR_INVALID_HEADER: cause(
    'conntrack',
    'warning',
    'Truncated or invalid header',
    'Connection tracking could not read the transport header.',
    'Typical for fragments or packets cut on the way: compare the MTU of pods, tunnel and network, and look for malformed traffic from this source.',
  ),
  CT_MISSING_TCP_ACK_FLAG: cause(
    'routing',
    'warning',
    'Fragmentation needed',
    'The packet, with what Cilium adds to it (DSR option or tunnel header), is larger than the MTU. That is what code 136 means in Cilium 1.19 (DROP_FRAG_NEEDED); Hubble still prints its old name, “missing TCP ACK flag”.',
    'Lower the MTU of the pods or raise that of the network; with DSR see that the sender honours “fragmentation needed” messages.',
  ),
  CT_UNKNOWN_L4_PROTOCOL: cause(
    'conntrack',
    'notice',
    'Unknown protocol in connection tracking',
    'Cilium tracks TCP, UDP and ICMP, and SCTP only when it is enabled. Other protocols cannot be tracked and so cannot be allowed.',
    'For SCTP set sctp.enabled in the Helm values; other protocols must bypass the pod network.',
  ),
  CT_CANNOT_CREATE_ENTRY_FROM_PACKET: retired(
    'conntrack',
    'Cannot track this packet',
    'The packet is none that may open a connection.',
  ),
  UNSUPPORTED_L3_PROTOCOL: cause(
    'packet',
    'notice',
    'Unsupported network protocol',
    'The frame is neither IPv4 nor IPv6, or is of a family that is switched off in this cluster.',
    'Often IPv6 from pods in an IPv4 cluster. Enable that family, or turn it off in the pod. Link-layer protocols can be ignored.',
  ),
  MISSED_TAIL_CALL: cause(
    'startup',
    'critical',
    'Missing part of the datapath program',
    'A part of the eBPF program that should take over was not loaded. It happens for a moment while an endpoint is rebuilt; it must not last.',
    'Look at the agent of the node: upgrade under way, regeneration failures, a verifier error. Restart the agent if it goes on.',
  ),
  ERROR_WRITING_TO_PACKET: cause(
    'packet',
    'warning',
    'Packet could not be rewritten',
    'The kernel refused to change the packet, for instance to translate an address.',
    'Look for malformed or very short packets from this source, and for a known bug of the node’s kernel.',
  ),
  UNKNOWN_L4_PROTOCOL: cause(
    'packet',
    'notice',
    'Unknown transport protocol',
    'The transport protocol is none that the load balancer or policy can work with.',
    'Services and policy know TCP, UDP, SCTP (when enabled) and ICMP. Other protocols need a path that Cilium does not handle.',
  ),
  UNKNOWN_ICMPV4_CODE: cause(
    'nat',
    'notice',
    'Unknown ICMPv4 code',
    'An ICMP error could not be translated, because its code is none that NAT knows.',
    'Harmless in small numbers. If path MTU discovery suffers, look at the router that sends these messages.',
  ),
  UNKNOWN_ICMPV4_TYPE: cause(
    'nat',
    'notice',
    'Unknown ICMPv4 type',
    'NAT handles echo and error messages; another type of ICMP message arrived for a translated address.',
    'Harmless in small numbers. Look at the sender if there are many.',
  ),
  UNKNOWN_ICMPV6_CODE: cause(
    'nat',
    'notice',
    'Unknown ICMPv6 code',
    'An ICMPv6 error could not be translated, because its code is none that NAT knows.',
    'Harmless in small numbers. If path MTU discovery suffers, look at the router that sends these messages.',
  ),
  UNKNOWN_ICMPV6_TYPE: cause(
    'nat',
    'notice',
    'Unknown ICMPv6 type',
    'NAT handles echo and error messages; another type of ICMPv6 message arrived for a translated address.',
    'Harmless in small numbers. Look at the sender if there are many.',
  ),
  ERROR_RETRIEVING_TUNNEL_KEY: cause(
    'fabric',
    'critical',
    'Tunnel header could not be read or set',
    'The datapath could not get or set the tunnel key of an encapsulated packet, and with it the sender’s identity.',
    'Look at the tunnel device of the node (cilium_vxlan or cilium_geneve) and for another program that uses the same tunnel port.',
  ),
  ERROR_RETRIEVING_TUNNEL_OPTIONS: retired(
    'fabric',
    'Tunnel options could not be read',
    'The options of a tunnel header could not be read.',
  ),
  INVALID_GENEVE_OPTION: retired(
    'fabric',
    'Invalid Geneve option',
    'A Geneve header carried an option that Cilium does not know.',
  ),
  UNKNOWN_L3_TARGET_ADDRESS: cause(
    'routing',
    'notice',
    'Neighbour asked for an unknown address',
    'A pod asked by IPv6 neighbour discovery for an address that Cilium does not answer for.',
    'Usually a stale neighbour or a wrong gateway in the pod. Look at the routes inside the pod.',
  ),
  STALE_OR_UNROUTABLE_IP: cause(
    'routing',
    'warning',
    'Stale or unroutable address',
    'A packet arrived for an address of this node’s pod range that no pod holds: the pod is gone, or the sender uses an old address.',
    'Common for seconds after a pod ended. If it lasts, look for clients with cached addresses, and for a CiliumEndpoint or route that outlived its pod.',
  ),
  NO_MATCHING_LOCAL_CONTAINER_FOUND: retired(
    'routing',
    'No such pod on this node',
    'No endpoint of this node has the destination’s address.',
  ),
  ERROR_WHILE_CORRECTING_L3_CHECKSUM: cause(
    'packet',
    'warning',
    'IP checksum could not be corrected',
    'After rewriting the packet its IP checksum could not be updated.',
    'Look for malformed packets from this source and for checksum offloading faults of the network card.',
  ),
  ERROR_WHILE_CORRECTING_L4_CHECKSUM: cause(
    'packet',
    'warning',
    'Transport checksum could not be corrected',
    'After rewriting the packet its TCP, UDP or ICMP checksum could not be updated.',
    'Look for malformed packets from this source and for checksum offloading faults of the network card.',
  ),
  CT_MAP_INSERTION_FAILED: cause(
    'conntrack',
    'critical',
    'Connection table is full',
    'No entry could be made for a new connection. Nearly always the connection tracking map of the node is full.',
    'Look at the map pressure of the node (cilium_bpf_map_pressure), at who opens so many connections, and raise bpf-ct-global-tcp-max or -any-max.',
  ),
  INVALID_IPV6_EXTENSION_HEADER: cause(
    'packet',
    'notice',
    'Invalid IPv6 extension header',
    'The chain of IPv6 extension headers could not be followed: too long, or not supported.',
    'Look at the sender; ordinary applications do not send such packets.',
  ),
  IP_FRAGMENTATION_NOT_SUPPORTED: cause(
    'packet',
    'warning',
    'Fragments are not supported',
    'The packet is a fragment, and tracking of fragments is switched off. Without ports neither policy nor services can judge it.',
    'Enable fragment tracking (enable-ipv4-fragment-tracking), or make the sender use smaller datagrams.',
  ),
  SERVICE_BACKEND_NOT_FOUND: cause(
    'service',
    'warning',
    'Service has no backend',
    'The address is that of a Kubernetes service, and no ready endpoint stands behind it (or none that the traffic policy lets this node use).',
    'Look at the EndpointSlices and the readiness of the pods behind the service, and at externalTrafficPolicy or internalTrafficPolicy: Local.',
  ),
  NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT: cause(
    'fabric',
    'critical',
    'No tunnel endpoint',
    'A packet had to be encapsulated, and Cilium knows no node to send it to. By Cilium’s own words this should not happen.',
    'Compare CiliumNode objects and `cilium-dbg bpf ipcache list` on the node; report it with the output of cilium-bugtool.',
  ),
  FAILED_TO_INSERT_INTO_PROXYMAP: cause(
    'nat',
    'warning',
    'NAT between IPv4 and IPv6 is not enabled',
    'A service has backends of the other address family, and translation between the two is switched off. Hubble still prints the old name of code 161.',
    'Give the service backends of its own family, or enable the NAT46x64 gateway.',
  ),
  REACHED_EDT_RATE_LIMITING_DROP_HORIZON: cause(
    'service',
    'expected',
    'Over the pod’s bandwidth limit',
    'The bandwidth manager would have had to hold the packet back for longer than two seconds.',
    'The pod sends more than its kubernetes.io/egress-bandwidth annotation allows: raise it, or slow the sender.',
  ),
  UNKNOWN_CONNECTION_TRACKING_STATE: cause(
    'conntrack',
    'warning',
    'Unknown connection state',
    'The lookup of the connection gave a state that the datapath does not expect at this point.',
    'Note node and time, and look whether the agent was upgraded or its maps were migrated just then.',
  ),
  LOCAL_HOST_IS_UNREACHABLE: retired(
    'routing',
    'Local host is unreachable',
    'The packet could not be handed to the node’s own network stack.',
  ),
  NO_CONFIGURATION_AVAILABLE_TO_PERFORM_POLICY_DECISION: retired(
    'startup',
    'No policy configuration yet',
    'The endpoint had no policy configuration to decide by.',
  ),
  UNSUPPORTED_L2_PROTOCOL: cause(
    'packet',
    'notice',
    'Unsupported link protocol',
    'The frame is none that Cilium handles on this device, or has no Ethernet header where one is needed.',
    'Usually discovery or spanning-tree frames, harmless. On other traffic check which devices Cilium was given.',
  ),
  NO_MAPPING_FOR_NAT_MASQUERADE: cause(
    'nat',
    'warning',
    'No free port for masquerading',
    'Source NAT found no free port for a new connection, or no mapping for an answer that came in.',
    'Many connections from one node to one destination use up its ports: reuse connections. Else look at the pressure of the NAT map and at answers that come late.',
  ),
  UNSUPPORTED_PROTOCOL_FOR_NAT_MASQUERADE: cause(
    'nat',
    'notice',
    'Protocol cannot be masqueraded',
    'The packet leaves the cluster and would need source NAT, which knows TCP, UDP, SCTP (when enabled) and ICMP echo.',
    'Route this protocol without masquerading (ipMasqAgent, nonMasqueradeCIDRs), or do not send it out of the cluster.',
  ),
  FIB_LOOKUP_FAILED: cause(
    'routing',
    'warning',
    'No route or neighbour',
    'The kernel found no route to the next hop, or does not know its hardware address.',
    'Look at `ip route get` and `ip neigh` on the node, and on EKS at the subnet’s route table and the security groups between the nodes.',
  ),
  ENCAPSULATION_TRAFFIC_IS_PROHIBITED: cause(
    'packet',
    'warning',
    'Tunnel traffic from a pod',
    'A pod sent packets to the port of the cluster’s own tunnel. It could forge identities that way, so it is refused.',
    'Find out why the pod speaks VXLAN or Geneve on this port; an overlay of its own must use another port.',
  ),
  INVALID_IDENTITY: cause(
    'fabric',
    'critical',
    'Invalid identity',
    'A packet from another node carried a security identity that cannot be: a reserved one, or one that this place does not accept.',
    'Somebody sends into the tunnel who is no node of this cluster, or two clusters of a mesh share a cluster id.',
  ),
  UNKNOWN_SENDER: retired('fabric', 'Unknown sender', 'The sender of an encapsulated packet was not known.'),
  NAT_NOT_NEEDED: cause(
    'nat',
    'expected',
    'NAT not needed',
    'An internal code: the packet needs no translation. It goes on its way.',
    'Nothing to do.',
  ),
  IS_A_CLUSTERIP: cause(
    'service',
    'notice',
    'ClusterIP used from outside',
    'A packet from outside the cluster was addressed to a ClusterIP, which is for pods and nodes of the cluster only.',
    'Use a LoadBalancer, NodePort or Gateway. If it is meant, set bpf.lbExternalClusterIP.',
  ),
  FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND: cause(
    'packet',
    'notice',
    'First fragment not seen',
    'A later fragment came, and the first one, which has the ports, was not seen before it.',
    'Fragments that overtake each other or get lost: avoid fragmentation with a smaller datagram or a larger MTU, or raise bpf-fragments-map-max.',
  ),
  FORBIDDEN_ICMPV6_MESSAGE: cause(
    'packet',
    'notice',
    'Forbidden ICMPv6 message',
    'The host firewall refuses ICMPv6 messages of a kind that must not cross it.',
    'Usually harmless. Look at the sender if there are many.',
  ),
  DENIED_BY_LB_SRC_RANGE_CHECK: cause(
    'service',
    'expected',
    'Outside loadBalancerSourceRanges',
    'The client’s address is in none of the ranges that the service allows.',
    'Add the range to spec.loadBalancerSourceRanges of the service if the client is welcome. Behind a proxy or NAT the address is that of the proxy.',
  ),
  SOCKET_LOOKUP_FAILED: cause(
    'startup',
    'critical',
    'Proxy’s socket not found',
    'Policy sends this traffic to the L7 proxy, but nothing listens on the proxy’s port on this node.',
    'Look at Envoy and at the DNS proxy in the agent: starting, crashed, or overloaded. Traffic flows again once the listener is back.',
  ),
  SOCKET_ASSIGN_FAILED: cause(
    'startup',
    'critical',
    'Proxy’s socket not usable',
    'The L7 proxy listens, but the packet could not be handed to its socket.',
    'Look at the kernel version of the node (TPROXY with bpf_sk_assign) and at Envoy’s log.',
  ),
  PROXY_REDIRECTION_NOT_SUPPORTED_FOR_PROTOCOL: cause(
    'service',
    'warning',
    'Protocol cannot go through the proxy',
    'A rule with L7 conditions sends this traffic to the proxy, which takes TCP and, for DNS, UDP.',
    'Take the L7 part out of the rule for this port, or limit the rule to TCP.',
  ),
  POLICY_DENY: cause(
    'policy',
    'expected',
    'Denied by a deny rule',
    'A rule under ingressDeny or egressDeny matches. Deny rules win over every allow rule.',
    'The policy verdict of the same packet names the policy. Change that rule: an allow rule elsewhere cannot help.',
  ),
  VLAN_FILTERED: cause(
    'packet',
    'notice',
    'VLAN is filtered',
    'The frame has a VLAN tag that Cilium was not told to let through on this device.',
    'List the VLAN in bpf.vlanBypass if pods or nodes need it.',
  ),
  INVALID_VNI: cause(
    'fabric',
    'warning',
    'Wrong VNI from a VTEP',
    'A packet from an outside VXLAN tunnel endpoint carried a network identifier that is not the configured one.',
    'Compare the VTEP’s configuration with Cilium’s vtep settings.',
  ),
  INVALID_TC_BUFFER: cause(
    'packet',
    'warning',
    'Scratch buffer failed',
    'The datapath could not store or find the notes it keeps about a packet between two of its programs.',
    'Note node and time; if it lasts, restart the agent and report it with the output of cilium-bugtool.',
  ),
  NO_SID: cause(
    'fabric',
    'warning',
    'No SRv6 segment',
    'No segment identifier is known for the destination.',
    'Look at the SRv6 policies and the BGP routes that should bring them.',
  ),
  MISSING_SRV6_STATE: retired('fabric', 'SRv6 state lost', 'The state of an SRv6 packet was gone between two programs.'),
  NAT46: cause(
    'nat',
    'warning',
    'IPv4 to IPv6 failed',
    'The packet could not be translated from IPv4 to IPv6.',
    'Look at the NAT46x64 configuration and at packets with options or fragments, which cannot be translated.',
  ),
  NAT64: cause(
    'nat',
    'warning',
    'IPv6 to IPv4 failed',
    'The packet could not be translated from IPv6 to IPv4.',
    'Look at the NAT46x64 configuration and at packets with extension headers or fragments, which cannot be translated.',
  ),
  AUTH_REQUIRED: cause(
    'policy',
    'warning',
    'Mutual authentication required',
    'The rule that allows this traffic asks for mutual authentication, and the two identities are not (yet) authenticated. The first packets of a pair are dropped while the handshake runs.',
    'If it goes on for more than seconds: look at the SPIRE server and agents, at the registration of both identities, and at the agent’s log for “auth”.',
  ),
  CT_NO_MAP_FOUND: cause(
    'conntrack',
    'critical',
    'Connection table is missing',
    'The connection tracking map for this cluster or address family is not there.',
    'Happens while the agent starts. If it lasts, look at the agent’s log and at the cluster ids of the mesh.',
  ),
  SNAT_NO_MAP_FOUND: cause(
    'nat',
    'critical',
    'NAT table is missing',
    'The NAT map for this cluster is not there.',
    'Happens while the agent starts. If it lasts, look at the agent’s log and at the cluster ids of the mesh.',
  ),
  INVALID_CLUSTER_ID: cause(
    'fabric',
    'critical',
    'Invalid cluster id',
    'A packet of a cluster mesh carried the id of a cluster that cannot be.',
    'Every cluster of a mesh needs an id of its own, from 1 to 255 (or 511). Compare cluster.id of both.',
  ),
  UNSUPPORTED_PROTOCOL_FOR_DSR_ENCAP: cause(
    'service',
    'notice',
    'Protocol cannot use DSR',
    'Direct server return with encapsulation knows TCP, UDP and ICMP only.',
    'Use SNAT for this service, or another protocol.',
  ),
  NO_EGRESS_GATEWAY: cause(
    'routing',
    'warning',
    'No egress gateway',
    'A CiliumEgressGatewayPolicy selects this traffic, and no gateway node is there for it.',
    'Look at the node selector of the policy and at the nodes it should match.',
  ),
  UNENCRYPTED_TRAFFIC: cause(
    'encryption',
    'warning',
    'Not encrypted in strict mode',
    'Strict encryption is on, and this packet between nodes was about to travel in clear.',
    'Usually the peer’s WireGuard key is not known yet: compare the CiliumNode of the other node, and look at new nodes and addresses outside the strict range.',
  ),
  TTL_EXCEEDED: cause(
    'routing',
    'notice',
    'TTL exceeded',
    'The packet’s hop limit ran out.',
    'One at a time is a traceroute. Many are a routing loop: look at the routes of the nodes on the way.',
  ),
  NO_NODE_ID: cause(
    'fabric',
    'critical',
    'Node is not known',
    'IPsec or mutual authentication needs the number of the other node, and has none for its address.',
    'Look whether the other node has a CiliumNode object and is in this agent’s node map; new nodes need a few seconds.',
  ),
  DROP_RATE_LIMITED: cause(
    'service',
    'notice',
    'Reply was rate limited',
    'Cilium would answer with an ICMP “unreachable” for a service without backends, and has sent enough of them.',
    'Look at the service without backends; the limit itself protects the node.',
  ),
  IGMP_HANDLED: cause(
    'fabric',
    'expected',
    'IGMP handled',
    'No loss: Cilium’s multicast took this group message itself.',
    'Nothing to do.',
  ),
  IGMP_SUBSCRIBED: cause(
    'fabric',
    'expected',
    'IGMP subscription taken',
    'No loss: Cilium’s multicast noted the pod’s membership in a group.',
    'Nothing to do.',
  ),
  MULTICAST_HANDLED: cause(
    'fabric',
    'expected',
    'Multicast delivered',
    'No loss: copies went to the members of the group, and the original ends here.',
    'Nothing to do.',
  ),
  DROP_HOST_NOT_READY: cause(
    'startup',
    'notice',
    'Host datapath is starting',
    'The program of the node’s own endpoint was not loaded yet.',
    'Normal for seconds after the agent started. If it lasts, look at the agent’s log.',
  ),
  DROP_EP_NOT_READY: cause(
    'startup',
    'notice',
    'Endpoint is starting',
    'The policy program of the destination pod was not loaded yet (or is gone).',
    'Normal for seconds around the start and end of a pod. If it lasts, look at the endpoint’s state in the agent (regenerating, not-ready).',
  ),
  DROP_NO_EGRESS_IP: cause(
    'routing',
    'warning',
    'No egress address',
    'A CiliumEgressGatewayPolicy selects this traffic, and the gateway node has no address to send it from.',
    'Look at egressIP and interface of the policy: the address must be on that node.',
  ),
  DROP_PUNT_PROXY: cause(
    'service',
    'expected',
    'Handed to the proxy',
    'No loss: the packet goes on in the L7 proxy.',
    'Nothing to do. What the proxy decides shows as L7 flows.',
  ),
};

const causes = new Map<string, DropCause>(Object.entries(CAUSES));

/** What is known of a drop reason; reasons of a newer Cilium get an entry that says so. */
export function dropCauseOf(reason: string): DropCause {
  const known = causes.get(reason);
  if (known) return known;
  const number = /^DROP_REASON_(\d+)$/.exec(reason)?.[1];
  return cause(
    'packet',
    'notice',
    number === undefined ? reason : `Reason ${number}`,
    'A reason of a Cilium version that is newer than this console knows.',
    'Look it up in the documentation of the Cilium version on the node: bpf/lib/drop_reasons.h lists all.',
  );
}

/** All reasons that are explained, for a glossary. */
export const EXPLAINED_REASONS: readonly string[] = [...causes.keys()];
