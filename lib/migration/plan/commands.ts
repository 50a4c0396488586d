import type { Command } from './model.ts';

/** A command as a person copies it. */
export interface FilledCommand {
  readonly title: string;
  readonly text: string;
  /** Placeholders without a value: they stand in the text as `<name>`. */
  readonly missing: readonly string[];
}

/** What a placeholder stands for, for whoever has to provide it. */
export const PLACEHOLDERS = {
  cluster: 'name of the EKS cluster',
  region: 'AWS region',
  context: 'kubectl context of the cluster',
  version: 'Cilium version that is installed or will be',
  'api-server-host': 'host name of the API server, without https://',
  'vpc-id': 'id of the VPC',
  'vpc-cidr': 'address range of the VPC',
  'nodegroup-old': 'node group that is replaced',
  'aws-node-image': 'image of the VPC CNI that runs',
  'spire-server': 'address of the SPIRE server, host:port',
  'trust-domain': 'SPIFFE trust domain',
  mtu: 'MTU of pods with WireGuard',
  relay: 'address of Hubble Relay',
  node: 'name of a node',
} as const;
export type Placeholder = keyof typeof PLACEHOLDERS;

/** Values of one cluster, by placeholder. They come from its objects: quoted before they reach a shell. */
export type CommandValues = ReadonlyMap<string, string>;

const SLOT = /(?<!\$)\{([a-z][a-z-]*)\}/g;

/** The command with a cluster's values in place of `{name}`. `{` that is not such a name, as in JSON or Go templates, stays. */
export function fillCommand({ title, text }: Command, values: CommandValues): FilledCommand {
  const missing = new Set<string>();
  const filled = text.replaceAll(SLOT, (slot, name: string) => {
    if (!Object.hasOwn(PLACEHOLDERS, name)) return slot;
    const value = values.get(name);
    if (value !== undefined && value !== '') return shellWord(value);
    missing.add(name);
    return `<${name}>`;
  });
  return { title, text: filled, missing: [...missing] };
}

/** One word for a POSIX shell: as it is where no character means anything to it, else in single quotes. */
function shellWord(value: string): string {
  if (/^[A-Za-z0-9._:/@%+=,-]+$/.test(value)) return value;
  return `'${value.replaceAll(/\p{Cc}/gu, '').replaceAll("'", String.raw`'\''`)}'`;
}
