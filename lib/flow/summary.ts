import { dnsRcodeName } from './dns.ts';
import type { DnsRecord, Flow, HttpRecord, KafkaRecord, L4, L7 } from './flow.ts';
import { requestPath } from './http-path.ts';
import { boundText, LIMITS } from './text.ts';

/**
 * One line about what a flow carried, e.g. `GET /v1/orders → 200 12 ms`, `DNS A api.example.com → NXDOMAIN`, `TCP SYN`.
 * Streams with a field mask lack Hubble's own `Summary`; this needs only the other fields. Plain text: show it through `visibleText`.
 */
export function summaryOf(flow: Pick<Flow, 'l7' | 'l4'>): string {
  return boundText(flow.l7 ? l7Summary(flow.l7) : flow.l4 ? l4Summary(flow.l4) : 'Ethernet', LIMITS.message);
}

function l7Summary(l7: L7): string {
  if (l7.http) return httpSummary(l7.http, l7);
  if (l7.dns) return dnsSummary(l7.dns, l7);
  if (l7.kafka) return kafkaSummary(l7.kafka, l7);
  return 'L7';
}

function httpSummary(http: HttpRecord, l7: L7): string {
  const request = `${http.method} ${requestPath(http.url) ?? http.url}`.trim();
  return l7.type === 'RESPONSE' || http.code > 0 ? `${request} → ${http.code}${latency(l7)}` : request;
}

function dnsSummary(dns: DnsRecord, l7: L7): string {
  const question = ['DNS', dns.qtypes.join('/'), dns.query.replace(/\.$/, '')].filter((word) => word !== '').join(' ');
  if (l7.type !== 'RESPONSE') return question;
  const answer = dns.rcode === 0 ? [...dns.cnames, ...dns.ips].slice(0, 3).join(', ') || 'no records' : dnsRcodeName(dns.rcode);
  return `${question} → ${answer}`;
}

function kafkaSummary(kafka: KafkaRecord, l7: L7): string {
  const request = ['Kafka', kafka.apiKey, kafka.topic].filter((word) => word !== '').join(' ');
  if (l7.type !== 'RESPONSE') return request;
  return `${request} → ${kafka.errorCode === 0 ? 'ok' : `error ${kafka.errorCode}`}${latency(l7)}`;
}

const latency = ({ latencyNs }: L7): string => (latencyNs > 0 ? ` ${milliseconds(latencyNs / 1e6)}` : '');

const milliseconds = (ms: number): string =>
  ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;

function l4Summary(l4: L4): string {
  if (l4.icmpType !== undefined) return `${l4.protocol} ${icmpName(l4.protocol === 'ICMPv6', l4.icmpType)}`;
  return l4.flags && l4.flags.length > 0 ? `${l4.protocol} ${l4.flags.join(', ')}` : l4.protocol;
}

/** IANA, ICMP and ICMPv6 type numbers: the ones a network person meets. */
const ICMP = new Map<number, string>([
  [0, 'echo reply'],
  [3, 'destination unreachable'],
  [4, 'source quench'],
  [5, 'redirect'],
  [8, 'echo request'],
  [11, 'time exceeded'],
  [12, 'parameter problem'],
  [13, 'timestamp'],
  [14, 'timestamp reply'],
]);
const ICMPV6 = new Map<number, string>([
  [1, 'destination unreachable'],
  [2, 'packet too big'],
  [3, 'time exceeded'],
  [4, 'parameter problem'],
  [128, 'echo request'],
  [129, 'echo reply'],
  [133, 'router solicitation'],
  [134, 'router advertisement'],
  [135, 'neighbor solicitation'],
  [136, 'neighbor advertisement'],
  [137, 'redirect'],
]);

const icmpName = (v6: boolean, type: number): string => (v6 ? ICMPV6 : ICMP).get(type) ?? `type ${type}`;
