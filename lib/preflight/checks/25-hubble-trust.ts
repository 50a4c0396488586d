// Threads: Azure/AKS #5522, #5846; rancher/rke2 #10807; cilium/hubble-ui #896; sholdee/home-ops #2849; cilium/cilium #15112, #46584, #23887; cilium/hubble #460, #1737.
import { counted } from '#lib/policy/lint/words.ts';
import type { InputName, PreflightCheck, PreflightFinding } from '../check.ts';
import type { PreflightInputs, RelayFacts } from '../inputs.ts';
import { ciliumDocs, threads } from '../links.ts';
import { fail, note, outcomeOf, unknown, unknownWithout } from '../outcome.ts';
import { policyView } from '../policy-view.ts';

/** Shortest time for which agents have to remember flows, so that a reconnection loses nothing. */
const SHORTEST_HORIZON_MS = 60_000;
/** Largest share of events that may be lost. */
const MOST_LOST = 0.01;
const MINUTE = 60_000;

export const hubbleTrust: PreflightCheck = {
  number: 25,
  id: 'hubble-trust',
  title: 'Evidence from Hubble can be trusted',
  severity: 'error',
  subsystem: 'Hubble',
  gates: [1, 2],
  acknowledge: [],
  why: 'All evidence about traffic comes from Hubble: certificates that expire, nodes that do not report, buffers that forget and events that are lost make it look better than it is. And with L7 policies on, flows carry credentials.',
  fix: 'hubble.tls.auto.method: cronJob or certmanager, a larger hubble.eventBufferCapacity, hubble.redact.enabled, and every node reporting to the relay.',
  links: [
    ...threads('Azure/AKS#5522', 'Azure/AKS#5846', 'rancher/rke2#10807', 'cilium/hubble-ui#896', 'sholdee/home-ops#2849'),
    ...threads('15112', '46584', 'cilium/hubble#460', 'cilium/hubble#1737', '23887'),
    ciliumDocs('Hubble TLS', 'observability/hubble/configuration/tls/'),
  ],
  needs: ['values', 'relay', 'flows', 'policies', 'cilium-status'],
  decide(inputs) {
    const { relay, settings } = inputs;
    if (settings.source === undefined) return unknownWithout('values', ...(relay ? [] : (['relay'] as const)));
    if (settings.flag('hubble.enabled') === false)
      return outcomeOf([fail(settings.nameOf('hubble.enabled'), 'Hubble is off: there is no evidence about traffic')]);
    const missing: InputName[] = [];
    const findings = [...certificates(inputs, missing), ...redaction(inputs, missing), ...buffers(inputs)];
    if (relay) findings.push(...coverage(relay), ...horizon(relay), ...lost(relay, inputs, missing));
    else missing.push('relay');
    return outcomeOf(findings, missing);
  },
};

function certificates({ settings }: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  if (settings.flag('hubble.tls.enabled') === false)
    return [
      fail(
        settings.nameOf('hubble.tls.enabled'),
        'relay and agents speak without TLS: who is in the network can read and forge flows',
      ),
    ];
  const method = settings.text('hubble.tls.auto.method');
  const automatic = settings.flag('hubble.tls.auto.enabled');
  if (method === undefined || automatic === undefined) {
    // Only the values say how certificates are made.
    missing.push('values');
    return [];
  }
  const name = settings.nameOf('hubble.tls.auto.method');
  if (!automatic) return [note(name, 'certificates are made elsewhere: watch their expiry there')];
  return method === 'helm'
    ? [fail(name, 'it is helm: certificates are renewed only when the chart is rendered again, and expire after a year unseen')]
    : [note(name, `certificates are renewed by ${method.slice(0, 40)}`)];
}

/** Headers and query strings arrive as they are once an L7 rule sends requests through the proxy. */
function redaction(inputs: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const { settings } = inputs;
  const name = settings.nameOf('hubble.redact.enabled');
  if (settings.flag('hubble.redact.enabled') === true) return [note(name, 'credentials are redacted by the agents')];
  const view = policyView(inputs);
  if (!view) {
    missing.push('policies');
    return [];
  }
  const http = view.lint.subjects.entries.some(({ ports }) => ports?.some(({ l7 }) => l7?.kind === 'http'));
  return http
    ? [fail(name, 'it is off, and policies have HTTP rules: Authorization and Cookie headers stand in flows as they are')]
    : [note(name, 'it is off; no policy has HTTP rules')];
}

function coverage({ connected, expected, missing }: RelayFacts): PreflightFinding[] {
  const text = `${connected} of ${counted(expected, 'node')} report`;
  if (expected === 0) return [unknown('relay', 'it has told no node yet')];
  return connected < expected
    ? [
        fail(
          'relay',
          `${text}${missing.length > 0 ? `: ${missing.slice(0, 10).join(', ')} ${missing.length === 1 ? 'does' : 'do'} not` : ''}`,
          'See the certificates and TCP 4244 between the relay and these nodes.',
        ),
      ]
    : [note('relay', text)];
}

function horizon({ horizonMs, heldFlows, mostFlows, rate }: RelayFacts): PreflightFinding[] {
  const ms = horizonMs ?? (mostFlows !== undefined && rate !== undefined && rate > 0 ? (mostFlows / rate) * 1000 : undefined);
  // A buffer that is full overwrites: it is no sign of health.
  const full = heldFlows !== undefined && mostFlows !== undefined && mostFlows > 0 && heldFlows >= mostFlows;
  if (ms === undefined) return [unknown('relay', 'for how long agents remember flows is not known yet')];
  const text = `agents remember ${ms < 2 * MINUTE ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / MINUTE)} min`} of flows${full ? ', and overwrite the oldest' : ''}`;
  return ms < SHORTEST_HORIZON_MS
    ? [fail('relay', text, 'Raise hubble.eventBufferCapacity: what a short break loses is lost for good.')]
    : [note('relay', text)];
}

/** By the messages in the stream: the metric hubble_lost_events_total can rise without a loss. */
function lost({ lost: ofRelay, rate }: RelayFacts, { flows }: PreflightInputs, missing: InputName[]): PreflightFinding[] {
  const events = ofRelay ?? flows?.lost;
  if (events === undefined) {
    missing.push('flows');
    return [];
  }
  if (events === 0) return [note('relay', 'no event was reported as lost in the last hour')];
  const seen = rate !== undefined ? rate * 3600 : flows && flows.flows / ((flows.to - flows.from) / 3_600_000);
  const text = `${counted(events, 'event')} lost in the last hour, by messages in the stream`;
  if (seen === undefined || !(seen > 0)) return [unknown('relay', `${text}; of how many is not known`)];
  const share = events / (events + seen);
  const percent = (share * 100).toLocaleString('en-US', { maximumFractionDigits: 2 });
  return share > MOST_LOST ? [fail('relay', `${text}: ${percent} %`)] : [note('relay', `${text}: ${percent} %`)];
}

/** What agents say of their own buffer. */
function buffers({ status }: PreflightInputs): PreflightFinding[] {
  return (status?.agents ?? []).flatMap(({ pod, hubble }) => {
    if (!hubble || hubble.state === '' || /^ok$/i.test(hubble.state)) return [];
    return [fail(`Agent ${pod}`, `its Hubble is ${hubble.state.slice(0, 60)}`, 'See the agent’s log.')];
  });
}
