import { cx } from '#components/ui/cx.ts';
import { YamlLine } from './YamlLine.tsx';

/** YAML to read, with the lines that are new marked by a plus as well as by colour. */
export function YamlBlock({ yaml, added = [], label, className }: YamlBlockProps) {
  const fresh = new Set(added);
  const lines = yaml.replace(/\n$/, '').split('\n');
  return (
    <pre
      aria-label={label}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
      tabIndex={0}
      className={cx(
        'ring-focus max-h-96 overflow-auto rounded-md border border-line bg-sunken py-2 font-mono text-12 leading-4.5 text-code-str',
        className,
      )}
    >
      <code className="block w-max min-w-full">
        {lines.map((line, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a line is its place
          <span key={index} className={cx('block pr-3', fresh.has(index + 1) && 'bg-fwd-tint')}>
            {fresh.size > 0 && (
              <span className="inline-block w-6 pl-3 text-fwd-text select-none">
                {fresh.has(index + 1) && (
                  <>
                    <span aria-hidden="true">+</span>
                    <span className="sr-only">new: </span>
                  </>
                )}
              </span>
            )}
            <span className={cx(fresh.size === 0 && 'pl-3')}>
              <YamlLine line={line} />
            </span>
            {'\n'}
          </span>
        ))}
      </code>
    </pre>
  );
}
interface YamlBlockProps {
  yaml: string;
  /** Lines that are new, from 1. */
  added?: readonly number[];
  label: string;
  className?: string;
}
