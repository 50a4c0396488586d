// Stands in for the `server-only` package where tests and the command-line bundle run server modules outside Next.
export {};
