/** The mark of Causeway: a way on piers over water. In the ink of the text beside it. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      className="shrink-0"
    >
      <path d="M1.5 10h21M7 4.5V14M17 4.5V14M1.5 9C4 8.4 6 7 7 4.5c1 2.6 2.7 4 5 4s4-1.4 5-4c1 2.5 3 3.9 5.5 4.5" />
      <path d="M2 18.5c1.6-1.3 3.3-1.3 5 0s3.3 1.3 5 0 3.3-1.3 5 0 3.3 1.3 5 0" />
    </svg>
  );
}
