import { utf8ToBytes } from '@noble/hashes/utils.js';
import { expect, test } from 'vitest';
import { TestKey, verifyByNode } from '#lib/testing/receipts.ts';
import { TestLog } from '#lib/testing/test-log.ts';
import { decideCosign, formatAddCheckpoint, MOST_PROOF_LINES, parseAddCheckpoint, type SeenHead } from './add-checkpoint.ts';
import { checkpointText } from './checkpoint.ts';
import { formatNote, keyIdOf, NOTE_TYPES } from './note.ts';

const log = new TestLog('causeway.test/prod');
const fork = new TestLog(log.origin, 'another history');
const next = new TestKey();
const logs = new Map([[log.origin, [log.key.public, next.public]]]);
const at = (size: number): SeenHead => ({ size, root: log.root(size) });

async function decided(body: string, seen?: SeenHead): Promise<string> {
  const decision = await decideCosign(body, logs, () => seen, verifyByNode);
  if (decision.cosign) return `cosigned ${decision.head.size}`;
  return `${decision.status}${decision.size === undefined ? '' : ` size ${decision.size}`}`;
}

test('a request that was written is read as it was', () => {
  const request = log.request(3, 8);
  const { oldSize, proof, note, head } = parseAddCheckpoint(formatAddCheckpoint(request));
  expect({ oldSize, proof, note }).toEqual(request);
  expect(head).toEqual({ origin: log.origin, size: 8, root: log.root(8) });
  expect(() => formatAddCheckpoint({ ...request, proof: Array.from({ length: 64 }, () => new Uint8Array(32)) })).toThrow(
    RangeError,
  );
});

test('heads that grow out of each other are cosigned at every size', async () => {
  for (let size = 1; size <= 20; size += 1)
    for (let old = 1; old <= size; old += 1)
      expect(await decided(formatAddCheckpoint(log.request(old, size)), at(old)), `${old} to ${size}`).toBe(`cosigned ${size}`);
  expect(await decided(formatAddCheckpoint(log.request(0, 0)))).toBe('cosigned 0');
  expect(await decided(formatAddCheckpoint(log.request(0, 9)))).toBe('cosigned 9');
  expect(await decided(formatAddCheckpoint(log.request(0, 9)), at(0))).toBe('cosigned 9');
});

const good = formatAddCheckpoint(log.request(3, 8));
const signedBy = (key: TestKey) => formatAddCheckpoint({ ...log.request(3, 8), note: log.note(8, key) });

test.each([
  { name: 'the key that comes after', body: signedBy(next), becomes: 'cosigned 8' },
  { name: 'a key that nobody knows', body: signedBy(new TestKey()), becomes: '403' },
  { name: 'a signature of another head', body: good.replace('\n8\n', '\n9\n'), becomes: '403' },
  { name: 'a good and a bad signature', body: good + log.note(7).split('\n\n')[1], becomes: '403' },
  {
    name: 'a good signature and one that is not known',
    body: `${good}— other.example/x ${btoa('abcdefgh')}\n`,
    becomes: 'cosigned 8',
  },
  { name: 'another log', body: formatAddCheckpoint(new TestLog('causeway.test/other').request(3, 8)), becomes: '404' },
  { name: 'a smaller head than the one seen', body: formatAddCheckpoint(log.request(2, 2)), becomes: '409 size 3' },
  { name: 'an older size than the one seen', body: formatAddCheckpoint(log.request(2, 8)), becomes: '409 size 3' },
  { name: 'a newer size than the one seen', body: formatAddCheckpoint(log.request(5, 8)), becomes: '409 size 3' },
  { name: 'an old size beyond the new one', body: formatAddCheckpoint(log.request(9, 8)), becomes: '400' },
  { name: 'no proof', body: formatAddCheckpoint({ ...log.request(3, 8), proof: [] }), becomes: '422' },
  {
    name: 'a proof in another order',
    body: formatAddCheckpoint({ ...log.request(3, 8), proof: log.request(3, 8).proof.toReversed() }),
    becomes: '422',
  },
  {
    name: 'a proof where none is due',
    body: formatAddCheckpoint({ ...log.request(3, 3), proof: log.request(3, 8).proof }),
    becomes: '422',
  },
])('with $name it becomes $becomes', async ({ body, becomes }) => {
  expect(await decided(body, at(3))).toBe(becomes);
});

test('another history is refused, whether it has the same size or has grown', async () => {
  const asLog = (from: number, size: number) =>
    formatAddCheckpoint({ ...fork.request(from, size), note: fork.note(size, log.key) });
  expect(await decided(asLog(3, 3), at(3))).toBe('409 size 3');
  expect(await decided(asLog(3, 8), at(3))).toBe('422');
});

test('the first head needs no proof, and an empty log has one root only', async () => {
  expect(await decided(formatAddCheckpoint({ ...log.request(0, 8), proof: log.request(3, 8).proof }))).toBe('422');
  const text = checkpointText({ origin: log.origin, size: 0, root: log.root(1) });
  const keyId = keyIdOf(log.origin, NOTE_TYPES.ed25519, log.key.public);
  const note = formatNote({ text, signatures: [{ name: log.origin, keyId, signature: log.key.sign(utf8ToBytes(text)) }] });
  expect(await decided(formatAddCheckpoint({ oldSize: 0, proof: [], note }))).toBe('422');
});

test.each([
  { name: 'nothing', body: '' },
  { name: 'no old size', body: good.replace('old 3', 'new 3') },
  { name: 'an old size with a zero before it', body: good.replace('old 3', 'old 03') },
  { name: 'an old size beyond what numbers hold', body: good.replace('old 3', 'old 9999999999999999') },
  { name: 'a proof of half a hash', body: good.replace(/\n.{44}\n/, '\nAAAA\n') },
  { name: 'a proof that is not base64', body: good.replace(/\n.{44}\n/, `\n${'!'.repeat(44)}\n`) },
  { name: 'too many hashes', body: good.replace(/\n.{44}\n/, `\n${`${btoa('a'.repeat(32))}\n`.repeat(MOST_PROOF_LINES + 1)}`) },
  { name: 'no empty line', body: good.replaceAll('\n\n', '\n') },
  { name: 'no signature', body: good.slice(0, good.lastIndexOf('—')) },
  { name: 'a size that is none', body: good.replace('\n8\n', '\n+8\n') },
  { name: 'a root of another length', body: good.replace(/\n8\n.*\n/, '\n8\nAAAA\n') },
  { name: 'lines that end as on Windows', body: good.replaceAll('\n', '\r\n') },
])('$name is malformed', async ({ body }) => {
  expect(await decided(body, at(3))).toBe('400');
});
