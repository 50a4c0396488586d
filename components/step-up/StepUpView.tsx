'use client';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useState } from 'react';
import { StepUp } from '#lib/api/audit-log.ts';
import type { Problem } from '#lib/api/common.ts';
import { visibleText } from '#lib/flow/text.ts';
import { Logo } from '#components/frame/Logo.tsx';
import { ThemeButton } from '#components/frame/Theme.tsx';
import { type ApiState, useApi } from '#components/live/use-api.ts';
import { useAction } from '#components/settings/use-action.ts';
import { Button, ButtonLink } from '#components/ui/Button.tsx';
import { Empty, Failed } from '#components/ui/Faces.tsx';
import { Mark, type MarkName } from '#components/ui/Mark.tsx';
import { SkeletonRows } from '#components/ui/Skeleton.tsx';
import { Time } from '#components/ui/Time.tsx';
import { beginSignIn, pathHere, sendCommand, toldBy } from './step-up.ts';

/** How long the result stands before the page that was come from is shown again. */
const READ_MS = 1500;

interface StepUpViewProps {
  id: string;
  person: { readonly name: string; readonly subject: string };
  /** Why the sign-in that was tried last came to nothing. */
  error?: string | undefined;
}

/** The fresh sign-in before a weighty decision: what is decided and on what, the way to the provider, and after it one button that decides. */
export function StepUpView({ id, person, error }: StepUpViewProps) {
  // Ends by itself after ten minutes: it is read again so that the page never offers what is over.
  const state = useApi(`/api/v1/step-ups/${encodeURIComponent(id)}`, StepUp, { refreshMs: 15_000 });
  const [done, setDone] = useState(false);
  return (
    <main className="flex min-h-dvh flex-col items-center px-4 py-[8dvh]">
      <div className="absolute top-2.5 right-3">
        <ThemeButton />
      </div>
      <div className="flex w-full max-w-120 flex-col gap-5">
        <header className="flex flex-col gap-3">
          <p className="flex items-center gap-2.5 text-16 font-title">
            <Logo />
            Causeway
          </p>
          <h1 className="text-20 font-title">Sign in again to decide</h1>
          <p className="text-13 text-ink-2">
            You are {visibleText(person.name)}. The decision below stands in your name for good.
          </p>
        </header>
        <section aria-label="Decision" className="rounded-md border border-line bg-surface">
          <Body state={state} subject={person.subject} error={error} done={done} onDone={() => setDone(true)} />
        </section>
      </div>
    </main>
  );
}

function Body({ state, subject, error: tried, done, onDone }: BodyProps) {
  const { data, error, reload } = state;
  if (!data)
    return error ? <NotShown problem={error} onRetry={reload} /> : <SkeletonRows rows={6} label="Loading the decision" />;
  return (
    <>
      <Facts stepUp={data} />
      <div className="border-t border-line">
        {done ? <Done stepUp={data} /> : <Next stepUp={data} subject={subject} tried={tried} onDone={onDone} onSeen={reload} />}
      </div>
    </>
  );
}
interface BodyProps {
  state: ApiState<StepUp>;
  /** `issuer|sub` of whoever looks. */
  subject: string;
  error: string | undefined;
  done: boolean;
  onDone: () => void;
}

function NotShown({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  if (problem.status !== 404) return <Failed problem={problem} onRetry={onRetry} />;
  return (
    <Empty title="No decision of yours waits here" action={<ButtonLink href="/">Start page</ButtonLink>}>
      It is another person’s, or it was cleared away. Decide again on the page of the gate; that leads to a sign-in of your own.
    </Empty>
  );
}

/** What is to be decided, on what evidence, with what words. */
function Facts({ stepUp }: { stepUp: StepUp }) {
  const { evidenceHash, comment, reason, ticket } = toldBy(stepUp);
  return (
    <div className="flex flex-col gap-3 p-4">
      <h2 className="text-16 font-title wrap-anywhere">{visibleText(stepUp.purpose)}</h2>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-13">
        {evidenceHash !== undefined && (
          <Fact name="On evidence">
            <code className="font-mono text-12 wrap-anywhere">sha256:{visibleText(evidenceHash)}</code>
          </Fact>
        )}
        {reason !== undefined && reason !== '' && <Fact name="Reason">{visibleText(reason)}</Fact>}
        {ticket !== undefined && ticket !== '' && <Fact name="Ticket">{visibleText(ticket)}</Fact>}
        {comment !== undefined && comment !== '' && <Fact name="Comment">{visibleText(comment)}</Fact>}
        <Fact name="Asked">
          <Time at={stepUp.askedAt} />
        </Fact>
        {(stepUp.state === 'asked' || stepUp.state === 'verified') && (
          <Fact name="Ends">
            <Time at={stepUp.expiresAt} />
          </Fact>
        )}
      </dl>
    </div>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-ink-3">{name}</dt>
    <dd className="wrap-anywhere">{children}</dd>
  </>
);

/** What can be done now, by the state of the step-up. */
function Next({ stepUp, subject, tried, onDone, onSeen }: NextProps) {
  switch (stepUp.state) {
    case 'asked':
      return <SignInAgain stepUp={stepUp} subject={subject} tried={tried} />;
    case 'verified':
      return <Decide stepUp={stepUp} onDone={onDone} onSeen={onSeen} />;
    case 'used':
      return (
        <Over stepUp={stepUp} mark="pass" title="This sign-in has been used">
          Each sign-in counts for one decision. What became of it stands on the page you came from.
        </Over>
      );
    case 'expired':
      return (
        <Over stepUp={stepUp} mark="stale" title="This has expired">
          More than ten minutes have passed since it was asked for; nothing was decided. Decide again on the page you came from:
          it leads here with a fresh request.
        </Over>
      );
    case 'refused':
      return (
        <Over stepUp={stepUp} mark="fail" title="This sign-in does not count">
          <span className="block first-letter:uppercase">{visibleText(stepUp.reason)}</span>
          <span className="mt-2 block">
            Nothing was decided. Try again from the page you came from and use your second factor; if it is refused again, show
            the sentence above to whoever runs the sign-in.
          </span>
        </Over>
      );
  }
}

interface NextProps {
  stepUp: StepUp;
  subject: string;
  /** Why the sign-in that was tried last came to nothing. */
  tried: string | undefined;
  onDone: () => void;
  /** It may have changed: read it again. */
  onSeen: () => void;
}

function SignInAgain({ stepUp, subject, tried }: Pick<NextProps, 'stepUp' | 'subject' | 'tried'>) {
  const { busy, problem, run } = useAction();
  const [going, setGoing] = useState(false);
  const begin = () =>
    run(async () => {
      const url = await beginSignIn(stepUp, subject);
      setGoing(true);
      window.location.assign(url);
    });
  return (
    <div className="flex flex-col gap-3 p-4">
      <p className="text-13 text-ink-2">
        This decision needs a fresh sign-in with a second factor. You come back here afterwards; nothing is decided before you
        press the last button.
      </p>
      {tried !== undefined && !problem && (
        <p role="alert" className="flex items-center gap-2 text-13">
          <Mark name="fail" />
          <span>{tried}</span>
        </p>
      )}
      {problem && <Failed problem={problem} className="p-0" />}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" disabled={busy || going} onClick={() => void begin()}>
          {busy || going ? 'Going to the sign-in' : 'Sign in again'}
        </Button>
        <Back stepUp={stepUp}>Not now</Back>
      </div>
    </div>
  );
}

function Decide({ stepUp, onDone, onSeen }: { stepUp: StepUp; onDone: () => void; onSeen: () => void }) {
  const router = useRouter();
  const { busy, problem, run } = useAction();
  const again = problem?.type === '/problems/step-up-required' ? problem.place?.['stepUp'] : undefined;
  const decide = async () => {
    if (await run(() => sendCommand(stepUp))) onDone();
    // Refused or not, it may be used up now.
    else onSeen();
  };
  return (
    <div className="flex flex-col gap-3 p-4">
      <output className="flex items-center gap-2 text-13">
        <Mark name="pass" />
        You have signed in afresh. It counts for this decision only.
      </output>
      {problem && <Failed problem={problem} className="p-0" />}
      <div className="flex flex-wrap gap-2">
        {typeof again === 'string' ? (
          <Button look="primary" onClick={() => router.push(`/step-up/${encodeURIComponent(again)}`)}>
            Sign in for it again
          </Button>
        ) : (
          <Button
            look={stepUp.command.path.endsWith('/break-glass') ? 'danger' : 'primary'}
            className="h-auto min-h-9 max-w-full py-1 text-left whitespace-normal md:min-h-7"
            disabled={busy}
            onClick={() => void decide()}
          >
            {visibleText(stepUp.purpose)}
          </Button>
        )}
        <Back stepUp={stepUp}>{problem ? 'Back to the gate' : 'Not now'}</Back>
      </div>
    </div>
  );
}

/** It went through: said for a moment, then back to where the person came from. */
function Done({ stepUp }: { stepUp: StepUp }) {
  const router = useRouter();
  useEffect(() => {
    const timer = setTimeout(() => router.replace(pathHere(stepUp.returnTo, window.location.origin)), READ_MS);
    return () => clearTimeout(timer);
  }, [router, stepUp.returnTo]);
  return (
    <div className="flex flex-col gap-3 p-4">
      <output className="flex items-center gap-2 text-13 font-title">
        <Mark name="pass" />
        Done. It stands in the history of the gate.
      </output>
      <div>
        <Back stepUp={stepUp}>Back to the gate</Back>
      </div>
    </div>
  );
}

function Over({ stepUp, mark, title, children }: { stepUp: StepUp; mark: MarkName; title: string; children: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-2 p-4">
      <output className="flex items-center gap-2 text-13 font-title">
        <Mark name={mark} />
        {title}
      </output>
      <p className="max-w-prose text-13 wrap-anywhere text-ink-2">{children}</p>
      <div className="mt-1">
        <Back stepUp={stepUp}>Back to where you came from</Back>
      </div>
    </div>
  );
}

/** Leads back. The server's word is not enough for where to: it stays on this console. */
function Back({ stepUp, children }: { stepUp: StepUp; children: ReactNode }) {
  const router = useRouter();
  return <Button onClick={() => router.push(pathHere(stepUp.returnTo, window.location.origin))}>{children}</Button>;
}
