import { SCHEMA_ICMP_NAMES } from './icmp-types.ts';
import { choice, list, object, type ObjectShape, type Shape, text } from './shape.ts';
import { isDnsSubdomain, isSchemaName, parsePrefix, passesPortPattern } from './words.ts';

/**
 * CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy as the API server knows them. Source: Cilium 1.19, the CRDs `ciliumnetworkpolicies` and
 * `ciliumclusterwidenetworkpolicies` (cilium.io/v2).
 */

export const ENTITY_NAMES = [
  'all',
  'world',
  'cluster',
  'host',
  'init',
  'ingress',
  'unmanaged',
  'remote-node',
  'health',
  'none',
  'kube-apiserver',
] as const;
export const PROTOCOL_NAMES = ['TCP', 'UDP', 'SCTP', 'VRRP', 'IGMP', 'ANY'] as const;
export const AUTH_MODES = ['disabled', 'required', 'test-always-fail'] as const;
export const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
export const HEADER_MISMATCHES = ['LOG', 'ADD', 'DELETE', 'REPLACE'] as const;
export const SECTIONS = ['ingress', 'ingressDeny', 'egress', 'egressDeny'] as const;

const selector: ObjectShape = object(
  {
    matchLabels: { kind: 'labels', class: 'bad-selector' },
    matchExpressions: list(
      object(
        {
          key: text({ class: 'bad-selector' }),
          operator: choice(OPERATORS, 'bad-selector'),
          values: list(text(), { class: 'bad-selector' }),
        },
        { required: ['key', 'operator'], class: 'bad-selector' },
      ),
      { class: 'bad-selector' },
    ),
  },
  { class: 'bad-selector', nullClass: 'null-selector' },
);
const selectors = list(selector);

const cidr = text({
  is: (value) => parsePrefix(value) !== undefined,
  says: 'an address with its prefix length, e.g. 10.0.0.0/8',
  class: 'bad-cidr',
});
const cidrSet = list(
  object(
    {
      cidr,
      cidrGroupRef: text({ is: isDnsSubdomain, says: 'the name of a CiliumCIDRGroup', class: 'bad-cidr' }),
      cidrGroupSelector: selector,
      except: list(text({ ...cidr, class: 'bad-except' })),
    },
    { oneOf: ['cidr', 'cidrGroupRef', 'cidrGroupSelector'], class: 'cidr-one-of' },
  ),
);

const groups = list(
  object({
    aws: object({
      labels: { kind: 'texts' },
      region: text(),
      securityGroupsIds: list(text()),
      securityGroupsNames: list(text()),
    }),
  }),
);

const name = (stars: boolean, problem: string) =>
  text({
    is: (value) => isSchemaName(value, stars),
    says: `a DNS name of letters, digits, "-", "_"${stars ? ', "*"' : ''} and single dots, at most 255 characters`,
    class: problem,
  });
const namePattern = object(
  { matchName: name(false, 'bad-fqdn'), matchPattern: name(true, 'bad-fqdn') },
  { oneOf: ['matchName', 'matchPattern'], class: 'bad-fqdn' },
);

const secret = object({ name: text(), namespace: text() }, { required: ['name'] });
const http = object({
  method: text({ class: 'bad-regex' }),
  path: text({ class: 'bad-regex' }),
  host: text(),
  headers: list(text()),
  headerMatches: list(
    object(
      {
        name: text({ is: (value) => value !== '', says: 'the name of a header', class: 'bad-header' }),
        value: text(),
        secret: { ...secret, class: 'bad-header' },
        mismatch: choice(HEADER_MISMATCHES, 'bad-header'),
      },
      { required: ['name'], class: 'bad-header' },
    ),
  ),
});
const kafka = object({
  role: choice(['produce', 'consume'], 'bad-kafka'),
  apiKey: text(),
  apiVersion: text(),
  clientID: text(),
  topic: text({ is: (value) => value.length <= 255, says: 'at most 255 characters', class: 'bad-kafka' }),
});

const ports = list(
  object({
    port: text({ is: passesPortPattern, says: 'a port number or the name of a port', class: 'bad-port' }),
    endPort: { kind: 'integer', min: 0, max: 65_535, class: 'bad-end-port' },
    protocol: choice(PROTOCOL_NAMES, 'bad-protocol'),
  }),
  { max: 40, class: 'too-many-ports' },
);
const tls = object({ secret, trustedCA: text(), certificate: text(), privateKey: text() }, { required: ['secret'] });
const allowPorts = object({
  ports,
  rules: object(
    { http: list(http), kafka: list(kafka), dns: list(namePattern), l7proto: text(), l7: list({ kind: 'texts' }) },
    {
      oneOf: ['http', 'kafka', 'dns', 'l7proto'],
      oneOfClass: (present) => (present.includes('l7') && !present.includes('l7proto') ? 'l7-without-proto' : 'l7-mixed'),
    },
  ),
  terminatingTLS: tls,
  originatingTLS: tls,
  serverNames: list(name(true, 'sni-empty'), { min: 1, class: 'sni-empty' }),
  listener: object(
    {
      envoyConfig: object(
        {
          kind: text({ oneOf: ['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig'] }),
          name: text({ is: (value) => value !== '', says: 'a name' }),
        },
        { required: ['name'] },
      ),
      name: text({ is: (value) => value !== '', says: 'a name' }),
      priority: { kind: 'integer', min: 1, max: 100 },
    },
    { required: ['envoyConfig', 'name'] },
  ),
});
const denyPorts = object({ ports });

const icmps = list(
  object({
    fields: list(
      object(
        {
          family: choice(['IPv4', 'IPv6'], 'icmp-bad-family'),
          type: {
            kind: 'text-or-integer',
            is: (value) => /^(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/.test(value) || SCHEMA_ICMP_NAMES.has(value),
            says: 'a number from 0 to 255 or the name of an ICMP type',
            class: 'icmp-bad-type',
          },
        },
        { required: ['type'], class: 'icmp-bad-type' },
      ),
      { max: 40, class: 'too-many-ports' },
    ),
  }),
);

const authentication = object({ mode: choice(AUTH_MODES, 'bad-auth') }, { required: ['mode'], class: 'bad-auth' });
const entities = list(choice(ENTITY_NAMES, 'unknown-entity'));
const requires = list(text({ class: 'requires-removed' }), { max: 0, class: 'requires-removed' });

const fromPeers: Readonly<Record<string, Shape>> = {
  fromEndpoints: selectors,
  fromEntities: entities,
  fromCIDR: list(cidr),
  fromCIDRSet: cidrSet,
  fromNodes: selectors,
  fromGroups: groups,
  fromRequires: requires,
};
const toPeers: Readonly<Record<string, Shape>> = {
  toEndpoints: selectors,
  toEntities: entities,
  toCIDR: list(cidr),
  toCIDRSet: cidrSet,
  toNodes: selectors,
  toGroups: groups,
  toRequires: requires,
  toServices: list(
    object({
      k8sService: object({ serviceName: text(), namespace: text() }),
      k8sServiceSelector: object({ selector, namespace: text() }, { required: ['selector'] }),
    }),
  ),
};

const rule = object(
  {
    description: text(),
    labels: list(object({ key: text(), source: text(), value: text(), cidr: { kind: 'any' } }, { required: ['key'] })),
    enableDefaultDeny: object({ ingress: { kind: 'boolean' }, egress: { kind: 'boolean' } }),
    log: object({ value: text({ is: (value) => /^[\x20-\x7e]{0,32}$/.test(value), says: 'at most 32 printable characters' }) }),
    endpointSelector: selector,
    nodeSelector: selector,
    ingress: list(object({ ...fromPeers, toPorts: list(allowPorts), icmps, authentication })),
    ingressDeny: list(object({ ...fromPeers, toPorts: list(denyPorts), icmps })),
    egress: list(object({ ...toPeers, toFQDNs: list(namePattern), toPorts: list(allowPorts), icmps, authentication })),
    egressDeny: list(object({ ...toPeers, toPorts: list(denyPorts), icmps })),
  },
  {
    oneOf: ['endpointSelector', 'nodeSelector'],
    oneOfClass: (present) => (present.includes('endpointSelector') ? 'two-subjects' : 'no-subject'),
    anyOf: SECTIONS,
    class: 'no-rules',
  },
);

/** Both kinds: they differ by scope only. */
export const CILIUM_POLICY: ObjectShape = object({
  apiVersion: text(),
  kind: text(),
  metadata: { kind: 'any' },
  spec: rule,
  specs: list(rule),
  status: { kind: 'any' },
});
