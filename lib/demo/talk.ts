import { dropReasonNumber } from '#lib/flow/drop-reasons.ts';
import { EVENT_TYPE, type Flow, type HttpRecord, type L4, type L7, type Verdict } from '#lib/flow/flow.ts';
import type { Cast, Side } from './cast.ts';
import type { Exchange } from './exchanges.ts';
import { CNAMES, LOOKED_UP } from './outsiders.ts';
import type { Random } from './random.ts';
import { derivedAllow, policyRefs } from './policy-refs.ts';
import type { DemoNode, World } from './world.ts';

type Draft = { -readonly [Field in keyof Flow]: Flow[Field] };
type Direction = 'INGRESS' | 'EGRESS';
type Flags = readonly string[];

const SYN: Flags = ['SYN'];
const SYN_ACK: Flags = ['SYN', 'ACK'];
const PUSH: Flags = ['PSH', 'ACK'];
const FIN: Flags = ['FIN', 'ACK'];
const NONE: readonly never[] = Object.freeze([]);

/** `CiliumEventType.sub_type` of trace events (pkg/monitor/api, TraceTo...). */
const TRACE_SUB_TYPE: ReadonlyMap<string, number> = new Map([
  ['TO_PROXY', 1],
  ['TO_HOST', 2],
  ['TO_STACK', 3],
  ['TO_OVERLAY', 4],
  ['TO_ENDPOINT', 0],
  ['TO_NETWORK', 11],
  ['TO_CRYPTO', 13],
]);
export interface Stage {
  readonly world: World;
  readonly cast: Cast;
  readonly random: Random;
  nextPort(): number;
  nextUuid(): string;
}

/** The flows of one exchange that begins at `start` (Unix milliseconds), in order of time. */
export function playExchange(stage: Stage, exchange: Exchange, start: number): Flow[] {
  return new Talk(stage, exchange, start).play();
}

/**
 * One exchange in the making. Each event is filled in the way Cilium's parser does it: `isReply` only where it is known, the encrypt bit only on
 * the outer packet at the network device, policy names only on policy verdicts, denying names only where a deny rule matched.
 */
class Talk {
  private readonly flows: Flow[] = [];
  private readonly source: Side;
  private readonly destination: Side;
  private sourcePort: number;
  private port: number;
  private time: number;

  constructor(
    private readonly stage: Stage,
    private readonly exchange: Exchange,
    start: number,
  ) {
    const { source, destination } = stage.cast.choose(exchange);
    this.source = source;
    this.destination = destination;
    this.sourcePort = stage.nextPort();
    this.port = exchange.port;
    this.time = start;
  }

  play(): Flow[] {
    const { outcome, egressBy, ingressBy } = this.exchange;
    const start = this.time;
    switch (outcome) {
      case 'deny-egress':
        this.drop('EGRESS', denialOf(egressBy), egressBy);
        break;
      case 'deny-ingress':
        this.reach();
        this.drop('INGRESS', denialOf(ingressBy), ingressBy);
        break;
      case 'auth-required':
        this.reach();
        this.drop('INGRESS', 'AUTH_REQUIRED', ingressBy);
        break;
      case 'audit':
        this.reach();
        this.verdict('INGRESS', 'AUDIT', NONE);
        this.trace('TO_ENDPOINT', false, 'INGRESS', this.opening());
        break;
      case 'drop':
        this.drop(this.source.isPod ? 'EGRESS' : 'INGRESS', this.exchange.reason, NONE);
        break;
      case 'scan':
        this.scan(start);
        break;
      case 'random-names':
        this.randomNames(start);
        break;
      case 'socket':
        this.socket();
        break;
      case 'ok':
      case 'l7-deny':
      case 'l7-error':
      case 'plaintext':
        this.pass();
        break;
    }
    return this.flows;
  }

  /** Past the source's own policy and out of its node. */
  private reach(): void {
    if (!this.source.isPod) return;
    this.verdict('EGRESS', 'FORWARDED', this.exchange.egressBy);
    this.leave();
  }

  /** An exchange that both policies let through, perhaps by way of a proxy. HTTP and Kafka are proxied at the receiver, DNS at the sender. */
  private pass(): void {
    const { l7, egressBy, ingressBy } = this.exchange;
    if (this.source.isPod && l7 === 'dns') {
      this.verdict('EGRESS', 'REDIRECTED', egressBy);
      this.trace('TO_PROXY', false, 'EGRESS', this.opening());
    } else {
      this.reach();
    }
    let direction: Direction = 'EGRESS';
    if (!this.destination.isPod && !this.source.isPod) {
      direction = 'INGRESS';
      this.trace('TO_ENDPOINT', false, direction, this.opening());
    } else if (this.destination.isPod) {
      direction = 'INGRESS';
      const proxied = l7 !== '' && l7 !== 'dns';
      this.verdict(direction, proxied ? 'REDIRECTED' : 'FORWARDED', ingressBy);
      this.trace(proxied ? 'TO_PROXY' : 'TO_ENDPOINT', false, direction, this.opening());
    }
    // What comes back, and goes on, is seen at the end that this cluster has.
    const [back, on] = direction === 'EGRESS' ? (['TO_ENDPOINT', 'TO_STACK'] as const) : (['TO_STACK', 'TO_ENDPOINT'] as const);
    if (this.isTcp()) {
      this.trace(back, true, direction, SYN_ACK);
      this.trace(on, false, direction, PUSH);
    }
    this.speak();
    if (this.isTcp()) {
      this.trace(back, true, direction, PUSH);
      this.trace(on, false, direction, FIN);
    } else if (l7 === '') {
      this.trace(back, true, direction, undefined);
    }
  }

  private speak(): void {
    const { l7, outcome, names } = this.exchange;
    if (outcome === 'l7-deny') this.http(403, 'DROPPED');
    else if (outcome === 'l7-error') this.http(503, 'ERROR');
    else if (l7 === 'http' || l7 === 'http2') this.http(this.httpCode(), 'FORWARDED');
    else if (l7 === 'kafka') this.kafka();
    else if (l7 === 'dns') this.dns(this.stage.random.pick(names.length > 0 ? names : LOOKED_UP));
  }

  private scan(start: number): void {
    const { random } = this.stage;
    for (let i = 0; i < this.exchange.burst; i++) {
      this.sourcePort = this.stage.nextPort();
      this.port = 1 + random.below(9000);
      this.time = start + i * 23;
      this.verdict('EGRESS', 'FORWARDED', this.exchange.egressBy);
      this.drop('INGRESS', 'POLICY_DENIED', NONE);
    }
  }

  private randomNames(start: number): void {
    for (let i = 0; i < this.exchange.burst; i++) {
      this.sourcePort = this.stage.nextPort();
      this.time = start + i * 97;
      this.verdict('EGRESS', 'REDIRECTED', this.exchange.egressBy);
      this.dns(`${this.stage.random.hex(28)}.${this.exchange.names[0] ?? 'example.'}`);
    }
  }

  /** Socket load balancing: the service's address before, the pod's after. */
  private socket(): void {
    for (const [verdict, ip, subType] of [
      ['TRACED', this.destination.clusterIp, 1],
      ['TRANSLATED', this.destination.ip, 2],
    ] as const) {
      const draft = this.draft(false, 'EGRESS', 'SOCK');
      draft.verdict = verdict;
      draft.ip = draft.ip && { ...draft.ip, destination: ip };
      draft.isReply = undefined;
      draft.eventType = { type: EVENT_TYPE.socket, subType };
      draft.summary = 'TCP';
      this.push(draft);
    }
  }

  /** The first packet's way out of the source's node: same node, encrypted, or (once) in clear. */
  private leave(): void {
    const flags = this.opening();
    if (!this.crossesNodes()) {
      this.trace('TO_STACK', false, 'EGRESS', flags);
      return;
    }
    this.trace('TO_OVERLAY', false, 'EGRESS', flags);
    if (this.exchange.outcome === 'plaintext') {
      this.trace('TO_NETWORK', false, 'EGRESS', flags);
      return;
    }
    this.trace('TO_CRYPTO', false, 'EGRESS', flags);
    if (this.stage.random.chance(0.25)) this.outerPacket();
  }

  /** The encrypted packet between the nodes, the only one that carries the encrypt bit. */
  private outerPacket(): void {
    const draft = this.traced('TO_NETWORK', false, 'EGRESS', undefined);
    draft.source = this.stage.cast.outsider('host');
    draft.destination = this.stage.cast.outsider('remote-node');
    draft.sourceNames = NONE;
    draft.destinationNames = NONE;
    draft.destinationService = undefined;
    draft.summary = 'UDP';
    draft.ip = {
      source: this.source.node?.ip ?? '',
      destination: this.destination.node?.ip ?? '',
      sourceXlated: '',
      version: 4,
      encrypted: true,
    };
    draft.l4 = { protocol: 'UDP', sourcePort: 51_871, destinationPort: 51_871 };
    this.push(draft);
  }

  private trace(point: string, reply: boolean, direction: Direction, flags: Flags | undefined): void {
    this.push(this.traced(point, reply, direction, flags));
  }

  private traced(point: string, reply: boolean, direction: Direction, flags: Flags | undefined): Draft {
    const draft = this.draft(reply, direction, 'L3_L4');
    draft.traceObservationPoint = point;
    draft.traceReason = reply ? 'REPLY' : flags === SYN || !this.isTcp() ? 'NEW' : 'ESTABLISHED';
    draft.eventType = { type: EVENT_TYPE.trace, subType: TRACE_SUB_TYPE.get(point) ?? 0 };
    if (point === 'TO_PROXY') draft.proxyPort = 17_000 + (this.port % 997);
    if (point === 'TO_CRYPTO' || point === 'TO_NETWORK') {
      draft.traceReason = undefined;
      draft.isReply = undefined;
    }
    return withFlags(draft, flags);
  }

  /** A policy verdict. An allowing one without names was not enforced, or allowed by default. */
  private verdict(direction: Direction, verdict: Verdict, by: readonly string[], reason?: string): void {
    const draft = this.draft(false, direction, 'L3_L4');
    draft.verdict = verdict;
    draft.eventType = { type: EVENT_TYPE.policyVerdict, subType: 0 };
    if (direction === 'INGRESS' && this.exchange.authenticated) draft.authType = 'SPIRE';
    if (by.length > 0) draft.policyMatchType = 2;
    const revision = this.stage.world.revisionAt(this.seenAt(direction));
    if (verdict === 'DROPPED') {
      draft.dropReason = reason;
      draft.isReply = undefined;
      if (reason === 'POLICY_DENY') {
        draft.policyMatchType = 1;
        draft[direction === 'INGRESS' ? 'ingressDeniedBy' : 'egressDeniedBy'] = policyRefs(by, revision);
      }
    } else if (verdict !== 'AUDIT') {
      if (by.length === 0) draft.policyMatchType = 4;
      draft[direction === 'INGRESS' ? 'ingressAllowedBy' : 'egressAllowedBy'] =
        by.length > 0 ? policyRefs(by, revision) : derivedAllow(direction, revision);
    }
    this.push(withFlags(draft, this.opening()));
  }

  /** A drop event, and before it, where policy is the reason, the policy verdict. */
  private drop(direction: Direction, reason: string, by: readonly string[]): void {
    if (reason === 'POLICY_DENIED' || reason === 'POLICY_DENY' || reason === 'AUTH_REQUIRED') {
      this.verdict(direction, 'DROPPED', by, reason);
    }
    const draft = this.draft(false, direction, 'L3_L4');
    draft.verdict = 'DROPPED';
    draft.dropReason = reason;
    draft.isReply = undefined;
    draft.eventType = { type: EVENT_TYPE.drop, subType: dropReasonNumber(reason) ?? 0 };
    this.push(withFlags(draft, this.opening()));
  }

  private http(code: number, verdict: Verdict): void {
    const { random } = this.stage;
    const { requests, l7, header, latencyMs } = this.exchange;
    const [method = 'GET', ...rest] = random.pick(requests).split(' ');
    const protocol = l7 === 'http2' ? 'HTTP/2' : 'HTTP/1.1';
    const { name, namespace } = this.destination.service ?? { name: 'unknown', namespace: 'default' };
    const url = `http://${name}.${namespace}.svc.cluster.local:${this.port}${rest.join(' ')}`;
    const requestId = `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-a${random.hex(3)}-${random.hex(12)}`;
    const id = { key: 'X-Request-Id', value: requestId };
    const colon = header.indexOf(': ');
    const headers: HttpRecord['headers'] = [
      { key: ':scheme', value: 'http' },
      { key: 'User-Agent', value: `${this.source.service?.name ?? 'unknown'}/2.3` },
      id,
      ...(colon > 0 ? [{ key: header.slice(0, colon), value: header.slice(colon + 2) }] : []),
    ];
    const traceId = random.hex(32);
    const request: HttpRecord = { code: 0, method, url, protocol, headers };
    this.layer7('INGRESS', verdict, { type: 'REQUEST', latencyNs: 0, http: request }, `${protocol} ${method} ${url}`, traceId);
    const ms = 0.4 + random.exponential(latencyMs) + (random.chance(0.01) ? latencyMs * 12 : 0) + (code >= 500 ? 900 : 0);
    this.time += ms;
    const summary = `${protocol} ${code} ${Math.floor(ms)}ms (${method} ${url})`;
    const response: HttpRecord = { code, method, url, protocol, headers: [id] };
    this.layer7('INGRESS', 'FORWARDED', { type: 'RESPONSE', latencyNs: nanoseconds(ms), http: response }, summary, traceId);
  }

  private httpCode(): number {
    const { random } = this.stage;
    if (random.chance(0.955)) return random.pick([200, 200, 200, 200, 200, 201, 204]);
    return random.pick([301, 304, 304, 400, 401, 404, 404, 409, 429, 500, 503]);
  }

  private kafka(): void {
    const { random } = this.stage;
    const [apiKey = '', topic = ''] = random.pick(this.exchange.requests).split(' ');
    const kafka = { errorCode: 0, apiVersion: 9, apiKey, correlationId: random.below(100_000), topic };
    for (const type of ['REQUEST', 'RESPONSE'] as const) {
      const ms = type === 'RESPONSE' ? 0.2 + random.exponential(this.exchange.latencyMs) : 0;
      this.time += ms;
      const summary = `Kafka ${type.toLowerCase()} ${apiKey} correlation id ${kafka.correlationId} topic '${topic}'`;
      this.layer7('INGRESS', 'FORWARDED', { type, latencyNs: nanoseconds(ms), kafka }, summary);
    }
  }

  private dns(query: string): void {
    const { random, cast } = this.stage;
    const qtype = random.chance(0.25) ? 'AAAA' : 'A';
    const ip = cast.resolve(query);
    const question = { query, ips: [], cnames: [], rcode: 0, qtypes: [qtype], rrtypes: [], ttl: 0, observationSource: 'proxy' };
    this.layer7('EGRESS', 'FORWARDED', { type: 'REQUEST', latencyNs: 0, dns: question }, `DNS Query ${query} ${qtype}`);
    const ms = 0.08 + random.exponential(this.exchange.latencyMs) + (random.chance(0.01) ? 40 : 0);
    this.time += ms;
    const latencyNs = nanoseconds(ms);
    const from = `(Proxy ${query} ${qtype})`;
    if (ip === undefined) {
      const rcode = random.chance(0.03) ? 2 : 3;
      const text = rcode === 2 ? 'Server Failure' : 'Non-Existent Domain';
      const summary = `DNS Answer RCode: ${text} TTL: 4294967295 ${from}`;
      this.layer7('EGRESS', 'FORWARDED', { type: 'RESPONSE', latencyNs, dns: { ...question, rcode } }, summary);
    } else if (qtype === 'AAAA') {
      // The name exists, but has no such address.
      this.layer7('EGRESS', 'FORWARDED', { type: 'RESPONSE', latencyNs, dns: question }, `DNS Answer TTL: 4294967295 ${from}`);
    } else {
      const cname = CNAMES.get(query);
      const dns = { ...question, ips: [ip], cnames: cname ? [cname] : [], rrtypes: cname ? ['CNAME', 'A'] : ['A'], ttl: 30 };
      this.layer7('EGRESS', 'FORWARDED', { type: 'RESPONSE', latencyNs, dns }, `DNS Answer "${ip}" TTL: 30 ${from}`);
    }
  }

  private layer7(direction: Direction, verdict: Verdict, l7: L7, summary: string, traceId = ''): void {
    const draft = this.draft(l7.type === 'RESPONSE', direction, 'L7');
    draft.verdict = verdict;
    draft.l7 = l7;
    draft.summary = summary;
    draft.traceId = traceId;
    draft.eventType = { type: EVENT_TYPE.l7, subType: 0 };
    this.push(draft);
  }

  private draft(reply: boolean, direction: Direction, type: Flow['type']): Draft {
    const [source, destination] = reply ? [this.destination, this.source] : [this.source, this.destination];
    const noIp = this.exchange.protocol === 'none';
    const v6 = this.exchange.protocol === 'tcp6' || this.exchange.protocol === 'icmp6';
    const [l4, summary] = this.layer4(reply);
    return {
      time: 0,
      uuid: '',
      verdict: 'FORWARDED',
      dropReason: undefined,
      authType: undefined,
      ip: noIp
        ? undefined
        : {
            source: v6 ? source.ip6 : source.ip,
            destination: v6 ? destination.ip6 : destination.ip,
            sourceXlated: '',
            version: v6 ? 6 : 4,
            encrypted: false,
          },
      l4,
      source: source.endpoint,
      destination: destination.endpoint,
      type,
      nodeName: '',
      sourceNames: source.names,
      destinationNames: destination.names,
      l7: undefined,
      isReply: reply,
      eventType: { type: 0, subType: 0 },
      sourceService: reply && !noIp ? this.destination.service : undefined,
      destinationService: reply || noIp ? undefined : this.destination.service,
      trafficDirection: direction,
      policyMatchType: 0,
      traceObservationPoint: undefined,
      traceReason: undefined,
      proxyPort: 0,
      traceId: '',
      egressAllowedBy: NONE,
      ingressAllowedBy: NONE,
      egressDeniedBy: NONE,
      ingressDeniedBy: NONE,
      summary,
    };
  }

  private layer4(reply: boolean): readonly [L4 | undefined, string] {
    const [sourcePort, destinationPort] = reply ? [this.port, this.sourcePort] : [this.sourcePort, this.port];
    switch (this.exchange.protocol) {
      case 'tcp':
      case 'tcp6':
        return [{ protocol: 'TCP', sourcePort, destinationPort }, 'TCP'];
      case 'udp':
        return [{ protocol: 'UDP', sourcePort, destinationPort }, 'UDP'];
      case 'sctp':
        return [{ protocol: 'SCTP', sourcePort, destinationPort }, 'SCTP'];
      case 'icmp4':
        return [
          { protocol: 'ICMPv4', sourcePort: 0, destinationPort: 0, icmpType: reply ? 0 : 8, icmpCode: 0 },
          reply ? 'ICMPv4 EchoReply' : 'ICMPv4 EchoRequest',
        ];
      case 'icmp6':
        return [
          { protocol: 'ICMPv6', sourcePort: 0, destinationPort: 0, icmpType: 135, icmpCode: 0 },
          'ICMPv6 NeighborSolicitation',
        ];
      case 'none':
        return [undefined, 'Ethernet'];
    }
  }

  private push(draft: Draft): void {
    this.time += 0.05 + this.stage.random.next() * 0.9;
    draft.time = Math.floor(this.time * 1000) / 1000;
    draft.uuid = this.stage.nextUuid();
    draft.nodeName = this.seenAt(draft.trafficDirection === 'EGRESS' ? 'EGRESS' : 'INGRESS').name;
    this.flows.push(draft);
  }

  private seenAt(direction: Direction): DemoNode {
    const { source, destination } = this;
    const node = !destination.node || (direction === 'EGRESS' && source.node) ? source.node : destination.node;
    return node ?? (this.stage.world.nodes[0] as DemoNode);
  }

  private isTcp(): boolean {
    return this.exchange.protocol === 'tcp' || this.exchange.protocol === 'tcp6';
  }

  private opening(): Flags | undefined {
    return this.isTcp() ? SYN : undefined;
  }

  private crossesNodes(): boolean {
    return this.source.isPod && this.destination.isPod && this.source.node !== this.destination.node;
  }
}

const denialOf = (by: readonly string[]): string => (by.length > 0 ? 'POLICY_DENY' : 'POLICY_DENIED');
const nanoseconds = (ms: number): number => Math.round(ms * 1e6);

function withFlags(draft: Draft, flags: Flags | undefined): Draft {
  if (flags && draft.l4?.protocol === 'TCP') {
    draft.l4 = { ...draft.l4, flags };
    draft.summary = `TCP Flags: ${flags.join(', ')}`;
  }
  return draft;
}
