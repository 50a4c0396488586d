'use client';
import { Upload } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { Button } from './Button.tsx';
import { cx } from './cx.ts';

/** Takes files by a button or by dropping them; `children` stand below. While it is `busy` none is taken. */
export function DropFiles({
  action,
  look,
  label,
  note,
  accept,
  multiple = false,
  busy,
  onFiles,
  className,
  children,
}: DropFilesProps) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const take = (files: FileList | null) => {
    if (files && files.length > 0 && !busy) onFiles([...files]);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
      className={cx(
        'flex flex-col gap-3 rounded-md border border-dashed',
        over ? 'border-accent bg-accent-tint' : 'border-line-strong',
        className,
      )}
    >
      <div className="flex flex-wrap items-center gap-3">
        <Button {...(look && { look })} disabled={busy} onClick={() => input.current?.click()}>
          <Upload size={14} aria-hidden="true" />
          {action}
        </Button>
        <p className="min-w-0 flex-1 basis-40 text-12 text-ink-3 max-md:basis-full">{note}</p>
        <input
          ref={input}
          type="file"
          multiple={multiple}
          className="sr-only"
          tabIndex={-1}
          aria-label={label}
          accept={accept}
          onChange={(event) => {
            take(event.target.files);
            event.target.value = '';
          }}
        />
      </div>
      {children}
    </div>
  );
}
interface DropFilesProps {
  /** Words of the button. */
  action: string;
  look?: 'primary';
  /** Name of the input, for those who do not see it. */
  label: string;
  note: ReactNode;
  accept: string;
  multiple?: boolean;
  busy: boolean;
  onFiles: (files: readonly File[]) => void;
  className: string;
  children: ReactNode;
}
