/** How many interfaces an instance can have, and addresses on each, the primary one included. */
export interface EniLimits {
  readonly interfaces: number;
  readonly addresses: number;
}

const limits = (interfaces: number, addresses: number): EniLimits => ({ interfaces, addresses });

/** By size; equal in all families of `FAMILIES`. Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html (and co, mo, so), network specifications. */
const BY_SIZE: ReadonlyMap<string, EniLimits> = new Map([
  ['medium', limits(2, 4)],
  ['large', limits(3, 10)],
  ['xlarge', limits(4, 15)],
  ['2xlarge', limits(4, 15)],
  ['4xlarge', limits(8, 30)],
  ['8xlarge', limits(8, 30)],
  ['9xlarge', limits(8, 30)],
  ['12xlarge', limits(8, 30)],
  ['16xlarge', limits(15, 50)],
  ['18xlarge', limits(15, 50)],
  ['24xlarge', limits(15, 50)],
  ['32xlarge', limits(15, 50)],
  ['48xlarge', limits(15, 50)],
]);

const FAMILIES: ReadonlySet<string> = new Set(
  [
    'm5 m5a m5ad m5d m5n m5dn m6a m6g m6gd m6i m6id m7a m7g m7gd m7i m7i-flex m8g m8gd',
    'c5 c5a c5ad c5d c6a c6g c6gd c6i c6id c7a c7g c7gd c7i c7i-flex c8g c8gd',
    'r5 r5a r5ad r5d r5n r5dn r6a r6g r6gd r6i r6id r7a r7g r7gd r7i r8g r8gd',
    'i3 i4i i4g',
  ].flatMap((line) => line.split(' ')),
);

const OTHERS: ReadonlyMap<string, EniLimits> = new Map([
  ...['t2', 't3', 't3a', 't4g'].flatMap((family): [string, EniLimits][] => [
    [`${family}.medium`, limits(3, 6)],
    [`${family}.large`, limits(3, 12)],
  ]),
  ...['t3', 't3a', 't4g'].flatMap((family): [string, EniLimits][] => [
    [`${family}.nano`, limits(2, 2)],
    [`${family}.micro`, limits(2, 2)],
    [`${family}.small`, limits(family === 't3a' ? 2 : 3, 4)],
    [`${family}.xlarge`, limits(4, 15)],
    [`${family}.2xlarge`, limits(4, 15)],
  ]),
]);

/** Limits of `m7g.xlarge`; undefined for a type that is not known here. */
export function eniLimitsOf(instanceType: string): EniLimits | undefined {
  const other = OTHERS.get(instanceType);
  if (other) return other;
  const dot = instanceType.indexOf('.');
  return dot > 0 && FAMILIES.has(instanceType.slice(0, dot)) ? BY_SIZE.get(instanceType.slice(dot + 1)) : undefined;
}

/** Addresses in a /28 prefix. */
export const PREFIX_SIZE = 16;
/** Cilium's router and its health endpoint have an address each. */
export const CILIUM_ADDRESSES = 2;

/** Pods that a node can give an address to with Cilium's ENI IPAM: the primary address of each interface is the node's own. */
export function eniPods(
  { interfaces, addresses }: EniLimits,
  { prefixes, firstInterface }: { readonly prefixes: boolean; readonly firstInterface: number },
): number {
  const slots = Math.max(0, interfaces - firstInterface) * (addresses - 1);
  return slots * (prefixes ? PREFIX_SIZE : 1) - CILIUM_ADDRESSES;
}
