import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '#lib/policy/spec-hash.ts';
import { verifyByNode } from '#lib/keys/ed25519.ts';
import { fromHex, vectors } from '#lib/testing/vectors.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.ts';
import { fromBase64 } from './base64.ts';
import { cosignatureBytes, cosignatureMessage, cosignatureOf, parseCheckpoint } from './checkpoint.ts';
import { preAuthEncoding } from './dsse.ts';
import { receiptJsonOf } from './forms.ts';
import { keccak256, plainKeccak256 } from './hash.ts';
import { formatNote, NOTE_TYPES, parseNote, parseSignatures, verifierKey } from './note.ts';
import { keyProblem, thumbprint } from './public-key.ts';

/** A private key of RFC 8032 is 32 bytes; PKCS#8 puts these before them. */
const PKCS8 = fromHex('302e020100300506032b657004220420');

describe('Ed25519', () => {
  const rfc = vectors('ed25519-rfc8032') as {
    tests: { name: string; secret: string; public: string; message: string; signature: string }[];
  };

  test.each(rfc.tests)('$name of RFC 8032 is signed and verified', (vector) => {
    const der = Buffer.concat([PKCS8, fromHex(vector.secret)]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
    expect(Buffer.from(x, 'base64url').toString('hex')).toBe(vector.public);
    expect(sign(null, fromHex(vector.message), key).toString('hex')).toBe(vector.signature);
    expect(verifyByNode(fromHex(vector.public), fromHex(vector.message), fromHex(vector.signature))).toBe(true);
    expect(keyProblem(fromHex(vector.public))).toBeUndefined();
  });

  const wycheproof = vectors('ed25519-wycheproof') as {
    groups: {
      key: string;
      tests: [id: number, result: 'valid' | 'invalid' | 'acceptable', message: string, signature: string, comment: string][];
    }[];
  };
  const cases = wycheproof.groups.flatMap(({ key, tests }) =>
    tests.map(([id, result, message, signature, comment]) => ({
      id,
      result,
      comment,
      key: fromHex(key),
      message: fromHex(message),
      signature: fromHex(signature),
    })),
  );

  test('every case of Wycheproof is judged as it is there', () => {
    expect(cases).toHaveLength(210);
    const wrong = cases.filter(
      ({ result, key, message, signature }) =>
        result !== 'acceptable' && verifyByNode(key, message, signature) !== (result === 'valid'),
    );
    expect(wrong.map(({ id, comment }) => `${id} ${comment}`)).toEqual([]);
  });

  test('of the keys with a part of small order, those of nothing else are refused at import: eight of eight', () => {
    const small = cases.filter(({ comment }) => /identity public key|canonical Ed25519 torsion point/.test(comment));
    expect(small.map(({ key }) => keyProblem(key))).toEqual(
      small.map(() => 'the key is a point of small order: anything would verify under it'),
    );
    expect(small).toHaveLength(8);
    expect(cases.filter(({ result }) => result === 'valid').filter(({ key }) => keyProblem(key) !== undefined)).toEqual([]);
  });

  test('the identity as a key, which Node takes for anything signed, is why they are refused', () => {
    const identity = fromHex(`01${'00'.repeat(31)}`);
    const trivial = fromHex(`01${'00'.repeat(63)}`);
    expect(verifyByNode(identity, utf8ToBytes('anything'), trivial)).toBe(true);
    expect(keyProblem(identity)).toMatch(/small order/);
  });
});

test('Keccak-256 is that of its authors for all 256 short messages, with WebAssembly and without', async () => {
  const { cases } = vectors('keccak-256') as { cases: [message: string, digest: string][] };
  expect(cases).toHaveLength(256);
  const keccak = await keccak256();
  for (const [message, digest] of cases) {
    expect(bytesToHex(keccak(fromHex(message)))).toBe(digest);
    expect(bytesToHex(plainKeccak256(fromHex(message)))).toBe(digest);
  }
  expect(createHash('sha3-256').update('').digest('hex')).not.toBe(cases[0]?.[1]);
});

describe('canonical JSON (RFC 8785)', () => {
  const jcs = vectors('jcs') as {
    files: { name: string; input: string; output: string }[];
    samples: string[];
    first_numbers: string[];
    digests: Record<string, string>;
  };

  test.each(jcs.files)(
    'the file $name is written as it is published, by the library and by what hashes policies',
    ({ input, output }) => {
      const value = JSON.parse(input) as unknown;
      expect(canonicalize(value)).toBe(output);
      expect(canonicalJson(value)).toBe(output);
    },
  );

  const double = new DataView(new ArrayBuffer(8));
  const numberOf = (hex: string): number => {
    double.setBigUint64(0, BigInt(`0x${hex}`));
    return double.getFloat64(0);
  };
  const hexOf = (value: number): string => {
    double.setFloat64(0, value);
    return double.getBigUint64(0).toString(16);
  };

  test.each(jcs.samples)('the number %s', (sample) => {
    const [hex = '', text] = sample.split(',');
    expect(canonicalize(numberOf(hex))).toBe(text);
    expect(canonicalJson(numberOf(hex))).toBe(text);
  });

  /** The published sequence: fixed numbers, two thousand in a row, then whatever SHA-256 of the block before makes, without zeros and infinities. */
  function* numbers(): Generator<number> {
    for (const hex of jcs.first_numbers) yield numberOf(hex);
    for (let index = 0n; index < 2000n; index += 1n) yield numberOf((0x0010_0000_0000_0000n + index).toString(16));
    for (let block: Buffer = Buffer.alloc(32); ;) {
      block = createHash('sha256').update(block).digest();
      for (const at of [0, 8, 16, 24]) {
        const value = block.readDoubleLE(at);
        if (value !== 0 && Number.isFinite(value)) yield value;
      }
    }
  }

  const LINES = process.env['CAUSEWAY_JCS_NUMBERS'] ?? '100000';
  test(`the first ${LINES} of a hundred million numbers have the published digest`, { timeout: 600_000 }, () => {
    const hash = createHash('sha256');
    let line = 0;
    for (const value of numbers()) {
      if (line >= Number(LINES)) break;
      line += 1;
      hash.update(`${hexOf(value)},${canonicalize(value)}\n`);
    }
    expect(hash.digest('hex')).toBe(jcs.digests[LINES]);
  });
});

describe('notes, checkpoints and witnesses (C2SP)', () => {
  const c2sp = vectors('c2sp') as Record<
    'note' | 'checkpoint' | 'cosigned' | 'cosigned_message' | 'witness_request' | 'witness_response',
    string
  > & { signed: { keys: string[]; note: string }; proof_path: string[] };

  test.each(['note', 'checkpoint', 'cosigned'] as const)('the example %s is read, and written as it was', (name) => {
    expect(formatNote(parseNote(c2sp[name]))).toBe(c2sp[name]);
  });

  test('a text may have empty lines: the last one ends it', () => {
    expect(parseNote(c2sp.note).text).toMatch(/sole:\n\ned è subito sera\.\n$/);
  });

  test('the note of Go’s own example verifies under its key, whose written form is ours', async () => {
    const { text, signatures } = parseNote(c2sp.signed.note);
    const [name = '', , encoded = ''] = (c2sp.signed.keys[0] ?? '').split('+');
    const key = fromBase64(encoded)?.slice(1) ?? new Uint8Array();
    expect(verifierKey(name, NOTE_TYPES.ed25519, key)).toBe(c2sp.signed.keys[0]);
    const line = signatures.find((each) => each.name === name);
    expect(await verifyByNode(key, utf8ToBytes(text), line?.signature ?? new Uint8Array())).toBe(true);
    expect(await verifyByNode(key, utf8ToBytes(`${text}x`), line?.signature ?? new Uint8Array())).toBe(false);
  });

  test('a checkpoint has origin, size and root', () => {
    const { origin, size, root } = parseCheckpoint(parseNote(c2sp.checkpoint).text);
    expect([origin, size, Buffer.from(root).toString('base64')]).toEqual([
      'example.com/behind-the-sofa',
      20_852_163,
      'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=',
    ]);
  });

  test('a cosignature carries its time, and is over the message that is printed', () => {
    const { text, signatures } = parseNote(c2sp.cosigned);
    const line = signatures[1];
    const { time, signature } = cosignatureOf(line!)!;
    expect(new TextDecoder().decode(cosignatureMessage(time, text))).toBe(c2sp.cosigned_message);
    expect(cosignatureBytes(time, signature)).toEqual(line?.signature);
    expect(cosignatureOf(signatures[0]!)).toBeUndefined();
  });

  test('what is asked of a witness is read, and written as it was', () => {
    const { oldSize, proof, note, head } = parseAddCheckpoint(c2sp.witness_request);
    expect([oldSize, proof.length, head.size]).toEqual([20_852_014, 4, 20_852_163]);
    expect(formatAddCheckpoint({ oldSize, proof, note })).toBe(c2sp.witness_request);
  });

  test('what a witness answers is read; the times of this example are no times', () => {
    const lines = parseSignatures(c2sp.witness_response);
    expect(lines.map(({ name }) => name)).toEqual(['witness.example/w1', 'witness.example/w1', 'witness.example/w2']);
    expect(lines.map(({ signature }) => signature.length)).toEqual([72, 72, 72]);
    expect(lines.map(cosignatureOf)).toEqual([undefined, undefined, undefined]);
  });

  test('the path of the example of a proof is read in its order', () => {
    const text = `c2sp.org/tlog-proof@v1\nextra ${btoa('{}')}\nindex 73894\n${c2sp.proof_path.join('\n')}\n\n${c2sp.checkpoint}`;
    const { form, json } = receiptJsonOf(text);
    const { proof } = JSON.parse(json) as { proof: { log: { index: number; path: string[] } } };
    expect(form).toBe('tlog-proof');
    expect([proof.log.index, proof.log.path.map((hash) => Buffer.from(hash, 'base64url').toString('base64'))]).toEqual([
      73_894,
      c2sp.proof_path,
    ]);
  });
});

// DSSE 1.0, protocol.md; RFC 8037, appendix A.3.
test('the encoding before a signature, and the name of a key, are those of their worked examples', () => {
  const encoded = preAuthEncoding('http://example.com/HelloWorld', utf8ToBytes('hello world'));
  expect(new TextDecoder().decode(encoded)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  expect(thumbprint(fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'))).toBe(
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  );
});
