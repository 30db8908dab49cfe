# The pages are built in the first stage; the second holds only what runs.
FROM node:24-slim AS build
WORKDIR /otklik
COPY package.json package-lock.json .puppeteerrc.cjs ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /otklik
COPY --from=build /otklik/node_modules ./node_modules
COPY --from=build /otklik/dist ./dist
COPY package.json ./
COPY src ./src
COPY locales ./locales
COPY flows ./flows
RUN mkdir -p /data node_modules/.cache && chown node:node /data node_modules/.cache
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD node -e "fetch('http://127.0.0.1:'+(process.env.PORT||3000)+'/healthz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
CMD ["node", "--max-semi-space-size=2", "src/start.js"]
