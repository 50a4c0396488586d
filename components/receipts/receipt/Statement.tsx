import Link from 'next/link';
import { visibleText } from '#lib/flow/text.ts';
import type { StatementPart } from '#lib/receipts/statement.ts';
import { VerdictText } from '#components/ui/Mark.tsx';
import { cx } from '#components/ui/cx.ts';
import { shortHash } from '../receipt-words.ts';

/** Leads from a fact of the statement to what it names; undefined where there is nothing to lead to. */
export type PartHref = (part: StatementPart) => string | undefined;

const MONO: ReadonlySet<StatementPart['kind']> = new Set(['key', 'node', 'policy', 'subject']);

/** The sentence of a receipt, its facts marked. */
export function Statement({ parts, hrefOf, className }: StatementProps) {
  return (
    <p className={cx('max-w-[70ch] text-16 leading-6.5 wrap-anywhere', className)}>
      {parts.map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of one sentence have no other name, and keep their order
        <Part key={index} part={part} href={hrefOf?.(part)} />
      ))}
    </p>
  );
}
interface StatementProps {
  parts: readonly StatementPart[];
  hrefOf?: PartHref;
  className?: string;
}

function Part({ part, href }: { part: StatementPart; href: string | undefined }) {
  if (part.kind === 'words') return <>{part.text}</>;
  if (part.kind === 'verdict') return <VerdictText verdict={part.text} className="font-title" />;
  const text = part.kind === 'key' ? shortHash(part.text) : visibleText(part.text);
  const look = cx(
    'underline decoration-control-line decoration-dotted underline-offset-4',
    MONO.has(part.kind) && 'font-mono text-14',
    part.kind === 'key' && 'whitespace-nowrap',
  );
  if (href === undefined)
    return (
      <span className={look} title={text === part.text ? undefined : part.text}>
        {text}
      </span>
    );
  return (
    <Link
      href={href}
      title={text === part.text ? undefined : part.text}
      className={cx(look, 'ring-focus rounded-sm hover:decoration-ink')}
    >
      {text}
    </Link>
  );
}
