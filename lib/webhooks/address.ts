import 'server-only';
import ipaddr from 'ipaddr.js';

/** Kinds of addresses that a name may point to. Private ones too: receivers are often inside, and the name had to be allowed by whoever runs the console. */
const REACHABLE: readonly string[] = ['unicast', 'private', 'uniqueLocal', 'carrierGradeNat'];

/** Credentials of machines and pods by IPv6 on EC2 and EKS (fd00:ec2::254, fd00:ec2::23); their IPv4 addresses are link-local. */
const AWS_METADATA = ipaddr.parseCIDR('fd00:ec2::/32');

/**
 * Why a name that resolves to `address` is not asked; undefined when it may be. Refused: this machine, link-local (cloud metadata), unspecified,
 * multicast, reserved, and every form of IPv4 inside IPv6.
 */
export function whyUnreachable(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return 'is no address';
  const parsed = ipaddr.parse(address);
  const kind = parsed.range();
  if (!REACHABLE.includes(kind)) return `is ${NAMES.get(kind) ?? `a special address (${kind})`}`;
  return parsed.kind() === 'ipv6' && parsed.match(AWS_METADATA) ? 'is a metadata address' : undefined;
}

const NAMES: ReadonlyMap<string, string> = new Map([
  ['loopback', 'an address of this machine'],
  ['linkLocal', 'a link-local address'],
  ['unspecified', 'an unspecified address'],
  ['multicast', 'a multicast address'],
  ['ipv4Mapped', 'an IPv4 address inside an IPv6 one'],
]);
