import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AuditRow, ChainWalk, GENESIS, hashOfRow, headOf, verifyChain } from './chain.ts';
import { canonicalText } from './event.ts';

/** A log of `n` rows, chained as the database does it. */
function aLog(n: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let seq = 1; seq <= n; seq += 1) {
    const event = {
      actor: { kind: 'person', subject: `demo|p${seq % 3}`, name: 'Zoë' },
      action: 'gate.approve',
      object: { type: 'gate-request', id: `r${seq}` },
      outcome: 'ok',
      cluster: 'prod',
    } as const;
    const body = canonicalText(event);
    const rest = { seq, at: 1_800_000_000_000 + seq, prev: rows.at(-1)?.hash ?? GENESIS, body };
    const columns = {
      actor: event.actor.subject,
      action: event.action,
      objectType: event.object.type,
      objectId: event.object.id,
      outcome: event.outcome,
      cluster: event.cluster,
    };
    rows.push({ ...rest, hash: hashOfRow(rest), columns });
  }
  return rows;
}

const N = 9;
const LOG = aLog(N);
const HEAD = { seq: N, hash: LOG.at(-1)?.hash ?? '' };
const placesOf = (rows: readonly AuditRow[], heads = [HEAD]) => [...new Set(verifyChain(rows, heads).map(({ seq }) => seq))];
const changed = (seq: number, change: Partial<AuditRow>) => LOG.map((row) => (row.seq === seq ? { ...row, ...change } : row));
const anySeq = fc.integer({ min: 1, max: N });

/** `text` with one character changed for another. */
function withOtherCharacter(text: string, at: number, by: number): string {
  const index = at % text.length;
  const code = text.charCodeAt(index) ^ (1 + (by % 127));
  return text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1);
}

test('a log as it was written has nothing broken, and so has an empty one', () => {
  expect(verifyChain(LOG, [HEAD, { seq: 4, hash: LOG[3]?.hash ?? '' }])).toEqual([]);
  expect(verifyChain([])).toEqual([]);
});

describe('found at exactly its row', () => {
  test.each(['body', 'prev', 'hash'] as const)('is a changed character anywhere in %s', (field) => {
    fc.assert(
      fc.property(anySeq, fc.nat(), fc.nat(), (seq, at, by) => {
        const text = withOtherCharacter(LOG[seq - 1]?.[field] ?? '', at, by);
        expect(placesOf(changed(seq, { [field]: text }))).toEqual([seq]);
      }),
    );
  });

  test('is a changed time', () => {
    fc.assert(
      fc.property(anySeq, fc.integer({ min: 1 }), (seq, at) => {
        expect(placesOf(changed(seq, { at }))).toEqual([seq]);
      }),
    );
  });

  test.each(['actor', 'action', 'objectType', 'objectId', 'outcome', 'cluster'] as const)(
    'is a changed column %s, which only the search reads',
    (column) => {
      for (const { seq, columns } of LOG) {
        expect(columns).toBeDefined();
        expect(placesOf(changed(seq, { columns: { ...(columns as NonNullable<typeof columns>), [column]: 'x' } }))).toEqual([
          seq,
        ]);
      }
    },
  );

  test('is a row written anew together with its hash, by the row after it', () => {
    for (const row of LOG.slice(0, -1)) {
      const forged = { ...row, body: row.body.replace('ok', 'no') };
      expect(placesOf(changed(row.seq, { ...forged, hash: hashOfRow(forged), columns: undefined as never }))).toEqual([row.seq]);
    }
  });

  test('is the first of the rows that are missing, wherever they are cut out', () => {
    fc.assert(
      fc.property(anySeq, anySeq, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect(placesOf(LOG.filter(({ seq }) => seq < from || seq > to))).toEqual([from]);
      }),
    );
  });
});

test('a row put in between, or given twice, is found', () => {
  const [first, second] = LOG as [AuditRow, AuditRow];
  const twice = [first, second, second, ...LOG.slice(2)];
  expect(placesOf(twice)).toEqual([2]);
  expect(placesOf([second, first, ...LOG.slice(2)])).not.toEqual([]);
});

test('a tail that was cut off, or written anew to its end, is found by a head noted elsewhere and by nothing else', () => {
  const cut = LOG.slice(0, 6);
  expect(verifyChain(cut)).toEqual([]);
  expect(verifyChain(cut, [HEAD])).toEqual([{ seq: 7, problem: 'rows 7 to 9 are missing' }]);

  const forged: AuditRow[] = [];
  for (const row of LOG) {
    const body = row.seq >= 4 ? row.body.replace('ok', 'no') : row.body;
    const rest = { seq: row.seq, at: row.at, prev: forged.at(-1)?.hash ?? GENESIS, body };
    forged.push({ ...rest, hash: hashOfRow(rest) });
  }
  expect(verifyChain(forged)).toEqual([]);
  expect(placesOf(forged)).toEqual([N]);
});

test('a long log is walked without being held', () => {
  const walk = new ChainWalk();
  let seen = 0;
  for (const row of LOG) seen += walk.add(row).length;
  expect([seen, walk.rows, walk.head, walk.end()]).toEqual([0, N, HEAD, []]);
});

test.each([
  { text: `12:${'a'.repeat(64)}`, head: { seq: 12, hash: 'a'.repeat(64) } },
  { text: `12:${'A'.repeat(64)}`, head: undefined },
  { text: `-1:${'a'.repeat(64)}`, head: undefined },
  { text: 'x', head: undefined },
])('headOf($text)', ({ text, head }) => expect(headOf(text)).toEqual(head));
