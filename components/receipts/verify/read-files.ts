import { messageOf } from '#lib/errors/errors.ts';
import { parsePolicies } from '#lib/policy/parse.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { specHash } from '#lib/policy/spec-hash.ts';
import { MOST_BYTES } from '#lib/receipts/strict-json.ts';

/** A file that a person chose: its text, or why there is none. */
export type ChosenFile = { readonly name: string; readonly text: string } | { readonly name: string; readonly problem: string };

/** Policies are larger than receipts: `kubectl get -o yaml` of a cluster is one file. */
const MOST_POLICY_BYTES = 20 * 1024 * 1024;

/** Reads files in this browser; none of it is sent anywhere. */
export const readChosen = (files: readonly File[], most = MOST_BYTES): Promise<ChosenFile[]> =>
  Promise.all(files.map((file) => readOne(file, most)));

async function readOne(file: File, most: number): Promise<ChosenFile> {
  const { name, size } = file;
  if (size > most) return { name, problem: `${size} bytes: more than ${most}` };
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer()) };
  } catch (error) {
    return { name, problem: error instanceof TypeError ? 'is not UTF-8' : messageOf(error) };
  }
}

/** Hash of each policy of the files by its reference, and what could not be read. */
export async function readPolicyHashes(files: readonly File[]): Promise<{ hashes: Map<string, string>; problems: string[] }> {
  const chosen = await readChosen(files, MOST_POLICY_BYTES);
  const hashes = new Map<string, string>();
  const problems: string[] = [];
  for (const file of chosen) {
    if ('problem' in file) {
      problems.push(`${file.name}: ${file.problem}`);
      continue;
    }
    const parsed = parsePolicies(file.text);
    for (const { object } of parsed.objects) hashes.set(refOf(object), specHash(object));
    for (const { message, place } of parsed.problems) problems.push(`${file.name}:${place.line}: ${message}`);
    if (parsed.objects.length === 0 && parsed.problems.length === 0) problems.push(`${file.name}: holds no policy`);
  }
  return { hashes, problems };
}
