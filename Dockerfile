# Node runs the sources as they are (type stripping), so there is nothing to build: one stage fetches the packages, the
# other holds them and the sources, without npm's cache and without the developer packages. The base image brings Node 24;
# the npm package `node` is a developer package and stays out.
FROM node:24.11.1-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.11.1-slim
ENV NODE_ENV=production \
    STEMMA_HOST=0.0.0.0 \
    STEMMA_PORT=4000 \
    STEMMA_HOME=/home/node/.stemma
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json schema.graphql ./
COPY bin ./bin
COPY cypher ./cypher
COPY docs/api.md ./docs/api.md
COPY src ./src
# a named volume takes its owner from the directory in the image
RUN mkdir -p "$STEMMA_HOME" && chown node:node "$STEMMA_HOME"
USER node
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.STEMMA_PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/cli.ts", "serve"]
