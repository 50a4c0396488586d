import { handle } from '#lib/http/handle.ts';

export const GET = handle('GET /api/v1/me', async ({ actor }) => {
  const { subject, name, email, kind, demo, grants, sessionId, expiresAt } = actor;
  return {
    subject,
    name,
    email,
    kind,
    demo,
    grants: [...grants],
    ...(sessionId !== undefined && { sessionId }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
});
