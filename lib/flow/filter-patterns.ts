import ipaddr from 'ipaddr.js';
import { RE2JS } from 're2js';
import { bad, good, type Result } from './result.ts';

/**
 * The kinds of value that filters take, each read once into a test. What is accepted and what matches is what Hubble's own filters do
 * (cilium pkg/hubble/filters, 1.19); regular expressions are RE2, so no pattern can hang the process.
 */
export type TextTest = (text: string) => boolean;

/** `[namespace/]prefix[*]`. An empty namespace is any; Hubble would read a bare name as one of the namespace `default`. */
export interface NamePrefix {
  readonly namespace: string;
  readonly prefix: string;
}

/** Pods and services: `ledger`, `payments/ledger*`, `payments/`. */
export function namePrefix(value: string): Result<NamePrefix> {
  const parts = value.replace(/\*$/, '').split('/');
  if (value === '' || parts.length > 2) return bad('Write the start of a name, or namespace/start.');
  const [first = '', second] = parts;
  const { namespace, prefix } = second === undefined ? { namespace: '', prefix: first } : { namespace: first, prefix: second };
  if (`${namespace}${prefix}`.includes('*')) return bad('A * can stand at the end only: names match by their start.');
  return good({ namespace, prefix });
}

/** `[namespace/]name`, whole. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

export function workloadName(value: string): Result<NamespacedName> {
  const parts = value.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2 || name === '') return bad('Write the name of a workload, or namespace/name.');
  if (value.includes('*')) return bad('A workload is matched by its whole name; pods match by their start (pod:name*).');
  return good({ namespace: parts.length === 2 ? (parts[0] ?? '') : '', name });
}

/** A whole name: a namespace, a cluster. */
export function wholeName(value: string): Result<string> {
  if (value === '') return bad('The name is empty.');
  if (value.includes('/') || value.includes('*')) return bad('It is matched by its whole name: neither * nor / can be in it.');
  return good(value);
}

/** An address, or a range of addresses, in canonical form. */
export function addressOrRange(value: string): Result<string> {
  const [address = '', bits, ...more] = value.split('/');
  const parsed = parseAddress(address);
  if (!parsed || more.length > 0) return bad(`“${value}” is no IP address and no range such as 10.0.0.0/8.`);
  if (bits === undefined) return good(parsed.toString());
  const most = parsed.kind() === 'ipv4' ? 32 : 128;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most)
    return bad(`A range of ${parsed.kind() === 'ipv4' ? 'IPv4' : 'IPv6'} addresses ends in /0 to /${most}.`);
  return good(`${parsed.toString()}/${Number(bits)}`);
}

/** Four decimal parts or IPv6 without a zone; not the shorthands of inet_aton. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const v4 = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text) && ipaddr.IPv4.isValid(text);
  if (v4) return ipaddr.IPv4.parse(text);
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

/** Whether an address is one of `values` or lies in a range of them. Addresses compare as Hubble writes them. */
export function addressTest(values: readonly string[]): TextTest {
  const addresses = new Set(values.filter((value) => !value.includes('/')));
  const ranges = values.filter((value) => value.includes('/')).map((value) => ipaddr.parseCIDR(value));
  if (ranges.length === 0) return (text) => addresses.has(text);
  const inRange = remembered((text) => {
    const address = parseAddress(text);
    return (
      address !== undefined && ranges.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits))
    );
  });
  return (text) => text !== '' && (addresses.has(text) || inRange(text));
}

/** An RE2 pattern that is searched for (not anchored). */
export function pattern(value: string): Result<TextTest> {
  if (value === '') return bad('The pattern is empty.');
  if (value.length > 1024) return bad('The pattern is longer than 1,024 characters.');
  try {
    const compiled = RE2JS.compile(value);
    return good(remembered((text) => compiled.test(text)));
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : '';
    const hint = value.startsWith('*') ? ` For “ends in” write ${RE2JS.quote(value.slice(1))}$.` : '';
    return bad(`This is no regular expression (RE2): ${why}.${hint}`);
  }
}

const DOMAIN_NAME = '(?:[-0-9_a-z]+(?:\\.[-0-9_a-z]+)*)';

/** A DNS name with `*` for any part of it (dots too), as a regular expression. */
function domainPattern(value: string): Result<string> {
  const name = value.trim().replace(/\.$/, '').toLowerCase();
  if (name === '' || name.endsWith('.')) return bad('Write a DNS name; * stands for any part of it.');
  const odd = /[^-_.*0-9a-z]/u.exec(name)?.[0];
  if (odd !== undefined) return bad(`“${odd}” cannot be in a DNS name.`);
  return good(name.replaceAll('.', '\\.').replaceAll('*', '[-.0-9a-z]*'));
}

/** Learned DNS names: `api.example.com`, `*.example.com`. */
export function domainTest(value: string): Result<TextTest> {
  const body = domainPattern(value);
  return body.ok ? anchored(body.value) : body;
}

/** Nodes: `ip-10-*`, `cluster/node`, `cluster/`. */
export function nodeTest(value: string): Result<TextTest> {
  const parts = value.split('/');
  if (value === '' || parts.length > 2) return bad('Write the name of a node, or cluster/node; * stands for any part.');
  const [cluster = '', node = ''] = parts.length === 2 ? parts : ['', value];
  const clusterBody = cluster === '' ? good(DOMAIN_NAME) : domainPattern(cluster);
  const nodeBody = node === '' ? good(DOMAIN_NAME) : domainPattern(node);
  if (!clusterBody.ok) return clusterBody;
  return nodeBody.ok ? anchored(`${clusterBody.value}/${nodeBody.value}`) : nodeBody;
}

function anchored(body: string): Result<TextTest> {
  const compiled = RE2JS.compile(`\\A(?:${body})\\z`);
  return good(remembered((text) => compiled.test(text)));
}

/** `404`, or a class: `5+`, `50+`; `5xx` and `50x` are read as classes. */
export function httpStatus(value: string): Result<string> {
  const status = value.replace(/x{1,2}$/i, (unknown) => (value.length === 3 && unknown.length > 0 ? '+' : unknown));
  return /^[1-5](?:\d{2}|\d?\+)$/.test(status) ? good(status) : bad('Write a status such as 404, or a class: 5+ or 5xx.');
}

export const statusTest = (value: string): TextTest => {
  const prefix = value.endsWith('+') ? value.slice(0, -1) : undefined;
  return (code) => (prefix === undefined ? code === value : code.startsWith(prefix));
};

/** `test` with its answers for the last few thousand texts: names and paths repeat. */
function remembered(test: TextTest): TextTest {
  let answers = new Map<string, boolean>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    if (answers.size >= 2048) answers = new Map();
    const answer = test(text);
    answers.set(text, answer);
    return answer;
  };
}
