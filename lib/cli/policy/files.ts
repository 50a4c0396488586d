import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { MAX_TEXT, type ParsedPolicy, type ParseProblem, parsePolicies } from '#lib/policy/parse.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import type { PolicyObject, PolicyRef, TextPlace } from '#lib/policy/model.ts';

/** A policy of a file. */
export interface FilePolicy extends ParsedPolicy {
  /** Relative to the working directory, with `/`. */
  readonly file: string;
}

export interface FileProblem extends ParseProblem {
  readonly file: string;
}

export interface PolicyFiles {
  readonly policies: readonly FilePolicy[];
  readonly objects: readonly PolicyObject[];
  /** What could not be read: not all that the files say is in `policies`. */
  readonly problems: readonly FileProblem[];
  /** Objects of other kinds. */
  readonly others: readonly { readonly kind: string; readonly count: number }[];
  readonly files: readonly string[];
  /** The file and the place of a path of a policy; of two policies of one name the later. */
  readonly placeOf: (
    policy: PolicyRef,
    path: string,
  ) => { readonly file: string; readonly place: TextPlace | undefined } | undefined;
}

/** Bounds of one call: folders of somebody else may hold anything. */
const MAX_FILES = 20_000;
const MAX_TOTAL = 500 * 1024 * 1024;
const POLICY_FILE = /\.(ya?ml|json)$/i;

/**
 * The policies of files and folders, in the order of their names. In a folder, files that end in .yaml, .yml or .json are read, in those below it too, but
 * for hidden ones and node_modules; a file that is named is read whatever it is called. Throws what is for the person at the terminal when a path cannot be read.
 */
export function readPolicyFiles(paths: readonly string[]): PolicyFiles {
  const files = [...new Set(paths.flatMap(filesBelow))];
  if (files.length > MAX_FILES)
    throw new CausewayError('too-large', `more than ${MAX_FILES} files: name the folders that hold policies`);
  const policies: FilePolicy[] = [];
  const problems: FileProblem[] = [];
  const others = new Map<string, number>();
  let total = 0;
  for (const path of files) {
    const file = nameOf(path);
    const text = readText(path);
    total += text.length;
    if (total > MAX_TOTAL) throw new CausewayError('too-large', `more than ${MAX_TOTAL / 1024 / 1024} MB of files`);
    const parsed = parsePolicies(text);
    for (const policy of parsed.objects) policies.push({ ...policy, file });
    for (const problem of parsed.problems) problems.push({ ...problem, file });
    for (const { kind, count } of parsed.others) others.set(kind, (others.get(kind) ?? 0) + count);
  }
  const byRef = new Map(policies.map((policy) => [refOf(policy.object), policy]));
  return {
    policies,
    objects: policies.map(({ object }) => object),
    problems,
    others: [...others].map(([kind, count]) => ({ kind, count })),
    files: files.map(nameOf),
    placeOf(ref, path) {
      const policy = byRef.get(ref);
      return policy && { file: policy.file, place: policy.placeOf(path) };
    },
  };
}

/** What a person at a terminal is told of a problem, as compilers write it. */
export const problemLine = ({ file, place, message }: FileProblem): string => `${file}:${place.line}:${place.column}: ${message}`;

const nameOf = (path: string): string => (relative(process.cwd(), path) || path).split(sep).join('/');

function filesBelow(path: string): string[] {
  if (!statOf(path).isDirectory()) return [path];
  const found: string[] = [];
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const below = join(folder, entry.name);
      // Links are followed to files, not to folders: those may lead round.
      if (entry.isDirectory()) folders.push(below);
      else if (POLICY_FILE.test(entry.name) && statOf(below).isFile()) found.push(below);
    }
    if (found.length > MAX_FILES) break;
  }
  return found.toSorted();
}

function statOf(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw new CausewayError('bad-input', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function readText(path: string): string {
  const { size } = statOf(path);
  if (size > MAX_TEXT * 4)
    throw new CausewayError(
      'too-large',
      `${nameOf(path)} has ${Math.ceil(size / 1024 / 1024)} MB: at most ${MAX_TEXT / 1024 / 1024} MB are read`,
    );
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CausewayError('bad-input', `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}
