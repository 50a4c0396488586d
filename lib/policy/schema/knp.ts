import { list, object, type ObjectShape, text } from './shape.ts';

/** NetworkPolicy (networking.k8s.io/v1). Its fields, for those that are misspelt; what is wrong with their values is checked by `validate/knp.ts`. */
const selector = object({
  matchLabels: { kind: 'labels', class: 'bad-selector' },
  matchExpressions: list(object({ key: text(), operator: text(), values: list(text()) })),
});
const peers = list(
  object({ podSelector: selector, namespaceSelector: selector, ipBlock: object({ cidr: text(), except: list(text()) }) }),
);
const ports = list(
  object({
    port: { kind: 'text-or-integer', is: () => true, says: 'a port number or the name of a port', class: 'bad-port' },
    endPort: { kind: 'integer', min: 0, max: 65_535, class: 'bad-end-port' },
    protocol: text(),
  }),
);

export const NETWORK_POLICY: ObjectShape = object({
  apiVersion: text(),
  kind: text(),
  metadata: { kind: 'any' },
  spec: object({
    podSelector: selector,
    policyTypes: list(text()),
    ingress: list(object({ from: peers, ports })),
    egress: list(object({ to: peers, ports })),
  }),
  status: { kind: 'any' },
});
