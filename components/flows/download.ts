/** Hands a text to the person as a file. Browser only. */
export function downloadText(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the blob after the click returns.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** `aegis-production-flows-2026-03-02T14-03-00Z.csv`. */
export const fileName = (cluster: string, what: string, ending: string, now: number): string =>
  `${cluster}-${what}-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}Z.${ending}`;
