'use client';
import { parseAsBoolean, useQueryState } from 'nuqs';
import { type SessionInfo, SessionList } from '#lib/api/people.ts';
import { signOut } from '#components/frame/session.ts';
import { NO_BODY, callApi } from '#components/live/api.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { Chip } from '#components/ui/Chip.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { Segmented } from '#components/ui/Segmented.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { Confirm } from './Confirm.tsx';
import { browserOf } from './user-agent.ts';

/** Open sessions: one's own, or everybody's for those who oversee. Ending one takes effect with its next request. */
export function Sessions({ subject, maySeeAll, mayRevokeAll }: { subject: string; maySeeAll: boolean; mayRevokeAll: boolean }) {
  const [wanted, setWanted] = useQueryState('all', parseAsBoolean.withDefault(false));
  const all = maySeeAll && wanted;
  const state = useApi(all ? '/api/v1/sessions?all=true' : '/api/v1/sessions', SessionList, { refreshMs: 30_000 });
  return (
    <Card
      title="Sessions"
      hint={all ? 'everybody who is signed in' : 'where you are signed in'}
      aside={
        maySeeAll && (
          <Segmented
            label="Whose sessions"
            value={all ? 'all' : 'own'}
            onChange={(value) => void setWanted(value === 'all' || null)}
            options={[
              { value: 'own', label: 'Yours' },
              { value: 'all', label: 'All' },
            ]}
          />
        )
      }
      flush
    >
      <Loaded state={state}>
        {({ sessions }) =>
          sessions.length === 0 ? (
            <Empty title="No open session" />
          ) : (
            <Table caption="Sessions" className="md:table-fixed">
              <thead>
                <tr>
                  {all && <Th>Member</Th>}
                  <Th>Browser</Th>
                  <Th className="max-md:hidden">Signed in</Th>
                  <Th>Last seen</Th>
                  <Th className="max-md:hidden">Ends</Th>
                  <Th className="md:w-60">
                    <span className="sr-only">Actions</span>
                  </Th>
                </tr>
              </thead>
              <tbody>
                {sessions.map((session) => (
                  <SessionRow
                    key={session.id}
                    session={session}
                    named={all}
                    mayEnd={mayRevokeAll || session.subject === subject}
                    own={session.subject === subject}
                    onEnded={state.reload}
                  />
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}

function SessionRow({ session, named, mayEnd, own, onEnded }: SessionRowProps) {
  const whose = own ? 'your session' : `the session of ${session.name}`;
  const browser = browserOf(session.userAgent);
  return (
    <Tr dense={false} className="align-top *:py-2">
      {named && <Td className="font-title">{session.name}</Td>}
      <Td title={session.userAgent}>
        {browser} {session.current && <Chip tone="accent">this one</Chip>}
      </Td>
      <Td className="whitespace-nowrap text-ink-2 max-md:hidden">
        <Time at={session.createdAt} />
      </Td>
      <Td className="whitespace-nowrap text-ink-2">
        <Time at={session.lastSeen} />
      </Td>
      <Td className="whitespace-nowrap text-ink-2 max-md:hidden">
        <Time at={session.expiresAt} />
      </Td>
      <Td className="text-right">
        {session.current ? (
          <Button size="sm" onClick={() => void signOut()}>
            Sign out
          </Button>
        ) : (
          mayEnd && (
            <Confirm
              button="End session"
              question={`End ${whose}?`}
              effect={`${browser} is signed out with its next request; its open streams stop within a minute. Signing in again is possible.`}
              action={async () => {
                await callApi(`/api/v1/sessions/${encodeURIComponent(session.id)}`, NO_BODY, { method: 'DELETE' });
                onEnded();
              }}
            />
          )
        )}
      </Td>
    </Tr>
  );
}
interface SessionRowProps {
  session: SessionInfo;
  /** Say whose it is. */
  named: boolean;
  own: boolean;
  mayEnd: boolean;
  onEnded: () => void;
}
