'use client';
import { useState } from 'react';
import { MemberList } from '#lib/api/people.ts';
import { rolesInWords } from '#components/frame/person.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { Card } from '#components/ui/Card.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { Num } from '#components/ui/Num.tsx';
import { SearchBox } from '#components/ui/SearchBox.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';

/** Who has signed in, with the roles each has now. Roles come from the provider's groups and cannot be changed here. */
export function Members() {
  const state = useApi('/api/v1/members', MemberList, { refreshMs: 30_000 });
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  return (
    <Card
      title="Members"
      hint="roles come from the groups of the sign-in provider"
      aside={<SearchBox label="Find a member" placeholder="Find" value={search} onChange={setSearch} className="w-40" />}
      flush
    >
      <Loaded state={state}>
        {({ members }) => {
          const shown = members.filter(({ name, email, subject }) =>
            [name, email, subject].some((text) => text.toLowerCase().includes(wanted)),
          );
          if (shown.length === 0) {
            return (
              <Empty title={members.length === 0 ? 'Nobody has signed in yet' : 'No member by that name'}>
                {members.length > 0 && `${members.length} members in all.`}
              </Empty>
            );
          }
          return (
            <Table caption="Members">
              <thead>
                <tr>
                  <Th>Member</Th>
                  <Th>Roles</Th>
                  <Th number className="max-md:hidden">
                    Sessions
                  </Th>
                  <Th className="max-md:hidden">First seen</Th>
                  <Th>Last seen</Th>
                </tr>
              </thead>
              <tbody>
                {shown.map((member) => (
                  <Tr key={member.subject} dense={false} className="align-top *:py-2">
                    <Td>
                      <span className="block font-title">{member.name}</span>
                      <span className="block text-12 text-ink-3" title={member.subject}>
                        {member.email || member.subject}
                      </span>
                    </Td>
                    <Td>
                      {member.grants.length === 0 ? (
                        <span className="text-ink-3">none any more</span>
                      ) : (
                        rolesInWords(member.grants).map((role) => (
                          <span key={role} className="block">
                            {role}
                          </span>
                        ))
                      )}
                    </Td>
                    <Td number className="max-md:hidden">
                      <Num value={member.sessions} full />
                    </Td>
                    <Td className="whitespace-nowrap text-ink-2 max-md:hidden">
                      <Time at={member.firstSeen} />
                    </Td>
                    <Td className="whitespace-nowrap text-ink-2">
                      <Time at={member.lastSeen} />
                    </Td>
                  </Tr>
                ))}
              </tbody>
            </Table>
          );
        }}
      </Loaded>
    </Card>
  );
}
