# syntax=docker/dockerfile:1
# Causeway: one image for every part (`up`, `web`, `ingest`, `db migrate`). Runs as an ordinary user with a read-only root;
# only /data is written. Example: docker run --read-only --tmpfs /tmp -v causeway:/data -p 3000:3000 -e OIDC_ISSUER=... causeway:0.1.0
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /src
ENV NEXT_TELEMETRY_DISABLED=1 CHECKPOINT_DISABLE=1
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
COPY prisma ./prisma
COPY prisma.config.ts ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund --ignore-scripts

FROM node:24.21.0-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 CAUSEWAY_ROOT=/app
COPY --from=build /src/package.json ./package.json
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/bin ./bin
COPY --from=build /src/dist ./dist
COPY --from=build /src/proto ./proto
COPY --from=build /src/prisma/migrations ./prisma/migrations
COPY --from=build /src/.next/standalone ./.next/standalone
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/api/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/causeway.mjs"]
CMD ["up", "--host", "0.0.0.0", "--port", "3000", "--data", "/data"]
