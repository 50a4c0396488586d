import { policyParts } from '../links.ts';

/** Ways to carry a candidate out of the console, which never applies anything itself. Pure. */

/** A text handed to a command as it is: the delimiter is a line that the text does not hold. */
function hereDocument(text: string): { open: string; body: string } {
  const lines = new Set(text.split('\n'));
  let delimiter = 'POLICIES';
  for (let index = 1; lines.has(delimiter); index += 1) delimiter = `POLICIES_${index}`;
  return { open: `<<'${delimiter}'`, body: `${text.endsWith('\n') ? text : `${text}\n`}${delimiter}\n` };
}

const RESOURCES = {
  cnp: 'ciliumnetworkpolicies',
  ccnp: 'ciliumclusterwidenetworkpolicies',
  knp: 'networkpolicies.networking.k8s.io',
} as const;

/** A word for a shell: names come from objects and may be anything. */
const word = (text: string): string =>
  /^[\w./:-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** `kubectl` commands that make the cluster what the candidate says; `verb` `diff` only shows what would change. */
export function kubectlCommand(verb: 'apply' | 'diff', yaml: string, removes: readonly string[]): string {
  const parts: string[] = [];
  if (yaml.trim() !== '') {
    const { open, body } = hereDocument(yaml);
    parts.push(`kubectl ${verb} -f - ${open}\n${body}`);
  }
  if (verb === 'apply') for (const ref of removes) parts.push(...deleteCommand(ref));
  return parts.join('');
}

function deleteCommand(ref: string): string[] {
  const policy = policyParts(ref);
  if (!policy) return [];
  const where = policy.namespace === '' ? '' : ` -n ${word(policy.namespace)}`;
  return [`kubectl delete ${RESOURCES[policy.kind]}${where} ${word(policy.name)}\n`];
}

/** Writes the candidate into a file of a repository and commits it. */
export function gitCommand(file: string, yaml: string, message: string): string {
  const { open, body } = hereDocument(yaml);
  return `cat > ${word(file)} ${open}\n${body}git add -- ${word(file)}\ngit commit -m ${word(message)} -- ${word(file)}\n`;
}

/** A name for a file: `ledger-lockdown.yaml`. */
export const fileOf = (name: string): string =>
  `${
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'policies'
  }.yaml`;
