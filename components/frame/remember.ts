/** What the frame remembers on this browser, as cookies, so that the server draws it right the first time. No secret, no identity. */
export const MEMORY = { cluster: 'causeway-cluster', rail: 'causeway-rail' } as const;

/** Remembers `value` for a year. */
export function remember(name: keyof typeof MEMORY, value: string): void {
  document.cookie = `${MEMORY[name]}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
}
