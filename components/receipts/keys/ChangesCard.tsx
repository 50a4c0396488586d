'use client';
import type { KeyList } from '#lib/api/receipts.ts';
import { Card } from '#components/ui/Card.tsx';
import { utc } from '#components/ui/format.ts';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { Unknown } from '#components/ui/Num.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { shortHash } from '../receipt-words.ts';
import { ROLE_WORDS, signedWords } from './key-words.ts';
import { Entry } from './KeyTable.tsx';

type Change = KeyList['changes'][number];

const EVENT_WORDS: Readonly<Record<Change['event'], { readonly mark: MarkName; readonly word: string }>> = {
  introduced: { mark: 'trace', word: 'introduced' },
  activated: { mark: 'pass', word: 'came into force' },
  retired: { mark: 'stale', word: 'retired' },
  compromised: { mark: 'fail', word: 'marked as compromised' },
};

/** What became of the keys: each change is signed and stands in the log, where it cannot be taken out again. */
export function ChangesCard({ changes }: { changes: readonly Change[] }) {
  return (
    <Card flush title="Changes" hint="signed, and carried by every log; newest first">
      <div className="@container">
        <Table caption="Changes of keys, newest first">
          <thead>
            <tr>
              <Th className="w-48">When</Th>
              <Th>What</Th>
              <Th className="hidden @2xl:table-cell">Signed by</Th>
              <Th className="hidden w-44 @3xl:table-cell">In the log</Th>
            </tr>
          </thead>
          <tbody>
            {changes.map((change) => (
              <Row key={`${change.kid} ${change.event}`} change={change} />
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

function Row({ change }: { change: Change }) {
  const { kid, role, event, at, entry } = change;
  const { mark, word } = EVENT_WORDS[event];
  return (
    <Tr dense={false} className="align-top *:py-1.5">
      <Td className="text-ink-2">{utc(at)}</Td>
      <Td>
        <span className="inline-flex flex-wrap items-center gap-x-1.5">
          <Mark name={mark} />
          {ROLE_WORDS[role].name} <span className="font-mono text-12 text-ink-3">{shortHash(kid)}</span> {word}
        </span>
      </Td>
      <Td className="hidden text-ink-2 @2xl:table-cell">{signedWords(change)}</Td>
      <Td className="hidden @3xl:table-cell">
        {entry === undefined ? <Unknown why="no entry of this cluster’s log carries it" /> : <Entry seq={entry} />}
      </Td>
    </Tr>
  );
}
