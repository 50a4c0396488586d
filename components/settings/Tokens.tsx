'use client';
import { parseAsBoolean, useQueryState } from 'nuqs';
import { useState } from 'react';
import { type Grant, type TokenCreated, type TokenInfo, TokenList, MemberList } from '#lib/api/people.ts';
import { rolesInWords } from '#components/frame/person.ts';
import { NO_BODY, callApi } from '#components/live/api.ts';
import { Loaded } from '#components/live/Loaded.tsx';
import { useApi } from '#components/live/use-api.ts';
import { useNow } from '#components/live/use-now.ts';
import { Button } from '#components/ui/Button.tsx';
import { Card } from '#components/ui/Card.tsx';
import { CopyButton } from '#components/ui/CopyButton.tsx';
import { Empty } from '#components/ui/Faces.tsx';
import { cx } from '#components/ui/cx.ts';
import { utc } from '#components/ui/format.ts';
import { Mark } from '#components/ui/Mark.tsx';
import { Table, Td, Th, Tr } from '#components/ui/Table.tsx';
import { Time } from '#components/ui/Time.tsx';
import { Confirm } from './Confirm.tsx';
import { ShownOnce } from './ShownOnce.tsx';
import { TokenDrawer } from './TokenDrawer.tsx';

/** Tokens for programs. A secret is shown once, when it is made; only its hash is kept. */
export function Tokens({ mayManage, grants, clusters }: TokensProps) {
  const state = useApi('/api/v1/tokens', TokenList, { refreshMs: 30_000 });
  const [adding, setAdding] = useQueryState('new', parseAsBoolean.withDefault(false).withOptions({ history: 'push' }));
  const [created, setCreated] = useState<TokenCreated>();
  // Who may read tokens may read members: a name says more than the subject of a sign-in provider.
  const { data: people } = useApi('/api/v1/members', MemberList);
  const nameOf = (subject: string) => people?.members.find((member) => member.subject === subject)?.name ?? subject;
  return (
    <>
      {created && (
        <ShownOnce name={created.name} secret={created.secret} onDone={() => setCreated(undefined)}>
          It is shown only now. Copy it to where the program reads it; nobody can look it up later.
        </ShownOnce>
      )}
      <Card
        title="API tokens"
        hint="for programs that read this console"
        aside={
          mayManage && (
            <Button look="primary" onClick={() => void setAdding(true)}>
              Create token
            </Button>
          )
        }
        flush
      >
        <Loaded state={state}>
          {({ tokens }) =>
            tokens.length === 0 ? (
              <Empty
                title="No token yet"
                action={
                  <CopyButton text={COMMAND} label="Copy command">
                    <span className="max-w-[68vw] truncate font-mono text-12">{COMMAND}</span>
                  </CopyButton>
                }
              >
                A program sends its token as a bearer with each request. One can be made here, or on the console&apos;s host:
              </Empty>
            ) : (
              <Table caption="API tokens" className="md:table-fixed">
                <thead>
                  <tr>
                    <Th>Token</Th>
                    <Th>Rights</Th>
                    <Th className="max-md:hidden">Made</Th>
                    <Th className="max-md:hidden">Last used</Th>
                    <Th>Ends</Th>
                    <Th className="md:w-60">
                      <span className="sr-only">Actions</span>
                    </Th>
                  </tr>
                </thead>
                <tbody>
                  {tokens.map((token) => (
                    <TokenRow
                      key={token.id}
                      token={token}
                      maker={nameOf(token.createdBy)}
                      mayManage={mayManage}
                      onRevoked={state.reload}
                    />
                  ))}
                </tbody>
              </Table>
            )
          }
        </Loaded>
      </Card>
      {mayManage && adding && (
        <TokenDrawer
          grants={grants}
          clusters={clusters}
          onClose={() => void setAdding(null)}
          onCreated={(token) => {
            setCreated(token);
            void setAdding(null);
            state.reload();
          }}
        />
      )}
    </>
  );
}
interface TokensProps {
  mayManage: boolean;
  /** Of the person who makes the token: it can never do more. */
  grants: readonly Grant[];
  clusters: readonly { readonly id: string; readonly name: string }[];
}

const COMMAND = 'npm run -s causeway -- token create --name NAME --role viewer';

function TokenRow({ token, maker, mayManage, onRevoked }: TokenRowProps) {
  const now = useNow();
  const ended = token.revokedAt !== undefined || (token.expiresAt !== undefined && now > 0 && token.expiresAt < now);
  return (
    <Tr dense={false} className="align-top *:py-2">
      <Td>
        <span className={cx('block font-title', ended && 'text-ink-3 line-through')}>{token.name}</span>
        <span className="block font-mono text-12 text-ink-3 max-md:max-w-22 max-md:truncate">{token.prefix}…</span>
      </Td>
      <Td>
        {rolesInWords(token.grants).map((role) => (
          <span key={role} className="block">
            {role}
          </span>
        ))}
      </Td>
      <Td className="text-ink-2 max-md:hidden">
        <Time at={token.createdAt} className="whitespace-nowrap" />
        <span className="block max-w-40 truncate text-12 text-ink-3" title={token.createdBy}>
          by {maker}
        </span>
      </Td>
      <Td className="whitespace-nowrap text-ink-2 max-md:hidden">
        <Time at={token.lastUsed} why="never used" />
      </Td>
      <Td className="whitespace-nowrap text-ink-2">
        {token.revokedAt === undefined ? (
          <Time at={token.expiresAt} why="no end" />
        ) : (
          <span className="flex items-center gap-1.5" title={utc(token.revokedAt)}>
            <Mark name="fail" />
            revoked <Time at={token.revokedAt} />
          </span>
        )}
      </Td>
      <Td className="text-right">
        {mayManage && !ended && (
          <Confirm
            button="Revoke"
            question={`Revoke ${token.name}?`}
            effect={
              token.lastUsed === undefined
                ? 'It was never used. It stops working at once and cannot be brought back.'
                : 'Programs that use it are refused from their next request on. It cannot be brought back.'
            }
            action={async () => {
              await callApi(`/api/v1/tokens/${encodeURIComponent(token.id)}`, NO_BODY, { method: 'DELETE' });
              onRevoked();
            }}
          />
        )}
      </Td>
    </Tr>
  );
}
interface TokenRowProps {
  token: TokenInfo;
  /** Name of whoever made it. */
  maker: string;
  mayManage: boolean;
  onRevoked: () => void;
}
