'use client';
import type { PolicyDetail } from '#lib/api/policies.ts';
import { Button } from '#components/ui/Button.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { Unknown } from '#components/ui/Num.tsx';

/** The texts this policy had, newest first; an old one can be laid beside the one in force. */
export function Versions({ versions, compared, onCompare }: VersionsProps) {
  return (
    <Table caption="Versions">
      <thead>
        <tr>
          <Th>Version</Th>
          <Th number>Generation</Th>
          <Th number>First seen</Th>
          <Th number>Last seen</Th>
          <Th>
            <span className="sr-only">Compare</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {versions.map(({ hash, generation, firstSeen, lastSeen, current }) => (
          <Tr key={`${hash} ${firstSeen}`} selected={hash === compared}>
            <Td className="font-mono text-12" title={hash}>
              {hash.slice(0, 8)}
            </Td>
            <Td number>{generation ?? <Unknown why="the source gives no generation" />}</Td>
            <Td number>
              <Time at={firstSeen} />
            </Td>
            <Td number>
              <Time at={lastSeen} />
            </Td>
            <Td className="text-right text-12">
              {current ? (
                <span className="text-ink-2">in force</span>
              ) : (
                <Button
                  look="quiet"
                  size="sm"
                  aria-pressed={hash === compared}
                  aria-label={`Compare version ${hash.slice(0, 8)} with the one in force`}
                  onClick={() => onCompare(hash === compared ? null : hash)}
                >
                  Compare
                </Button>
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
interface VersionsProps {
  versions: PolicyDetail['versions'];
  /** Hash of the version laid beside the one in force. */
  compared: string | null;
  onCompare: (hash: string | null) => void;
}
