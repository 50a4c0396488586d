import { type NextRequest, NextResponse } from 'next/server';

/**
 * Headers of every page. Nothing here decides who may see what: pages and routes ask `authorize` themselves. A fresh nonce lets exactly
 * the scripts of this answer run; styles may be inline, as the map and the charts place things by `style` attributes.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.randomUUID()).toString('base64');
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === 'development');
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('content-security-policy', policy); // Next reads the nonce of its own scripts from here
  headers.set('x-causeway-path', `${request.nextUrl.pathname}${request.nextUrl.search}`);
  headers.delete('x-middleware-subrequest');

  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value);
  if (process.env['CAUSEWAY_PUBLIC_URL']?.startsWith('https:')) {
    response.headers.set('strict-transport-security', 'max-age=63072000; includeSubDomains');
  }
  return response;
}

// Routes set their own headers. They are left out because a request that passes here has its body held in memory, and uploads are large.
export const config = { matcher: ['/((?!api/|metrics$|problems/|\\.well-known/|_next/static/|_next/image|favicon).*)'] };

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)',
  'cache-control': 'private, no-store',
};

/** A development server evaluates its modules and reloads through a socket; nothing else differs. */
function contentSecurityPolicy(nonce: string, development: boolean): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${development ? ' ws:' : ''}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
