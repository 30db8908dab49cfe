// Builds the two pages, and one for wrong addresses in each language, into dist/web: hashed files beside each other, nothing inline, nothing from another host,
// compressed once here instead of at each request.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { parse } from 'yaml';
import { translator } from './words.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const locales = fileURLToPath(new URL('../../locales/', import.meta.url));

/** `virtual:texts/<namespace>`: that namespace in every language there is a folder for. */
function texts(): Plugin {
  const prefix = 'virtual:texts/';
  return {
    name: 'texts',
    resolveId: (id) => (id.startsWith(prefix) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${prefix}`)) return undefined;
      const namespace = id.slice(prefix.length + 1);
      const all: Record<string, unknown> = {};
      for (const language of readdirSync(locales).sort()) {
        const file = `${locales}${language}/${namespace}.yaml`;
        this.addWatchFile(file);
        all[language] = parse(readFileSync(file, 'utf8'));
      }
      return `export default ${JSON.stringify(all)}`;
    },
  };
}

/** The page for wrong addresses holds no script, so its words are put in here: one file for each language. */
function nowhere(): Plugin {
  return {
    name: 'nowhere',
    generateBundle() {
      const page = readFileSync(`${root}nowhere.html`, 'utf8');
      for (const language of readdirSync(locales)) {
        const t = translator(
          { [language]: parse(readFileSync(`${locales}${language}/chat.yaml`, 'utf8')) },
          language,
        );
        const source = page
          .replace('lang="en"', `lang="${language}"`)
          .replace(/\{\{([\w.]+)\}\}/g, (_whole, key: string) =>
            t(key).replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
          );
        this.emitFile({ type: 'asset', fileName: `nowhere/${language}.html`, source });
      }
    },
  };
}

function compressed(): Plugin {
  return {
    name: 'compressed',
    generateBundle(_options, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        if (!/\.(js|css|svg)$/.test(fileName)) continue;
        const source = Buffer.from(file.type === 'chunk' ? file.code : file.source);
        if (source.length < 1024) continue;
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
        this.emitFile({
          type: 'asset',
          fileName: `${fileName}.br`,
          source: brotliCompressSync(source, quality),
        });
        this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(source) });
      }
    },
  };
}

export default defineConfig({
  root,
  base: '/',
  publicDir: false,
  plugins: [texts(), react(), nowhere(), compressed()],
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    // Older targets would have `light-dark()` rewritten into something that forgets the reader's choice.
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { input: { chat: `${root}chat/index.html`, console: `${root}console/index.html` } },
  },
});
