'use client';
import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import type { Problem } from '#lib/api/common.ts';
import type { SignInOptions } from '#lib/api/sign-in.ts';
import { Logo } from '#components/frame/Logo.tsx';
import { initialsOf } from '#components/frame/person.ts';
import { postAuth } from '#components/frame/session.ts';
import { ThemeButton } from '#components/frame/Theme.tsx';
import { problemOf } from '#components/live/api.ts';
import { Button } from '#components/ui/Button.tsx';
import { Failed } from '#components/ui/Faces.tsx';
import { Mark } from '#components/ui/Mark.tsx';

/** The door: the provider's button where one is configured, the demo users in demo mode, and what went wrong before. */
export function SignIn({ options, next, error }: { options: SignInOptions; next: string; error: string | undefined }) {
  const [going, setGoing] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const enter = async (path: string, fields: Readonly<Record<string, string>>) => {
    setGoing(fields['user'] ?? path);
    setProblem(undefined);
    try {
      const url = await postAuth(path, { ...fields, callbackUrl: next });
      // A full load: the frame is drawn for whoever has signed in now.
      window.location.assign(url);
    } catch (failure) {
      setProblem(problemOf(failure));
      setGoing('');
    }
  };
  const { oidc, demoUsers } = options;

  return (
    <main className="flex min-h-dvh flex-col items-center px-4 py-[12dvh]">
      <div className="absolute top-2.5 right-3">
        <ThemeButton />
      </div>
      <div className="flex w-full max-w-100 flex-col gap-5">
        <header className="flex flex-col gap-3">
          <p className="flex items-center gap-2.5 text-16 font-title">
            <Logo />
            Causeway
          </p>
          <h1 className="text-20 font-title">Sign in</h1>
        </header>
        {error !== undefined && problem === undefined && (
          <p role="alert" className="flex gap-2.5 rounded-md border border-line bg-drop-tint p-3 text-13">
            <Mark name="fail" className="mt-1" />
            <span>{error}</span>
          </p>
        )}
        {problem !== undefined && (
          <div className="rounded-md border border-line bg-surface">
            <Failed problem={problem} />
          </div>
        )}
        {oidc !== undefined && (
          <Button
            look="primary"
            className="h-10 w-full md:h-9"
            disabled={going !== ''}
            onClick={() => void enter('signin/oidc', {})}
          >
            {going === 'signin/oidc' ? `Going to ${oidc.name}` : `Continue with ${oidc.name}`}
          </Button>
        )}
        {demoUsers.length > 0 && (
          <section aria-labelledby="demo" className="rounded-md border border-line bg-surface">
            <div className="border-b border-line px-4 py-3">
              <h2 id="demo" className="text-14 font-title">
                Demo users
              </h2>
              <p className="text-12 text-ink-3">
                One for each role, without a password. They exist only in demo mode on this machine.
              </p>
            </div>
            <ul>
              {demoUsers.map((user) => (
                <li key={user.id} className="border-t border-line first:border-t-0">
                  <button
                    type="button"
                    disabled={going !== ''}
                    onClick={() => void enter('callback/demo', { user: user.id })}
                    className="ring-focus group flex w-full items-center gap-3 rounded-md px-4 py-2.5 text-left hover:bg-hover disabled:opacity-60"
                  >
                    <span
                      aria-hidden="true"
                      className="inline-flex size-8 shrink-0 items-center justify-center rounded-full border border-line-strong bg-hover text-12 font-title text-ink-2"
                    >
                      {initialsOf(user.name)}
                    </span>
                    <span className="min-w-0 flex-1">
                      <span className="block text-13 font-title">{user.name}</span>
                      <span className="block text-12 text-ink-3">{user.description}</span>
                    </span>
                    <ArrowRight size={16} aria-hidden="true" className="text-ink-3 group-hover:text-ink" />
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        {oidc === undefined && demoUsers.length === 0 && (
          <div className="rounded-md border border-line bg-surface p-4 text-13 text-ink-2">
            <p className="font-title text-ink">No way to sign in is set up</p>
            <p className="mt-1">
              Set <code className="font-mono text-12">OIDC_ISSUER</code>,{' '}
              <code className="font-mono text-12">OIDC_CLIENT_ID</code> and{' '}
              <code className="font-mono text-12">OIDC_CLIENT_SECRET</code> for this console and start it again, or start it in
              demo mode on a loopback address.
            </p>
          </div>
        )}
      </div>
    </main>
  );
}
