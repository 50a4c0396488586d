import ipaddr from 'ipaddr.js';

/**
 * What texts in a policy may look like. All of it is linear in the length of the text, which somebody else wrote.
 * Sources: k8s.io/apimachinery/pkg/util/validation (label values, qualified names), Cilium's CRD and pkg/iana (port names), Go's net/netip.
 */

const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** A value of a label: at most 63 letters, digits, `-`, `_` and `.`, first and last a letter or digit; or empty. */
export const isLabelValue = (text: string): boolean => text === '' || (text.length <= 63 && LABEL_VALUE.test(text));

/** `prefix/name` or `name`, as Kubernetes writes keys of labels: the prefix a DNS name, the name like a label value. */
export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  return name !== '' && isLabelValue(name) && (slash < 0 || isDnsSubdomain(text.slice(0, slash)));
}

export const isDnsSubdomain = (text: string): boolean =>
  text.length > 0 && text.length <= 253 && text.split('.').every((label) => DNS_LABEL.test(label));

/** A port by name (IANA service name): at most 15 letters, digits and single dashes inside, at least one letter. */
export const isServiceName = (text: string): boolean =>
  text.length <= 15 && /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/.test(text) && /[A-Za-z]/.test(text);

/** Number of a port as the agent reads it: decimal, or octal with a leading 0. Undefined when it is none of 0 to 65535. */
export function portNumber(text: string): number | undefined {
  const octal = /^0[0-7]+$/.test(text);
  if (!octal && !/^(0|[1-9]\d{0,4})$/.test(text)) return undefined;
  const value = octal ? Number.parseInt(text, 8) : Number(text);
  return value <= 65_535 ? value : undefined;
}

/**
 * What the CRD's pattern for `port` lets through: it is anchored on one side only in each alternative, so all that begins with a digit passes and
 * so does all that ends in a name.
 */
export function passesPortPattern(text: string): boolean {
  if (/^\d/.test(text)) return true;
  for (let at = text.length - 1; at >= 0; at--) {
    const char = text[at] ?? '';
    if (/[A-Za-z]/.test(char)) return true;
    if (!/\d/.test(char) && !(char === '-' && at < text.length - 1 && text[at + 1] !== '-')) return false;
  }
  return false;
}

/** A name of `matchName` or `matchPattern` for the agent: letters, digits, `-`, `_`, `.` and, in a pattern, `*`. */
export const isNamePattern = (text: string, stars: boolean): boolean =>
  (stars ? /^[-A-Za-z0-9_.*]+$/ : /^[-A-Za-z0-9_.]+$/).test(text);

/** For the schema besides: no leading dot, no two dots in a row, at most 255 characters. */
export const isSchemaName = (text: string, stars: boolean): boolean =>
  text.length <= 255 && isNamePattern(text, stars) && !text.startsWith('.') && !text.includes('..');

export interface Prefix {
  readonly family: 4 | 6;
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** An address as Go's `netip` takes it: four decimal parts without leading zeros, or IPv6 without a zone. */
export function parseAddress(text: string): Prefix | undefined {
  if (text.length > 45) return undefined;
  if (/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) {
    const bytes = text.split('.').map(Number);
    return bytes.every((byte) => byte <= 255) ? { family: 4, bytes, bits: 32 } : undefined;
  }
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return { family: 6, bytes: ipaddr.IPv6.parse(text).toByteArray(), bits: 128 };
}

/** `address/bits`; undefined when it is malformed. Host bits may be set. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.lastIndexOf('/');
  const address = slash < 0 ? undefined : parseAddress(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  if (!address || !/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > address.bits) return undefined;
  return { ...address, bits: Number(bits) };
}

/** Whether all addresses of `inner` are in `outer`; of two families none are. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  if (outer.family !== inner.family || outer.bits > inner.bits) return false;
  return outer.bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, outer.bits - index * 8));
    const mask = (0xff00 >> bits) & 0xff;
    return ((byte ^ (inner.bytes[index] ?? 0)) & mask) === 0;
  });
}

/** Whether bits behind the length of a prefix are set. */
export const hasHostBits = ({ bytes, bits }: Prefix): boolean =>
  bytes.some((byte, index) => (byte & (0xff >> Math.min(8, Math.max(0, bits - index * 8)))) !== 0);
