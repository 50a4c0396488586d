import type { ValuesFacts } from './model.ts';

const HINTS: Readonly<Record<string, string>> = {
  cluster: 'aws eks list-clusters',
  'api-server-host': 'kubectl cluster-info: the host name of the control plane',
  'vpc-cidr': 'aws ec2 describe-vpcs --query "Vpcs[].CidrBlock"',
  'trust-domain':
    'kubectl -n spire-server exec spire-server-0 -- spire-server bundle show -format spiffe, or trust_domain in server.conf',
  'spire-server': 'kubectl get svc -A -l app.kubernetes.io/name=server: HOST:PORT',
  'spire-admin-socket': 'admin_socket_path in the SPIRE agent’s agent.conf',
  version: 'choose one, e.g. the newest patch release of what runs',
};

/** Facts by name. One that is absent, or that is no plain word, stays as `<name>` and is remembered as missing. */
export class Placeholders {
  readonly #missing = new Map<string, string>();

  constructor(readonly facts: ValuesFacts) {}

  /** `value`, or `<name>`. */
  fill(name: string, value: string | undefined): string {
    if (value !== undefined && isPlain(value)) return value;
    this.#missing.set(name, HINTS[name] ?? '');
    return `<${name}>`;
  }

  get missing(): { name: string; hint: string }[] {
    return [...this.#missing].map(([name, hint]) => ({ name, hint }));
  }
}

/** Names, addresses and paths. A fact may come from an object or a file that others write. */
const isPlain = (value: string): boolean => /^[\w./:@+-]{1,300}$/.test(value);
