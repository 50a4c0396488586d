'use client';
import { type ReactNode, useRef } from 'react';
import { Button } from '#components/ui/Button.tsx';

/** A button that asks for files. They are read in this browser. */
export function FileButton({ label, accept, multiple = false, size = 'sm', onFiles, children }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button size={size} onClick={() => input.current?.click()} className="print:hidden">
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        className="sr-only"
        tabIndex={-1}
        aria-label={label}
        accept={accept}
        multiple={multiple}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          if (files.length > 0) onFiles(files);
          target.value = '';
        }}
      />
    </>
  );
}
interface FileButtonProps {
  /** Name of the input, for those who do not see it. */
  label: string;
  accept: string;
  multiple?: boolean;
  size?: 'sm' | 'md';
  onFiles: (files: readonly File[]) => void;
  children: ReactNode;
}
