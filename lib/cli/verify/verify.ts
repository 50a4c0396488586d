import { readFileSync, statSync } from 'node:fs';
import { CausewayError, messageOf } from '#lib/errors/errors.ts';
import { refOf } from '#lib/policy/policy-ref.ts';
import { specHash } from '#lib/policy/spec-hash.ts';
import { receiptJsonOf } from '#lib/receipts/forms.ts';
import { keyOfJwkX } from '#lib/receipts/public-key.ts';
import type { Receipt } from '#lib/receipts/receipt.ts';
import { notClaimedBy, statementOf, statementText } from '#lib/receipts/statement.ts';
import { MOST_BYTES } from '#lib/receipts/strict-json.ts';
import { checkRootSignature, parseTrust, type Trust } from '#lib/receipts/trust.ts';
import { VERIFY_STEPS, type Verification, type VerifyExit, verifyReceipt } from '#lib/receipts/verify.ts';
import { readPolicyFiles } from '../policy/files.ts';
import { verifyByNode } from '#lib/keys/ed25519.ts';

export interface VerifyCommandOptions {
  readonly trust: string;
  readonly root?: string;
  readonly quorum?: number;
  readonly policy?: readonly string[];
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** The order in which one outcome is worse than another. */
const WORST_FIRST: readonly VerifyExit[] = [2, 1, 3, 4, 5, 0];

/** `causeway verify FILE...`. Gives the exit status; throws what is for the person at the terminal when the trust bundle or a policy cannot be read. */
export async function verifyFiles(
  files: readonly string[],
  { trust: trustFile, root, quorum, policy, strict, json }: VerifyCommandOptions,
  say: (line: string) => void,
): Promise<VerifyExit> {
  const trust = parseTrust(readBounded(trustFile));
  if (root !== undefined) {
    const key = keyOfJwkX(root);
    if (!key) throw new CausewayError('bad-input', '--root is no Ed25519 key in base64url');
    await checkRootSignature(trust, key, verifyByNode);
  }
  const policies = policy && policyHashes(policy);
  const results: { file: string; result: Verification }[] = [];
  for (const file of files) results.push({ file, result: strictly(await verifyOne(file, trust, quorum, policies), strict) });
  if (json)
    say(
      JSON.stringify(
        results.map(({ file, result }) => ({ file, ...toJson(result) })),
        null,
        2,
      ),
    );
  else for (const { file, result } of results) for (const line of linesOf(file, result)) say(line);
  return WORST_FIRST.find((exit) => results.some(({ result }) => result.exit === exit)) ?? 2;
}

async function verifyOne(
  file: string,
  trust: Trust,
  quorum: number | undefined,
  policies: ReadonlyMap<string, string> | undefined,
): Promise<Verification> {
  try {
    const { json } = receiptJsonOf(readBounded(file));
    return await verifyReceipt(json, {
      trust,
      verify: verifyByNode,
      ...(quorum !== undefined && { quorum }),
      ...(policies && { policies }),
    });
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    return { exit: 2, steps: [{ id: 'parse', status: 'fail', detail: error.message }], gaps: [], witnesses: [] };
  }
}

const strictly = (result: Verification, strict: boolean | undefined): Verification =>
  strict && result.exit === 5 ? { ...result, exit: 1 } : result;

/** Hash of each policy of the files, by its reference. */
function policyHashes(paths: readonly string[]): Map<string, string> {
  const { objects, problems } = readPolicyFiles(paths);
  const [problem] = problems;
  if (problem) throw new CausewayError('bad-input', `${problem.file}: ${problem.message}`);
  return new Map(objects.map((object) => [refOf(object), specHash(object)]));
}

const STANDARD_INPUT = 0;

/** Text of a file, or of standard input for `-`. Throws `too-large`, or `bad-input` for one that cannot be read. */
function readBounded(file: string): string {
  try {
    if (file !== '-' && statSync(file).size > MOST_BYTES)
      throw new CausewayError('too-large', `${file} is larger than ${MOST_BYTES} bytes`);
    const bytes = readFileSync(file === '-' ? STANDARD_INPUT : file);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw new CausewayError('bad-input', `${file}: ${error instanceof TypeError ? 'is not UTF-8' : messageOf(error)}`, {
      cause: error,
    });
  }
}

const WORDS = { pass: 'pass', fail: 'FAIL', absent: 'not present' } as const;
const OUTCOMES: Readonly<Record<VerifyExit, string>> = {
  0: 'valid: every required step passes',
  1: 'NOT VALID',
  2: 'NOT A RECEIPT',
  3: 'NOT TRUSTED: a key is unknown, or was not in force',
  4: 'NOT WITNESSED: too few others have seen its head',
  5: 'valid, and its batch did not see everything',
};

function* linesOf(file: string, result: Verification): Generator<string> {
  const { steps, exit, receipt, gaps } = result;
  yield shown(`${file}${receipt ? `: ${receipt.receipt_id}` : ''}`);
  for (const { id, status, detail } of steps) {
    const number = String(Object.keys(VERIFY_STEPS).indexOf(id) + 1).padStart(4);
    yield shown(`${number} ${VERIFY_STEPS[id].padEnd(21)} ${WORDS[status].padEnd(12)} ${detail}`);
  }
  if (receipt && (exit === 0 || exit === 5)) for (const line of claimOf(receipt, result)) yield shown(`     ${line}`);
  for (const gap of gaps) yield shown(`     gap: ${gap}`);
  yield `     ${OUTCOMES[exit]}`;
}

/** What the receipt may claim with what was verified, and nothing beyond it. */
function claimOf(receipt: Receipt, { steps, witnesses }: Verification): string[] {
  const isLogged = steps.some(({ id, status }) => id === 'checkpoint' && status === 'pass');
  const checkpoint = isLogged ? receipt.proof?.log?.size : undefined;
  const names = witnesses.map(({ name }) => name);
  const statement = statementText(statementOf(receipt, { ...(checkpoint !== undefined && { checkpoint }), witnesses: names }));
  const [last = '', ...others] = notClaimedBy(receipt).toReversed();
  return [
    ...wrapped(statement),
    ...flowOf(receipt),
    ...wrapped(`It does not claim ${others.toReversed().join(', ')}, or ${last}.`),
  ];
}

/** The flow that the statement speaks of, in one line. */
function flowOf({ flow, observed_at }: Receipt): string[] {
  if (!flow) return [];
  const peer = ({ identity, namespace, pod, workload, entity, ip }: (typeof flow)['source']): string => {
    const name = pod ?? workload ?? entity ?? ip;
    return `${namespace === undefined ? '' : `${namespace}/`}${name ?? 'unnamed'} (identity ${identity})`;
  };
  const port = flow.port === 0 ? '' : ` ${flow.port}`;
  const reason = flow.drop_reason === undefined ? '' : `, ${flow.drop_reason}`;
  return [
    `Flow ${flow.uuid}, ${observed_at}: ${peer(flow.source)} to ${peer(flow.destination)}, ${flow.protocol}${port}${reason}`,
  ];
}

const WIDTH = 110;

function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

/** Names in a receipt are a workload's choice: nothing of them reaches a terminal as a command. */
const shown = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`);

const toJson = ({ exit, steps, gaps, witnesses, receipt }: Verification) => ({
  exit,
  steps,
  gaps,
  witnesses,
  ...(receipt && { receipt_id: receipt.receipt_id }),
});
